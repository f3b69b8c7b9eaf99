from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Skill
from adaptive.models import replay
from adaptive.models.baseline import Baseline
from adaptive.models.normal_logit import attenuation
from adaptive.protocols import AbilityPrior, Items, Skills


def attempts() -> list[Attempt]:
    """q1 on halves: 3 of 4 right; q2 on both skills: 1 of 2; one study row that must not count."""
    of_q1 = [Attempt(f"a{i}", "ann", "q1", ("halves",), float(i < 3), sequence=i) for i in range(4)]
    of_q2 = [Attempt(f"b{i}", "ben", "q2", ("halves", "sums"), float(i), sequence=i) for i in range(2)]
    return [*of_q1, *of_q2, Attempt("c", "cyd", "q1", ("halves",), None, study=True)]


@pytest.fixture
def model() -> Baseline:
    return Baseline().fit(AttemptTable.from_attempts(attempts()))


def p_correct(model: Baseline, items: Items) -> list[float]:
    return [float(p) for p in model.predict(model.initial_state(), items, None).p_correct]


def test_means_are_shrunken_as_stated(model: Baseline) -> None:
    overall = (4 + 1) / (6 + 2)
    halves, sums = (4 + 10 * overall) / (6 + 10), (1 + 10 * overall) / (2 + 10)
    of_both = expit((logit(halves) + logit(sums)) / 2)
    expected = [(3 + 5 * halves) / (4 + 5), (1 + 5 * of_both) / (2 + 5), sums, of_both, overall, overall]
    items = Items(
        ("q1", "q2", "new", "other", "strange", "bare"), (("halves",), ("halves", "sums"), ("sums",), ("sums", "halves"), ("x",), ())
    )
    assert p_correct(model, items) == pytest.approx(expected, abs=1e-12)


def test_practice_moves_nothing_without_a_placement(model: Baseline) -> None:
    assert replay(model, attempts()[:4]) == model.initial_state()


def test_a_placement_is_what_mastery_says_and_practice_overrides_it(model: Baseline) -> None:
    start = model.initial_state(AbilityPrior(("halves",), np.array([2.0]), np.array([[0.5]])))
    skills = Skills(("halves", "sums"))
    mastery = model.mastery(start, skills, None)
    assert mastery.p_mastered[0] == pytest.approx(norm.sf(np.log(4.0), loc=2.0, scale=np.sqrt(0.5)), abs=1e-9)
    assert mastery.expected_success[0] == pytest.approx(expit(2.0 / attenuation(0.5)), abs=1e-9)
    unplaced = model.mastery(model.initial_state(), skills, None)
    assert mastery.expected_success[1] == unplaced.expected_success[1]
    wrong = [Attempt(f"a{i}", "ann", "q1", ("halves",), 0.0, sequence=i) for i in range(8)]
    assert model.mastery(replay(model, wrong, start), skills, None).expected_success[0] < unplaced.expected_success[0]
    assert replay(model, attempts()[-1:], start) == start


def test_unpractised_items_of_a_catalogue_move_with_their_skill() -> None:
    skills = (Skill("halves", difficulty=0.0),)
    items = (Item("q1", ("halves",), difficulty=0.0), Item("hard", ("halves",), difficulty=2.0))
    day_zero = Baseline(Catalog("c", skills=skills, items=items))
    columns = Items(("q1", "hard"), (("halves",), ("halves",)))
    easy, hard = p_correct(day_zero, columns)
    assert (easy, hard) == pytest.approx((0.5, expit(-2.0 / attenuation(1.0))), abs=1e-9)
    always_right = [Attempt(f"a{i}", "ann", "q1", ("halves",), 1.0, sequence=i) for i in range(90)]
    fitted = day_zero.fit(AttemptTable.from_attempts(always_right))
    skill_mean = (90 + 10 * 0.5) / (90 + 10)
    assert p_correct(fitted, columns)[1] == pytest.approx(expit(logit(skill_mean) - 2.0 / attenuation(1.0)), abs=1e-9)


def test_time_does_not_matter(model: Baseline) -> None:
    items = Items(("q1",), (("halves",),))
    at = datetime(2030, 1, 1, tzinfo=UTC)
    assert model.predict(model.initial_state(), items, at).p_correct[0] == p_correct(model, items)[0]


def test_a_table_without_evidence_has_no_loss() -> None:
    fitted = Baseline().fit(AttemptTable.from_attempts(attempts()[-1:]))
    assert np.isnan(fitted.training_log_loss)
    assert p_correct(fitted, Items(("q1",), (("halves",),))) == [0.5]
