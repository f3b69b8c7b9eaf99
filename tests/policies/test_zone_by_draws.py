"""The zone by its definition: the event equals the slow way, and the zone and its labels keep their promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.models.information import information_of_forecast
from adaptive.policies import LABELS, Links, ThresholdPolicy, ZoneSettings, find_zone, label_items, take, zone_event
from adaptive.protocols import Candidates, Forecast, Ints, Items, Outlook

SETTINGS = ZoneSettings()
SEEDS = st.integers(0, 2**32 - 1)
Mask = NDArray[np.bool_]


class World:
    """A random small bank and random draws of a learner over it; every skill and edge as likely as the next."""

    def __init__(self, seed: int, n_draws: int = 7) -> None:
        rng = np.random.default_rng(seed)
        self.n_skills, self.n_items = int(rng.integers(1, 6)), int(rng.integers(1, 8))
        self.skills_of = [
            sorted(rng.choice(self.n_skills, rng.integers(0, min(3, self.n_skills) + 1), False).tolist()) for _ in range(self.n_items)
        ]
        pairs = [(j, k) for k in range(self.n_skills) for j in range(k) if rng.random() < 0.4]
        self.edges = [(j, k, float(rng.choice([1.0, 0.6]))) for j, k in pairs]
        self.success = rng.random((n_draws, self.n_skills)) * 0.6 + 0.4
        self.gain = np.maximum(rng.normal(0.3, 0.3, (n_draws, self.n_items)), 0.0)
        self.among = rng.random(self.n_items) < 0.8

    @property
    def links(self) -> Links:
        links = [(i, k) for i, run in enumerate(self.skills_of) for k in run]
        of_items, of_skills = (np.array([link[side] for link in links], dtype=np.int64) for side in (0, 1))
        before, after = (np.array([edge[side] for edge in self.edges], dtype=np.int64) for side in (0, 1))
        weight = np.array([edge[2] for edge in self.edges], dtype=np.float64)
        return Links(self.n_items, self.n_skills, of_items, of_skills, before, after, weight)

    def event(self) -> Mask:
        return zone_event(self.success, self.gain, self.links, self.among, SETTINGS)


def the_slow_way(world: World) -> list[list[bool]]:
    """The definition of the policy page, word by word, on each draw."""
    told = []
    for m, g in zip(world.success, world.gain, strict=True):
        ready_unmastered = []
        for run in world.skills_of:
            ready = all(1.0 - w * (1.0 - m[j]) >= 0.65 for j, k, w in world.edges if k in run)
            ready_unmastered.append(ready and any(m[k] < 0.80 for k in run))
        best = max((g[i] for i in range(world.n_items) if ready_unmastered[i] and world.among[i]), default=0.0)
        told.append([ready_unmastered[i] and g[i] > 0.0 and g[i] >= 0.5 * best for i in range(world.n_items)])
    return told


@given(SEEDS)
def test_the_event_is_the_definition_told_the_slow_way(seed: int) -> None:
    world = World(seed)
    assert world.event().tolist() == the_slow_way(world)


@given(SEEDS)
def test_other_names_for_skills_and_items_permute_the_event(seed: int) -> None:
    world = World(seed)
    before = world.event()
    rng = np.random.default_rng(seed)
    new_skill, new_item = rng.permutation(world.n_skills), rng.permutation(world.n_items)
    world.success = world.success[:, np.argsort(new_skill)]
    world.edges = [(int(new_skill[j]), int(new_skill[k]), w) for j, k, w in world.edges]
    old_item = np.argsort(new_item)
    world.skills_of = [[int(new_skill[k]) for k in world.skills_of[i]] for i in old_item]
    world.gain, world.among = world.gain[:, old_item], world.among[old_item]
    assert (world.event()[:, new_item] == before).all()


@given(SEEDS, st.integers(0, 7))
def test_a_duplicate_item_shares_its_probability_and_changes_no_other(seed: int, which: int) -> None:
    world = World(seed)
    before, i = world.event(), which % world.n_items
    world.skills_of.append(world.skills_of[i])
    world.gain = np.hstack([world.gain, world.gain[:, [i]]])
    world.among, world.n_items = np.append(world.among, world.among[i]), world.n_items + 1
    after = world.event()
    assert (after[:, -1] == after[:, i]).all()
    assert (after[:, :-1] == before).all()


@given(SEEDS)
def test_more_success_on_a_prerequisite_closes_no_item_that_stands_on_it(seed: int) -> None:
    """With equal gains, an item alone in question is in the event wherever it was, as its prerequisites rise."""
    world = World(seed)
    for i, run in enumerate(world.skills_of):
        world.gain, world.among = np.ones_like(world.gain), np.arange(world.n_items) == i
        before, success = world.event()[:, i], world.success
        needed = {j for j, k, _ in world.edges if k in run} - set(run)
        world.success = success + np.isin(np.arange(world.n_skills), list(needed)) * (1.0 - success) / 2.0
        assert (before <= world.event()[:, i]).all()
        world.success = success


def test_an_item_that_teaches_nothing_or_has_no_skill_is_never_in_the_event() -> None:
    links = Links(2, 1, np.array([0]), np.array([0]), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    assert not zone_event(np.full((4, 1), 0.5), np.array([[0.0, 1.0]] * 4), links, np.ones(2, np.bool_), SETTINGS).any()


def test_half_the_best_gain_is_enough_and_the_threshold_itself_is_mastered() -> None:
    links = Links(3, 3, np.arange(3), np.arange(3), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    success, gain = np.array([[0.5, 0.5, 0.80]]), np.array([[0.25, 0.5, 9.0]])
    assert zone_event(success, gain, links, np.ones(3, np.bool_), SETTINGS).tolist() == [[True, True, False]]


def drawn(
    p_correct: list[float], z: list[float], *, low: float = 0.3, p_mastered: float = 0.2, back: list[bool] | None = None
) -> Candidates:
    n, p = len(p_correct), np.array(p_correct)
    items = Items(tuple(f"q{i}" for i in range(n)), (("s",),) * n)
    outlook = Outlook(np.full(n, low), np.array(back or [False] * n))
    return Candidates(items, Forecast(p, p, p), np.full(n, p_mastered), np.ones(n), np.array(z), np.full(n, 0.1), "learn", outlook)


def test_the_zone_is_likely_in_the_band_and_not_a_guess() -> None:
    seen = drawn([0.7, 0.7, 0.95, 0.45, 0.5, 0.9], [0.9, 0.49, 0.9, 0.9, 0.5, 0.5])
    assert find_zone(seen, SETTINGS).members.tolist() == [True, False, False, False, True, True]
    unsure = drawn([0.7], [0.9], low=0.24)
    assert find_zone(unsure, SETTINGS).relaxed == ("diagnostic",)
    two_state = replace(unsure, forecast=replace(unsure.forecast, is_two_state=True))
    assert find_zone(two_state, SETTINGS).relaxed == ()


def test_the_band_is_not_asked_of_a_two_state_forecast() -> None:
    """P(correct) near guess or 1 - slip says that the skill is not known or is, not that the item is too hard or too easy."""
    seen = drawn([0.15, 0.7, 0.95], [0.9, 0.9, 0.9], low=0.1)
    assert find_zone(replace(seen, forecast=replace(seen.forecast, is_two_state=True)), SETTINGS).members.all()
    assert find_zone(seen, SETTINGS).relaxed == ("diagnostic",)


@pytest.mark.parametrize(
    ("candidates", "relaxed", "members"),
    [
        (drawn([0.7, 0.95], [0.9, 0.9]), (), [True, False]),
        (drawn([0.97, 0.95], [0.9, 0.4]), ("upper bound",), [True, False]),
        (drawn([0.7, 0.7, 0.6], [0.4, 0.1, 0.2]), ("zone probability",), [True, False, True]),
        (drawn([0.4, 0.3, 0.36], [0.9, 0.9, 0.8]), ("lower bound",), [True, False, True]),
        (drawn([0.7, 0.2], [0.0, 0.0], back=[False, True]), ("prerequisites",), [False, True]),
        (drawn([0.2, 0.1], [0.9, 0.9]), ("diagnostic",), [True, True]),
        (drawn([0.7], [0.0], p_mastered=0.99), ("anything",), [True]),
    ],
)
def test_an_empty_zone_relaxes_in_the_order_of_the_definition_and_says_so(
    candidates: Candidates, relaxed: tuple[str, ...], members: list[bool]
) -> None:
    zone = find_zone(candidates, SETTINGS)
    assert (zone.relaxed, zone.members.tolist()) == (relaxed, members)
    assert len(ThresholdPolicy().weigh(candidates).notes) == len(relaxed)


def test_the_diagnostic_item_is_the_one_whose_answer_tells_most() -> None:

    seen, p = drawn([0.2, 0.2, 0.2], [0.0] * 3), np.full(3, 0.2)
    low, high = (expit(-1.4 + sign * np.array([2.5, 1.1, 1.8])) for sign in (-1.0, 1.0))
    told = replace(seen, forecast=Forecast(p, low, high))
    nats = information_of_forecast(told.forecast)
    assert nats[1] < 0.5 * nats[0] < nats[2] < nats[0]
    assert find_zone(told, SETTINGS).members.tolist() == [True, False, True]


@st.composite
def any_drawn(draw: st.DrawFn) -> tuple[Candidates, Ints]:
    rng, n = np.random.default_rng(draw(SEEDS)), draw(st.integers(1, 9))
    p, z, p_mastered, low, gain = rng.random((5, n))
    p_mastered = np.where(rng.random(n) < 0.3, 0.99, p_mastered)
    outlook = Outlook(p * low, rng.random(n) < 0.2)
    items = Items(tuple(f"q{i}" for i in range(n)), (("s",),) * n)
    return Candidates(items, Forecast(p, p * low, np.sqrt(p)), p_mastered, np.ones(n), z, gain, "learn", outlook), rng.integers(0, 5, n)


@given(any_drawn())
def test_some_item_is_always_found_and_an_unmastered_one_where_there_is_one(world: tuple[Candidates, Ints]) -> None:
    candidates, _ = world
    zone = find_zone(candidates, SETTINGS)
    assert zone.members.any()
    unmastered = candidates.p_mastered < 0.95
    assert unmastered[zone.members].all() == unmastered.any()
    assert (zone.relaxed == ("anything",)) == (not unmastered.any())


@given(any_drawn())
def test_each_item_has_one_label_the_first_that_holds(world: tuple[Candidates, Ints]) -> None:
    candidates, n_attempts = world
    members = find_zone(candidates, SETTINGS).members
    labels = label_items(candidates, n_attempts, members, SETTINGS)
    nats = information_of_forecast(candidates.forecast)
    for i, label in enumerate(labels):
        holds = {
            "mastered": candidates.p_mastered[i] >= 0.95,
            "unknown": nats[i] > 0.1 and n_attempts[i] < 3,
            "zone": members[i],
            "out_of_reach": True,
        }
        assert label == next(name for name in LABELS if holds[name])


@given(any_drawn(), SEEDS)
def test_what_is_taken_keeps_its_columns_together(world: tuple[Candidates, Ints], seed: int) -> None:
    candidates, _ = world
    order = np.random.default_rng(seed).permutation(len(candidates.items))
    taken = take(candidates, order)
    assert candidates.outlook is not None
    assert taken.outlook is not None
    assert taken.outlook.p_correct_low.tolist() == candidates.outlook.p_correct_low[order].tolist()
    assert find_zone(taken, SETTINGS).members.tolist() == find_zone(candidates, SETTINGS).members[order].tolist()


def test_a_model_without_draws_is_never_called_ignorant() -> None:
    seen = drawn([0.7, 0.2], [0.9, 0.9])
    seen = replace(seen, forecast=Forecast(seen.forecast.p_correct, np.full(2, 0.02), np.full(2, 0.98)), outlook=None)
    assert (information_of_forecast(seen.forecast) > SETTINGS.informative_from).all()
    assert label_items(seen, np.zeros(2, np.int64), np.array([True, False]), SETTINGS) == ("zone", "out_of_reach")
