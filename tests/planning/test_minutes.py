"""Simulated practice against the process that it stands for, and the table that is made from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.domain import Item, Skill
from adaptive.models import build_model
from adaptive.planning import MinutesToMastery, PracticeSettings, SimulatedMinutes
from adaptive.planning.likeness import first_alike, probe
from adaptive.planning.minutes import minutes_to_mastery
from adaptive.planning.practice import NOT_REACHED, ModelPractice, TwoStatePractice, attempts_to_mastery, practice_teaches
from adaptive.planning.simulation import P_GRID
from tests.planning.worlds import mastery_of

CATALOG = Catalog(
    "c",
    skills=(Skill("s0", difficulty=-0.5), Skill("s1", difficulty=0.5), Skill("s2")),
    items=(Item("a", ("s0",)), Item("b", ("s0",)), Item("c", ("s0", "s1")), Item("d", ("s1",), retired=True)),
)


def slow_two_state(p_known: float, *, n: int, cap: int, rng: np.random.Generator, learner: TwoStatePractice) -> np.ndarray:
    """Oracle: each learner has a hidden state, answers by it, learns, and is watched by the filter written out."""
    needed = np.full(n, NOT_REACHED)
    for index in range(n):
        known, believed = rng.random() < p_known, p_known
        for n_done in range(cap + 1):
            if believed >= 0.95:
                needed[index] = n_done
                break
            correct = rng.random() < (0.9 if known else 0.2)
            right, wrong = believed * 0.9, believed * 0.1
            believed = right / (right + (1 - believed) * 0.2) if correct else wrong / (wrong + (1 - believed) * 0.8)
            believed += (1 - believed) * learner.learn
            known = known or rng.random() < learner.learn
    return needed


@pytest.mark.parametrize("p_known", [0.05, 0.4, 0.8])
def test_attempts_are_distributed_as_those_of_learners_with_a_hidden_state(p_known: float) -> None:
    """Two-sample comparison of distribution functions at six points: 4,000 learners each, SE of a difference at most
    .0112; a false alarm beyond 4 SE (.045) has a chance below 4e-4 over all points. Rounding to three digits adds less."""
    learner = TwoStatePractice(learn=0.1)
    quick = attempts_to_mastery(learner, p_known, n=4000, cap=40, rng=np.random.default_rng(1))
    slow = slow_two_state(p_known, n=4000, cap=40, rng=np.random.default_rng(2), learner=learner)
    for limit in (2, 4, 7, 12, 20, 40):
        share = [((needed != NOT_REACHED) & (needed <= limit)).mean() for needed in (quick, slow)]
        assert share[0] == pytest.approx(share[1], abs=0.045)


def test_every_learner_is_counted_once_and_those_who_fail_come_last() -> None:
    needed = attempts_to_mastery(TwoStatePractice(learn=0.02), 0.1, n=73, cap=12, rng=np.random.default_rng(0))
    assert len(needed) == 73
    reached = needed[needed != NOT_REACHED]
    assert 0 < len(reached) < 73
    assert (np.diff(reached) >= 0).all()
    assert (needed[len(reached) :] == NOT_REACHED).all()


def test_practice_that_only_finds_out_does_not_count_as_teaching() -> None:
    assert practice_teaches(TwoStatePractice(learn=0.05))
    assert not practice_teaches(TwoStatePractice(learn=0.0))
    assert not practice_teaches(ModelPractice.of(build_model("baseline", CATALOG), "s0", ("a",)))


def test_minutes_count_at_least_three_attempts_and_stop_at_the_cap() -> None:
    found = minutes_to_mastery(np.array([[0, 5, 9, NOT_REACHED]]), PracticeSettings(seconds_per_item=30.0, max_attempts=12))
    assert found.minutes.tolist() == [[1.5, 2.5, 4.5, 6.0]]
    assert found.p_reached.tolist() == [0.75]


def simulated(model: str = "logistic") -> SimulatedMinutes:
    return SimulatedMinutes(build_model(model, CATALOG), CATALOG, PracticeSettings(n_learners=20, max_attempts=20))


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    fresh, used = simulated(), simulated()
    used(mastery_of([0.9, 0.1, 0.6]))
    asked = mastery_of([0.3, 0.7, 0.2])
    np.testing.assert_array_equal(fresh(asked).minutes, used(asked).minutes)
    np.testing.assert_array_equal(fresh(asked).p_reached, used(asked).p_reached)


def test_order_of_the_skills_is_the_order_of_the_rows() -> None:
    minutes = simulated()
    forward, mastery = minutes(mastery_of([0.3, 0.7, 0.2])), mastery_of([0.2, 0.7, 0.3])
    backward = minutes(replace(mastery, skill_ids=("s2", "s1", "s0")))
    np.testing.assert_array_equal(forward.minutes, backward.minutes[::-1])


def test_between_two_points_of_the_table_minutes_are_interpolated() -> None:
    minutes = simulated("baseline")
    low, middle, high = (minutes(mastery_of([p])) for p in (P_GRID[1], (P_GRID[1] + P_GRID[2]) / 2, P_GRID[2]))
    np.testing.assert_allclose(middle.minutes, (low.minutes + high.minutes) / 2)
    np.testing.assert_allclose(middle.p_reached, (low.p_reached + high.p_reached) / 2)


def test_whoever_is_likelier_to_know_needs_fewer_minutes() -> None:
    minutes = simulated("baseline")
    means = [float(minutes(mastery_of([p])).minutes.mean()) for p in (0.0, 0.3, 0.6, 0.9, 1.0)]
    assert means == sorted(means, reverse=True)
    assert minutes(mastery_of([1.0])).minutes.max() == pytest.approx(3 * 0.75)  # three attempts of 45 seconds


def test_model_in_which_practice_teaches_is_simulated_itself_and_the_others_say_so() -> None:
    asked = mastery_of([0.2, 0.2, 0.2])
    assert any("standard learner" in line for line in simulated("baseline")(asked).assumptions)
    assert any("45 seconds" in line for line in simulated("baseline")(asked).assumptions)


def test_items_of_the_skill_alone_are_practised_first_and_none_that_is_retired() -> None:
    taken = {skill_id: simulated()._item_ids(skill_id) for skill_id in ("s0", "s1", "s2")}
    assert taken == {"s0": ("a", "b"), "s1": ("c",), "s2": ("an item on s2",)}


def test_skills_practised_alike_share_rows_and_their_learners() -> None:
    """A day-zero BKT knows all skills alike, so 60 of them need no more rows than one; 16 x 50 learners stand behind each.

    Oracle: 4,000 learners of the same process. The mean of 800 has an SE of .06 minutes (measured: grouped draws spread less than
    chance); a false alarm beyond .4 minutes or beyond 4 SE of a share (.01) has a chance below 1e-3 over all points.
    """
    catalog = Catalog("wide", skills=tuple(Skill(f"s{k}") for k in range(60)))
    model = build_model("bkt", catalog)
    minutes = SimulatedMinutes(model, catalog)
    found = minutes(mastery_of(np.tile(P_GRID[:3], 20)))
    assert len(minutes._table) == 4  # the three points and the one above
    assert found.minutes.shape == (60, 50)
    own = ModelPractice.of(model, "s7", minutes._item_ids("s7"))
    for point in range(3):
        attempts = attempts_to_mastery(own, float(P_GRID[point]), n=4000, cap=60, rng=np.random.default_rng(5))
        oracle = minutes_to_mastery(attempts[None, :], PracticeSettings())
        assert found.minutes[point].mean() == pytest.approx(oracle.minutes.mean(), abs=0.4)
        assert found.p_reached[point] == pytest.approx(oracle.p_reached[0], abs=0.01)


def test_skills_that_teach_otherwise_share_nothing() -> None:
    slow, fast = TwoStatePractice(learn=0.1), TwoStatePractice(learn=0.15)
    probed = np.array([probe(practice) for practice in (slow, fast, slow)])
    assert first_alike(probed, within=5e-4).tolist() == [0, 1, 0]
    assert first_alike(np.array([probe(TwoStatePractice(learn=0.0)), probe(slow)])[:, :, 1], within=0.05).tolist() == [0, 1]


def test_nothing_asked_gives_nothing() -> None:
    found: MinutesToMastery = simulated()(mastery_of([]))
    assert found.minutes.shape == (0, 20)
    assert found.quantiles(0.5).shape == (0, 1)


def test_catalogue_without_skills_needs_no_minutes() -> None:
    empty = Catalog("empty")
    assert SimulatedMinutes(build_model("bkt", empty), empty)(mastery_of([])).minutes.shape == (0, 50)
