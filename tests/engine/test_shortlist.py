"""Two stages choose as one: kinds of items first, then the items of the best kinds, against a pass over all items."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.engine import Engine, RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerFold, LearnerState
from adaptive.engine.recommending import DecisionContext, Recommender
from adaptive.models import build_model, replay
from adaptive.policies import (
    ExpectedGainPolicy,
    NewItems,
    Place,
    RuledPolicy,
    RuleSettings,
    Shortlist,
    ThresholdPolicy,
    ZoneSettings,
    session_rules,
)
from adaptive.protocols import Candidates
from adaptive.storage import Store

from .conftest import START, attempt_of

SEEDS = st.integers(0, 2**32 - 1)
EVERYTHING = 10**9
SAME = 1e-9
"""Sums of the same doubles in another order."""


@dataclass(frozen=True)
class World:
    """A random bank, a learner in the middle of it, and a request: duplicates, items of up to three skills, retired and excluded ones."""

    catalog: Catalog
    state: LearnerState[Any]  # Any: the model's own state
    request: RecommendationRequest
    model: Any  # Any: as above

    @classmethod
    def of(cls, seed: int, name: str) -> World:
        rng = np.random.default_rng(seed)
        n_skills, n_items = int(rng.integers(1, 9)), int(rng.integers(2, 60))
        hard = np.sort(rng.normal(scale=1.5, size=n_skills))
        items = [cls._item(i, n_skills, hard, rng) for i in range(n_items)]
        items += [replace(items[int(i)], item_id=f"again{n}") for n, i in enumerate(rng.integers(0, n_items, 5))]
        edges = [
            Prerequisite(f"s{j}", f"s{k}", float(rng.choice([1.0, 0.6]))) for k in range(n_skills) for j in range(k) if rng.random() < 0.3
        ]
        catalog = Catalog(
            "random", "logit", tuple(Skill(f"s{k}", difficulty=float(hard[k])) for k in range(n_skills)), tuple(items), tuple(edges)
        )
        model = build_model(name, catalog)
        right = rng.random()
        history = [
            Attempt(f"a{n}", "ann", item.item_id, item.skill_ids, float(rng.random() < right), START + timedelta(minutes=7 * n))
            for n, item in enumerate(items[int(i)] for i in rng.integers(0, n_items, int(rng.integers(0, 40))))
        ]
        excluded = tuple(item.item_id for item in items if rng.random() < 0.1)
        place = Place(int(rng.integers(0, 3)), float(rng.choice([0.5, 20.0])))
        goal = tuple(f"s{k}" for k in range(n_skills) if rng.random() < 0.3)
        request = RecommendationRequest("ann", int(rng.integers(1, 5)), goal, "learn", excluded, place=place)
        return cls(catalog, replay(LearnerFold(model), history), request, model)

    @staticmethod
    def _item(i: int, n_skills: int, hard: Any, rng: np.random.Generator) -> Item:  # Any: doubles
        run = rng.choice(n_skills, min(int(rng.choice([1, 1, 1, 2, 3])), n_skills), replace=False)
        difficulty = float(hard[run].mean() + rng.normal(scale=1.5))
        return Item(f"q{i}", tuple(f"s{k}" for k in run), difficulty=difficulty, retired=bool(rng.random() < 0.1))

    def recommender(self, policy: RuledPolicy) -> Recommender[Any]:  # Any: the model's own state
        return Recommender(self.model, Bank.of(self.catalog), policy)


def ruled(bare: type[ThresholdPolicy], most_scored: int, seed: int) -> RuledPolicy:
    """With easy items from .6 on, so that random banks have some; now and then with new items that are tried out."""
    new = (NewItems(frozenset({"q0", "q1", "q2"}), 0.1, 0.4),) if seed % 3 == 0 else ()
    return RuledPolicy(bare(ZoneSettings(most_scored=most_scored)), (*session_rules(RuleSettings(easy_from=0.6, rest_hours=0.5)), *new))


def zone_of(policy: ThresholdPolicy, seen: Candidates) -> dict[str, float]:
    """Scores of the items in the zone, in catalogue order."""
    members, score = policy.zone(seen).members, policy.score(seen)
    return {seen.items.item_ids[i]: float(score[i]) for i in np.flatnonzero(members)}


@pytest.mark.parametrize("bare", [ThresholdPolicy, ExpectedGainPolicy])
@pytest.mark.parametrize("name", ["state_space_irt", "bkt", "logistic"])
@settings(max_examples=60)
@given(SEEDS, st.sampled_from([1, 2, 4, 8]))
def test_the_first_choice_is_that_of_all_items(bare: type[ThresholdPolicy], name: str, seed: int, most_scored: int) -> None:
    """So are zone and scores of what is looked through; where that is the whole zone, the decision is the same."""
    world = World.of(seed, name)
    few, everything = (world.recommender(ruled(bare, most, seed)) for most in (most_scored, EVERYTHING))
    at = START + timedelta(hours=5)
    seen, whole = (of.chances(world.state, world.request, at)[0] for of in (few, everything))
    policy = bare(ZoneSettings())
    assert set(seen.items.item_ids) <= set(whole.items.item_ids)
    if not len(whole.items):
        return
    of_few, of_all = zone_of(policy, seen), zone_of(policy, whole)
    assert of_few == {item_id: score for item_id, score in of_all.items() if item_id in of_few}
    assert set(of_few) == set(of_all) & set(seen.items.item_ids)
    assert max(of_few.values()) == max(of_all.values())
    context = DecisionContext("d", "school", at, seed % 1000, "m", 0)
    one, other = (of.decide(world.state, replace(world.request, k=1), context) for of in (few, everything))
    assert {c for c in one.constraints_applied if c.endswith(":relaxed")} == {
        c for c in other.constraints_applied if c.endswith(":relaxed")
    }
    if set(of_few) == set(of_all):
        assert [shown.item_id for shown in one.shown] == [shown.item_id for shown in other.shown]
        assert [shown.propensity for shown in one.shown] == pytest.approx([shown.propensity for shown in other.shown], abs=SAME)


@settings(max_examples=60)
@given(SEEDS, st.sampled_from([1, 4]))
def test_a_slate_in_two_stages_has_distinct_items_with_their_propensities(seed: int, most_scored: int) -> None:
    """Each propensity is in (0, 1]; of one rank it and the runners-up sum to 1, where the record has room for all."""
    world, context = World.of(seed, "state_space_irt"), DecisionContext("d", "school", START + timedelta(hours=5), 3, "m", 0)
    recommender = world.recommender(ruled(ExpectedGainPolicy, most_scored, seed))
    slate, one = (recommender.decide(world.state, replace(world.request, k=k), context) for k in (4, 1))
    item_ids = [shown.item_id for shown in slate.shown]
    assert len(set(item_ids)) == len(item_ids)
    assert slate.shown[:1] == one.shown
    assert not set(item_ids) & set(world.request.exclude_item_ids)
    assert not any(world.catalog.item(item_id).retired for item_id in item_ids)
    assert all(0.0 < shown.propensity <= 1.0 + SAME for shown in slate.shown)
    if one.shown and len(one.runners_up) < 20:
        assert one.shown[0].propensity + sum(p for _, p in one.runners_up) == pytest.approx(1.0, abs=SAME)


def test_propensities_are_how_often_an_item_is_drawn() -> None:
    """2,000 seeds; 5 standard errors for each of some ten items: a false alarm once in 10^5 (the seeds are fixed)."""
    world = World.of(11, "state_space_irt")
    recommender, n = world.recommender(ruled(ExpectedGainPolicy, 1, 1)), 2_000
    request, at = replace(world.request, k=1), START + timedelta(hours=5)
    made = [recommender.decide(world.state, request, DecisionContext("d", "school", at, seed, "m", 0)) for seed in range(n)]
    told = dict(made[0].runners_up) | {made[0].shown[0].item_id: made[0].shown[0].propensity}
    assert sum(told.values()) == pytest.approx(1.0, abs=SAME)
    drawn = [decision.shown[0].item_id for decision in made]
    for item_id, p in told.items():
        assert abs(drawn.count(item_id) / n - p) <= 5.0 * np.sqrt(p * (1.0 - p) / n) + SAME


def test_a_decision_in_two_stages_is_made_again_bit_for_bit(store: Store, catalog: Catalog) -> None:
    policy = RuledPolicy(ExpectedGainPolicy(ZoneSettings(most_scored=20)))
    engine = Engine(store, build_model("state_space_irt", catalog), catalog, model_version="core", policy=policy)
    engine.record_batch("school", [attempt_of(n, f"halves-{n}", correct=float(n % 3 > 0)) for n in range(12)])
    made = engine.recommend("school", RecommendationRequest("ann", k=5), decision_id="d1", at=START + timedelta(hours=30), seed=7)
    engine.record("school", attempt_of(99, "sums-3", correct=0.0))
    of_all = replace(engine, policy=RuledPolicy(ExpectedGainPolicy(ZoneSettings(most_scored=EVERYTHING))))
    request = RecommendationRequest("ann", k=5, dry_run=True)
    assert made.n_candidates < of_all.recommend("school", request, decision_id="d2", at=made.at, seed=7).n_candidates
    assert engine.decide_again("school", "d1") == made


def test_rules_that_need_all_items_and_other_modes_get_them() -> None:
    world = World.of(3, "state_space_irt")
    bank = Bank.of(world.catalog)
    columns = bank.kind_columns
    kinds = replace(world.recommender(ruled(ThresholdPolicy, 1, 1)).chances(world.state, world.request, START)[0], items=columns)
    is_open = np.ones(len(kinds.p_mastered), dtype=np.bool_)
    with_reference = RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(reference_share=0.05)))
    assert Shortlist.of(with_reference, kinds, is_open) is None
    assert Shortlist.of(ThresholdPolicy(), replace(kinds, mode="review"), is_open) is None
