"""What an attempt teaches: by the learner's rate, the skill's, challenge, readiness, massing; filter, draws and simulation agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import READY_AT, Attempt, Item, Prerequisite, Skill
from adaptive.models import replay, walk
from adaptive.models.state_space import DAY_ZERO, OFF, Hyperparameters, StateSpaceIrt, simulate
from adaptive.models.state_space.parameters import Spreads
from adaptive.protocols import Items, Skills

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
EVERY_NAME = frozenset(Hyperparameters._fields)
TEACHING = OFF._replace(gain_right=0.4, gain_wrong=0.4, gain_exposure=0.4)
CERTAIN = TEACHING._replace(ability_sd=0.0)
"""Learners of whom nothing is unsure: everyone begins at 0 in every skill."""


def studied(n: int, item: str = "q1", skills: tuple[str, ...] = ("a",), hours: float | None = None) -> Attempt:
    at = None if hours is None else START + timedelta(hours=hours)
    return Attempt(f"a{n}", "ann", item, skills, None, study=True, sequence=n, occurred_at=at)


def answered(n: int, item: str, skill: str, correct: float) -> Attempt:
    return Attempt(f"a{n}", "ann", item, (skill,), correct, sequence=n)


def ability(model: StateSpaceIrt, attempts: list[Attempt], skill: str = "a") -> float:
    """The mean ability in a skill of which no more is known than what practice brought."""
    state = replay(model, attempts)
    known = state.skills[skill]
    return float(known.mean + np.dot(known.slope, state.mean))


def known_items(catalog: Catalog, h: Hyperparameters) -> StateSpaceIrt:
    """Items are exactly as hard as the catalogue states."""
    model = StateSpaceIrt(catalog, hyperparameters=h)
    sure = replace(model.fitted.bank, spreads=Spreads(item=0.0, skill=0.0, discrimination=0.0))
    return model._become(replace(model.fitted, bank=sure), EVERY_NAME)


def at_rates(model: StateSpaceIrt) -> StateSpaceIrt:
    """`a` is learned at half the pace of `c`, `b` at twice."""
    skills = replace(model.fitted.skills, rate=np.array([0.5, 2.0, 1.0]))
    return StateSpaceIrt()._become(replace(model.fitted, skills=skills), EVERY_NAME)


def chain(prerequisite_difficulty: float = 1.0, weight: float = 1.0) -> Catalog:
    """`b` and `c` build on `a`, `c` on `b` too; one item a skill, and one of `a` and `b` together."""
    skills = (Skill("a", difficulty=prerequisite_difficulty), Skill("b", difficulty=0.5), Skill("c", difficulty=-0.5))
    edges = (Prerequisite("a", "b", weight), Prerequisite("a", "c", 0.4), Prerequisite("b", "c"))
    items = (*(Item(f"q{name}", (name,)) for name in "abc"), Item("qab", ("a", "b")))
    return Catalog("chain", skills=skills, items=items, prerequisites=edges)


def test_who_gained_much_on_one_skill_is_expected_to_gain_more_on_another() -> None:
    """Skills without any ability in common; before practice of it the other skill is alike for both, to the bit."""
    model = StateSpaceIrt(hyperparameters=TEACHING._replace(ability_sd=0.0, skill_sd=1.0, rate_sd=1.0))
    items, skills, rises, gains = Items(("x",), (("b",),)), Skills(("b",)), {}, {}
    for score in (0.0, 1.0):
        first = [studied(n, f"q{n}") for n in range(8)] + [answered(8 + n, f"q{8 + n}", "a", score) for n in range(6)]
        state = replay(model, first)
        before, after = (model.item_logits(each, items, None)[0][0] for each in (state, model.update(state, studied(20, "y", ("b",)))))
        assert before == 0.0
        rises[score] = after - before
        drawn = model.draw(state, items, skills, n=4000, at=None, rng=np.random.default_rng(0))
        gains[score] = model.expected_gain(drawn, items, timedelta(0)).mean()
    assert rises[1.0] > 0.4 * 1.2 > 0.4 * 0.8 > rises[0.0]
    assert gains[1.0] > 1.3 * gains[0.0]


def test_gains_and_what_is_lent_fall_far_from_an_even_chance() -> None:
    """1 - c + c 4 p (1 - p) at a learner and items that are known; an exposure, so that no answer moves anything."""
    stated = (-3.0, 0.0, 3.0)
    catalog = Catalog("c", skills=(Skill("a", difficulty=0.0),), items=tuple(Item(f"q{d}", ("a",), difficulty=d) for d in stated))
    h = CERTAIN._replace(challenge=0.8, skill_form_exposure=0.5, skill_form_kept=1.0)
    model = known_items(catalog, h)
    of_items = [replay(model, [studied(0, f"q{d}")]).skills["a"] for d in stated]
    p = expit(-model.fitted.bank.offsets(model._items(Items(tuple(f"q{d}" for d in stated), (("a",),) * 3)).columns))
    share = 0.2 + 0.8 * 4.0 * p * (1.0 - p)
    np.testing.assert_allclose([each.mean for each in of_items], 0.4 * share, rtol=1e-12)
    np.testing.assert_allclose([each.form for each in of_items], 0.5 * share, rtol=1e-12)
    assert of_items[1].mean == pytest.approx(0.4)
    assert max(of_items[0].mean, of_items[2].mean) < 0.3


def test_a_learner_less_well_known_is_challenged_less_surely() -> None:
    """The mean of 4 p (1 - p) over a normal ability, by quadrature, within .03."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(101)
    for sd in (0.5, 1.0, 2.0):
        h = TEACHING._replace(ability_sd=sd, challenge=1.0)
        catalog = Catalog("c", skills=(Skill("a", difficulty=0.0),), items=(Item("easy", ("a",), difficulty=-1.0),))
        model = known_items(catalog, h)
        difficulty = model.fitted.bank.offsets(model._items(Items(("easy",), (("a",),))).columns)
        p = expit(sd * nodes - difficulty)
        exact = (weights * 4.0 * p * (1.0 - p)).sum() / weights.sum()
        assert ability(model, [studied(0, "easy")]) / 0.4 == pytest.approx(exact, abs=0.03)


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_before_its_time_a_skill_is_taught_less(weight: float) -> None:
    """readiness ** gate, of the prerequisite's success by its weight; who is ready gains in full, and the prerequisite itself too."""
    model = known_items(chain(weight=weight), CERTAIN._replace(gate=1.5))
    typical = model.fitted.bank.typical(("a",))[0]
    ready = (1.0 - weight * (1.0 - expit(-typical))) / READY_AT
    assert ready < 1.0
    assert ability(model, [studied(0, "qb", ("b",))], "b") == pytest.approx(0.4 * ready**1.5, rel=1e-12)
    assert ability(model, [studied(0, "qa", ("a",))]) == pytest.approx(0.4, rel=1e-12)
    first = [studied(n, "qa", ("a",)) for n in range(9)]
    assert ability(model, [*first, studied(9, "qb", ("b",))], "b") == pytest.approx(0.4, rel=1e-12)
    ungated = known_items(chain(weight=weight), CERTAIN)
    assert ability(ungated, [studied(0, "qb", ("b",))], "b") == pytest.approx(0.4, rel=1e-12)


MOVED = CERTAIN._replace(
    gain_exposure=0.3,
    challenge=0.5,
    gate=1.5,
    massing=0.6,
    saturation=0.1,
    skill_form_exposure=0.3,
    skill_form_kept=0.8,
    weakest=2.0,
    skill_forgetting=0.1,
    skill_form_forgetting=0.3,
    time_scale=600.0,
)


def exposures(n: int = 60) -> list[Attempt]:
    """Study in the chain at random, a quarter of it at unknown times; every fourth row is of a skill and its prerequisite together."""
    rng, hours, rows = np.random.default_rng(2), 0.0, []
    for i, code in enumerate(rng.integers(4, size=n).tolist()):
        hours += float(rng.exponential(scale=2.0))
        item, skills = (("qa", ("a",)), ("qb", ("b",)), ("qc", ("c",)), ("qab", ("a", "b")))[code]
        rows.append(studied(i, item, skills, None if rng.random() < 0.25 else hours))
    return rows


def test_the_filter_and_the_simulation_teach_a_known_learner_alike() -> None:
    """To 1e-9, through gate, challenge, massing and both kinds of forgetting: with nothing unsure both are one trajectory."""
    model, codes = known_items(chain(), MOVED), AttemptTable.from_attempts(exposures()).codes()
    truth, found = simulate(model.fitted, codes, np.random.default_rng(0)), model.table_logits(codes)
    np.testing.assert_allclose(found.mean, truth.logit, rtol=0, atol=1e-9)
    assert np.ptp(truth.logit) > 0.5


def test_draws_expect_what_the_filter_teaches_a_known_learner() -> None:
    """To 1e-9 now: the rise of success on the typical item from one attempt, with a prerequisite not ready and a practice just before."""
    h = MOVED._replace(skill_form_exposure=0.0, skill_forgetting=0.0, skill_form_forgetting=0.0, gain_right=0.3, gain_wrong=0.3)
    model, at = known_items(chain(), h), START + timedelta(hours=2)
    for skill in "bc":
        item, skills = Items((f"q{skill}",), ((skill,),)), Skills((skill,))
        state = replay(model, [studied(0, "qa", ("a",), 0.5), studied(1, f"q{skill}", (skill,), 1.5)])
        drawn = model.draw(state, item, skills, n=3, at=at, rng=np.random.default_rng(0))
        after = model.update(state, studied(2, f"q{skill}", (skill,), 2.0))
        then = model.draw(after, item, skills, n=3, at=at, rng=np.random.default_rng(0)).skill_success[:, 0]
        risen = then - drawn.skill_success[:, 0]
        np.testing.assert_allclose(model.expected_gain(drawn, item, timedelta(0))[:, 0], risen, rtol=0, atol=1e-9)
        assert np.all(risen > 0.01)


def test_a_learner_in_service_is_the_learner_of_the_table_with_prerequisites() -> None:
    rng, catalog = np.random.default_rng(5), chain(weight=0.7)
    h = DAY_ZERO._replace(gate=2.0, rate_sd=0.8, challenge=0.6, massing=0.6, gain_right=0.4, gain_wrong=0.2, skill_forgetting=0.2)
    model = at_rates(StateSpaceIrt(catalog, hyperparameters=h))
    rows = [
        replace(row, learner_id=learner, attempt_id=f"{learner}{row.attempt_id}", correct=float(rng.random()), study=rng.random() < 0.3)
        for learner in ("ann", "bob")
        for row in [*exposures(40), studied(40, "elsewhere", ("unheard of", "c"), 999.0)]
    ]
    table = AttemptTable.from_attempts(rows)
    found = model.table_logits(table.codes())
    slow = [
        model.item_logits(state, Items((row.item_id,), (row.skill_ids,)), row.occurred_at)
        for _, history in table.histories()
        for state, row in walk(model, history)
    ]
    np.testing.assert_allclose(found.mean, [mean[0] for mean, _ in slow], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.variance, [variance[0] for _, variance in slow], rtol=0, atol=1e-9)
    flat = at_rates(StateSpaceIrt(catalog, hyperparameters=h._replace(gate=0.0)))
    assert np.abs(flat.table_logits(table.codes()).mean - found.mean).max() > 0.01


def test_massed_practice_teaches_less_than_spaced() -> None:
    """The second of two practices gains 1 - massing / (1 + hours since) of its share; all of it where times are unknown."""
    model = StateSpaceIrt(hyperparameters=CERTAIN._replace(massing=0.5))
    second = [ability(model, [studied(0, hours=0.0), studied(1, "q2", hours=hours)]) - 0.4 for hours in (0.0, 1.0, 9.0)]
    assert second == pytest.approx([0.2, 0.3, 0.38])
    assert ability(model, [studied(0), studied(1, "q2")]) == pytest.approx(0.8)
    elsewhere = [studied(0, hours=0.0), studied(1, "q2", ("b",), hours=0.0)]
    assert ability(model, elsewhere, "b") == pytest.approx(0.4)  # practice of another skill masses nothing


def test_form_fades_by_its_own_time() -> None:
    """Half of what was lent is there after three time scales; ability stays, and the other way round."""
    lent = OFF._replace(ability_sd=0.0, gain_exposure=0.4, skill_form_exposure=1.0, skill_form_kept=1.0, time_scale=3600.0)
    of_form, of_ability = ({"skill_form_forgetting": 0.5}, {"skill_forgetting": 0.5})
    for forgetting, expected in ((of_form, 0.4 + 0.5), (of_ability, 0.2 + 1.0)):
        model = StateSpaceIrt(hyperparameters=lent._replace(**forgetting))
        state, items = replay(model, [studied(0, hours=0.0)]), Items(("q1", "q1"), (("a",), ("new",)))
        mean = model.item_logits(state, items, START + timedelta(hours=3))[0]
        assert mean[0] - mean[1] == pytest.approx(expected)


def test_form_is_again_as_unsure_as_ever_when_its_time_has_gone() -> None:
    model = StateSpaceIrt(hyperparameters=OFF._replace(skill_form_sd=1.0, skill_form_kept=1.0, skill_form_forgetting=1.0))
    seen = [replace(answered(n, f"q{n}", "a", 1.0), occurred_at=START) for n in range(5)]
    state, items = replay(model, seen), Items(("x",), (("a",),))
    soon, late = (model.item_logits(state, items, START + timedelta(days=days))[1][0] for days in (0, 4000))
    own = replay(StateSpaceIrt(hyperparameters=OFF), seen)
    assert late > soon + 0.2
    assert late - float(state.covariance[0]) - 1.0 == pytest.approx(1.0, abs=1e-6)  # items are of variance 1 before any data
    assert len(own.skills) == 1
