"""What each of the six families is held to: the protocol, and what is true of learners in all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from adaptive.domain import MASTERED_AT
from adaptive.evaluation.laboratory import AnswerFamily, Family, GainFamily
from adaptive.evaluation.laboratory.families import FAMILIES
from adaptive.protocols import Floats, Ints

N_LEARNERS, N_SKILLS = 40, 15
FORGETTING = ("bkt", "growth", "windows", "conjunctive")

State = Mapping[str, Any]


@pytest.fixture(params=FAMILIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make(name: str, seed: int = 0, **sizes: int) -> Family:
    return FAMILIES[name](np.random.default_rng(seed), **{"n_skills": N_SKILLS, **sizes})


@pytest.fixture
def world(name: str) -> Family:
    return make(name)


@pytest.fixture
def practised(world: Family) -> State:
    """Learners after some practice, so that no part of their state is at its beginning."""
    rng = np.random.default_rng(1)
    return world.rest(after(world, world.learners(N_LEARNERS, rng), rng, 30), 2.0, rng)


def after(world: Family, state: State, rng: np.random.Generator, n: int, items: Ints | None = None) -> State:
    """The learners after n answers each, drawn by their true probabilities, to these items or to any."""
    everyone = np.arange(len(next(iter(state.values()))))
    for _ in range(n):
        item = rng.choice(np.arange(len(world.item_skills)) if items is None else items, len(everyone))
        correct = (rng.random(len(everyone)) < world.p_correct(state)[everyone, item]).astype(np.float64)
        state = world.practise(state, item, correct, rng)
    return state


def test_it_is_a_family_that_knows_its_gain(world: Family, name: str) -> None:
    assert isinstance(world, GainFamily)
    assert world.name == name


def test_shapes_and_ranges(world: Family, practised: State) -> None:
    for values, n in ((world.p_correct(practised), len(world.item_skills)), (world.success(practised), N_SKILLS)):
        assert values.shape == (N_LEARNERS, n)
        assert values.dtype == np.float64
        assert values.min() > 0.0
        assert values.max() < 1.0
    assert {len(array) for array in practised.values()} == {N_LEARNERS}
    gain = world.gain(practised, 14.0)  # type: ignore[attr-defined]  # every one of the six has it
    assert gain.shape == (N_LEARNERS, len(world.item_skills))
    assert np.isfinite(gain).all()


def test_the_chance_on_one_item_each_is_that_among_all_items(world: Family, practised: State) -> None:
    assert isinstance(world, AnswerFamily)
    item = np.random.default_rng(1).integers(len(world.item_skills), size=len(world.success(practised)))
    np.testing.assert_allclose(world.p_answer(practised, item), world.p_correct(practised)[np.arange(len(item)), item], rtol=1e-12)


def test_skills_have_ten_to_fifty_items_each_of_skills_that_there_are(name: str) -> None:
    world = make(name)
    skills = [skill for of_item in world.item_skills for skill in of_item]
    assert set(skills) == set(range(N_SKILLS))
    assert all(len(set(of_item)) == len(of_item) > 0 for of_item in world.item_skills)
    if name != "conjunctive":  # there an item counts for each of its skills, and links are wrong
        counts = np.bincount(skills)
        assert counts.min() >= 10
        assert counts.max() <= 50


def test_a_world_has_15_to_40_skills_unless_asked_for_otherwise(name: str) -> None:
    drawn = [len({skill for of_item in FAMILIES[name](np.random.default_rng(seed)).item_skills for skill in of_item}) for seed in range(4)]
    assert all(15 <= n <= 40 for n in drawn)
    assert len(set(drawn)) > 1
    more = 40 if name == "deep" else 60  # as many as its network knows
    assert {skill for of_item in make(name, n_skills=more).item_skills for skill in of_item} == set(range(more))


def test_prerequisites_are_acyclic_and_in_layers(world: Family, name: str) -> None:
    if name == "deep":  # nothing in its network gates, and no graph comes with the attempts
        assert not world.prerequisites
        return
    before, after = np.array(world.prerequisites).T
    assert (before < after).all()  # skills are in an order that every prerequisite precedes
    assert len(set(world.prerequisites)) == len(world.prerequisites)
    assert set(range(N_SKILLS)) - set(after.tolist())  # some need nothing


def test_nothing_changes_the_state_it_is_given(world: Family, practised: State) -> None:
    before = {name: array.copy() for name, array in practised.items()}
    for array in practised.values():
        array.flags.writeable = False
    rng = np.random.default_rng(2)
    world.p_correct(practised), world.success(practised), world.gain(practised, 14.0)  # type: ignore[attr-defined]
    world.practise(practised, np.arange(N_LEARNERS), np.ones(N_LEARNERS), rng)
    world.rest(practised, 3.0, rng)
    assert all(np.array_equal(before[name], array) for name, array in practised.items())


def test_one_seed_gives_one_world_and_one_course_of_practice(name: str) -> None:
    ends = []
    for _ in range(2):
        world, rng = make(name, seed=7), np.random.default_rng(8)
        ends.append(world.success(world.rest(after(world, world.learners(5, rng), rng, 10), 1.0, rng)))
    assert np.array_equal(*ends)
    other = make(name, seed=9)
    assert not np.array_equal(ends[0], other.success(other.learners(5, np.random.default_rng(8))))


def test_learners_are_rows_that_can_be_picked(world: Family, practised: State) -> None:
    """Oracles, particles and training populations pick and repeat rows; a learner is the same among others."""
    chosen = np.array([3, 3, 17])
    picked = {name: array[chosen] for name, array in practised.items()}
    assert np.allclose(world.p_correct(picked), world.p_correct(practised)[chosen], rtol=0.0, atol=1e-12)
    assert np.allclose(world.success(picked), world.success(practised)[chosen], rtol=0.0, atol=1e-12)


def test_unpractised_learners_have_something_to_learn(name: str) -> None:
    """Mean over three worlds of the default sizes; learnt is what is there, neither all nor nothing."""
    success = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        world = FAMILIES[name](rng)
        success.append(world.success(world.learners(200, rng)).mean())
    assert 0.3 < np.mean(success) < 0.6


def test_practice_lifts_success_on_the_skill(world: Family) -> None:
    """On the first skill, which builds on nothing, forty answers; of 40 learners' mean, so that chance has no part in it."""
    rng = np.random.default_rng(3)
    state = world.learners(N_LEARNERS, rng)
    items = np.array([i for i, of_item in enumerate(true_skills(world)) if of_item == (0,)])
    lifted = world.success(after(world, state, rng, 40, items))[:, 0].mean() - world.success(state)[:, 0].mean()
    assert lifted > 0.1


def test_success_falls_by_rest_where_a_family_forgets(world: Family, practised: State, name: str) -> None:
    later = world.success(world.rest(practised, 14.0, np.random.default_rng(4))).mean()
    now = world.success(practised).mean()
    if name in FORGETTING:
        assert later < now
    else:
        assert later == now


def test_some_learners_come_to_master_skills(world: Family) -> None:
    rng = np.random.default_rng(5)
    state = world.learners(N_LEARNERS, rng)
    share = [np.mean(world.success(at) >= MASTERED_AT) for at in (state, after(world, state, rng, 200))]
    assert share[1] > share[0]


def true_skills(world: Family) -> list[tuple[int, ...]]:
    return [tuple(of_item) for of_item in getattr(world, "true_item_skills", world.item_skills)]


@pytest.mark.parametrize("days", [0.0, 14.0])
def test_gain_is_what_trying_the_item_gives_on_average(name: str, days: float) -> None:
    """Within 4.5 standard errors of the mean of 4,000 trials: with 8 items a family and 12 cases, a false alarm in one run of 1,500."""
    world, rng = make(name), np.random.default_rng(6)
    state = after(world, world.learners(8, rng), rng, 30)
    gain = world.gain(state, days)  # type: ignore[attr-defined]
    # The learners' better half of items, and any: most items of a random draw are worth next to nothing.
    items = np.where(np.arange(8) % 2, rng.integers(0, gain.shape[1], 8), np.argsort(gain, axis=1)[:, -5])
    found = _tried(world, state, items, days, 4000, rng)
    expected = gain[np.arange(8), items]
    error = found.std(axis=1) / np.sqrt(found.shape[1])
    assert (np.abs(found.mean(axis=1) - expected) <= 4.5 * error + 1e-9).all()
    assert (np.abs(expected) > 0).any()


def _tried(world: Family, state: State, item: Ints, days: float, n: int, rng: np.random.Generator) -> Floats:
    """(n_learners, n) rise of mean success by trying, against twins who do not; the same chances befall both where they can."""
    each = np.repeat(np.arange(len(item)), n)
    twins = {name: array[each] for name, array in state.items()}
    correct = (rng.random(len(each)) < world.p_correct(state)[each, item[each]]).astype(np.float64)
    tried = world.practise(twins, item[each], correct, rng)

    def later(twin: State, seed: int) -> Floats:
        rested = world.rest(twin, days, np.random.default_rng(seed)) if days else twin
        return world.success(rested).mean(axis=1)

    rise: Callable[[], Floats] = lambda: later(tried, 10) - later(twins, 10)  # noqa: E731
    return rise().reshape(len(item), n)
