"""A recommendation is a logged decision: repeatable, with propensities, reasons and what constrained it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.domain import READY_AT, Placement, Score
from adaptive.engine import Engine, RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerFold
from adaptive.engine.view import LearnerView
from adaptive.errors import InvalidInput, ModelUnavailable, UnknownLearner, UnknownRecord, UnknownSkill
from adaptive.models import build_model
from adaptive.policies import POLICIES, Place, ReviewPolicy, RuledPolicy, ThresholdPolicy, ZoneSettings, build_policy
from adaptive.protocols import Candidates, Floats
from adaptive.storage import Store

from .conftest import SKILLS, START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=1)


def recommend(engine: Engine[Any], decision_id: str = "d1", seed: int = 5, **request: Any) -> Any:  # Any: fields of the request vary
    return engine.recommend(TENANT, RecommendationRequest("ann", **request), decision_id=decision_id, at=LATER, seed=seed)


def test_a_decision_is_stored_whole(engine: Engine[Any]) -> None:
    decision = recommend(engine, k=3)
    assert engine.recommendation(TENANT, "d1") == decision
    assert (decision.status, decision.model_version, decision.catalog_version) == (
        "in_progress",
        engine.model_version,
        engine.catalog.version,
    )


def test_a_dry_run_is_not_stored(engine: Engine[Any]) -> None:
    assert recommend(engine, dry_run=True).shown
    with pytest.raises(UnknownRecord):
        engine.recommendation(TENANT, "d1")


def test_equal_calls_on_an_equal_log_give_equal_decisions(engine: Engine[Any]) -> None:
    assert recommend(engine, k=5, dry_run=True) == recommend(engine, k=5, dry_run=True)
    first, second = (recommend(engine, seed=seed, k=5, dry_run=True).shown for seed in (1, 2))
    assert first != second


def test_a_decision_can_be_made_again_whatever_came_later(engine: Engine[Any]) -> None:
    """A late attempt and a placement move the state, not the past decision."""
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 2)) for n in (1, 3, 5)])
    place = Place(items_done=0, minutes_left=2.0)
    decision = recommend(engine, k=4, skill_ids=("halves", "sums"), exclude_item_ids=("sums-3",), mode="mixed", place=place)
    engine.record(TENANT, attempt_of(2, "sums-2", correct=0.0))
    score = Score("ann", "rit", 215.0, taken_on=START.date(), grade="4")
    engine.place(TENANT, Placement("p1", "ann", (score,), placed_at=LATER))
    assert recommend(engine, "d2", k=4).shown[0].p_mastery != decision.shown[0].p_mastery
    assert engine.decide_again(TENANT, "d1") == decision


@pytest.mark.parametrize("mode", ["learn", "review", "mixed", "diagnostic"])
def test_every_decision_says_why_and_why_not_the_next_best(engine: Engine[Any], mode: str) -> None:
    """Of each model, mode and rank, under the rules of a session; terms sum to the score to 1e-6, below what is told of any weight."""
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 2)) for n in range(4)])
    decision = recommend(engine, k=3, mode=mode, plan_skill_ids=("sums",), pinned_skill_ids=("halves",))
    for shown in decision.shown:
        assert sum(reason.weight for reason in shown.reasons) == pytest.approx(shown.score, abs=1e-6)
        assert {"plan_step", "teacher_pin"} <= {reason.code for reason in shown.reasons}
        other = shown.runner_up
        assert other.item_id != shown.item_id
        assert other.text.endswith(".")
        if other.score is not None:
            assert sum(reason.weight for reason in other.differences) == pytest.approx(shown.score - other.score, abs=1e-6)
    assert engine.recommendation(TENANT, "d1") == decision == engine.decide_again(TENANT, "d1")


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_decides_says_why_and_decides_again(store: Store, catalog: Catalog, name: str) -> None:
    model = build_model("state_space_irt", catalog)
    engine = Engine(store, model, catalog, model_version="core-prior", policy=RuledPolicy(build_policy(name)))
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=float(n % 3 > 0)) for n in range(9)])
    decision = recommend(engine, k=4, mode="mixed" if name == "expected_gain" else "learn")
    assert len(decision.shown) == 4
    for shown in decision.shown:
        assert sum(reason.weight for reason in shown.reasons) == pytest.approx(shown.score, abs=1e-6)  # less is not told
        assert shown.runner_up is not None
    assert engine.recommendation(TENANT, "d1") == decision == engine.decide_again(TENANT, "d1")
    first = decision.shown[0]
    assert first.propensity + sum(p for _, p in decision.runners_up) <= 1.0 + 1e-12  # rounding of a hundred additions


def test_a_policy_of_one_mode_decides_in_it_whatever_is_asked(store: Store, catalog: Catalog) -> None:
    engine = Engine(store, build_model("bkt", catalog), catalog, model_version="bkt-prior", policy=ReviewPolicy())
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}") for n in range(14)])
    decision = recommend(engine, k=2, mode="learn")
    assert decision.mode == "review"
    assert {shown.purpose for shown in decision.shown} == {"review"}
    assert engine.decide_again(TENANT, "d1") == decision


def test_what_a_plan_asks_for_and_a_teacher_pinned_weighs_more(store: Store, catalog: Catalog) -> None:
    """Odds to the others rise by lift to the power 1 / temperature, where there is no floor and nothing else changes."""
    policy = ThresholdPolicy(ZoneSettings(floor=0.0))
    engine = Engine(store, build_model("logistic", catalog), catalog, model_version="logistic-prior", policy=policy)
    left = {f"{skill_id}-{n}" for skill_id in ("halves", "sums") for n in range(8)}  # few enough for a decision to tell of all
    others = tuple(item.item_id for item in catalog.items if item.item_id not in left)

    def odds(**asked: Any) -> float:  # Any: fields of a request
        decision = recommend(engine, mode="diagnostic", exclude_item_ids=others, dry_run=True, **asked)
        told = dict(decision.runners_up) | {shown.item_id: shown.propensity for shown in decision.shown}
        of_halves = sum(p for item_id, p in told.items() if item_id.startswith("halves"))
        return of_halves / (1.0 - of_halves)

    settings = policy.settings
    assert odds(plan_skill_ids=("halves",)) == pytest.approx(odds() * settings.plan_lift ** (1.0 / settings.temperature))
    pinned = odds(pinned_skill_ids=("halves", "no-longer-there"))
    assert pinned == pytest.approx(odds() * settings.pin_lift ** (1.0 / settings.temperature))


def test_a_decision_is_not_made_again_by_another_model(engine: Engine[Any]) -> None:
    recommend(engine)
    with pytest.raises(ModelUnavailable, match="serve the former"):
        replace(engine, model_version="another").decide_again(TENANT, "d1")


def test_a_decision_on_a_learner_erased_meanwhile_is_not_kept(engine: Engine[Any]) -> None:
    """The policy is asked after the state was read and before the decision is stored: there the learner is erased."""

    class Erasing(ThresholdPolicy):
        def probabilities(self, candidates: Candidates) -> Floats:
            with engine.store.unit(TENANT, write=True) as unit:
                unit.erase_learner("ann")
            return super().probabilities(candidates)

    engine.record(TENANT, attempt_of(1, "halves-1"))
    with pytest.raises(UnknownLearner, match="erased"):
        recommend(replace(engine, policy=Erasing()))
    with pytest.raises(UnknownRecord):
        engine.recommendation(TENANT, "d1")


def test_shown_items_are_distinct_in_service_and_carry_propensities_and_reasons(engine: Engine[Any]) -> None:
    decision = recommend(engine, k=20)
    item_ids = [item.item_id for item in decision.shown]
    assert len(set(item_ids)) == len(item_ids) == 20
    assert "old" not in item_ids
    for item in decision.shown:
        assert 0.0 < item.propensity <= 1.0
        assert item.p_correct_interval[0] <= item.p_correct <= item.p_correct_interval[1]
        assert {reason.code for reason in item.reasons} >= {"zone"}
        assert all(reason.text.endswith(".") for reason in item.reasons)
    assert not set(item_ids) & {item_id for item_id, _ in decision.runners_up}


def test_propensity_and_runners_up_are_the_policys_whole_distribution(engine: Engine[Any]) -> None:
    """Twelve items are left, so the shown one and its runners-up are all there is."""
    left = {f"sums-{n}" for n in range(12)}
    others = tuple(item_id for item_id in engine.catalog.item_columns.item_ids if item_id not in left)
    decision = recommend(engine, skill_ids=("sums",), exclude_item_ids=others)
    told = dict(decision.runners_up) | {item.item_id: item.propensity for item in decision.shown}
    assert set(told) == left
    assert sum(told.values()) == pytest.approx(1.0, abs=1e-12)  # rounding of twelve additions
    assert set(decision.zone_item_ids) == {item_id for item_id, p in told.items() if p > 0.0}


def test_candidates_carry_readiness_zone_and_mode(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, [attempt_of(n, f"sums-{n}", correct=float(n % 2)) for n in range(4)])
    snapshot = engine.snapshot(TENANT, "ann")
    assert snapshot is not None
    bank = Bank.of(engine.catalog)
    view = LearnerView.of(engine.model, bank, LearnerFold(engine.model).decode(snapshot.state), LATER, ZoneSettings())
    index = np.array([bank.item_index["ratios-1"], bank.item_index["halves-1"]])
    seen = view.candidates(index, view.kinds(SKILLS, "mixed"))
    success, p_mastered = view.mastery.expected_success, view.mastery.p_mastered
    readiness = [1.0 - 0.8 * (1.0 - success[1]), 1.0]
    assert seen.readiness.tolist() == pytest.approx(readiness)
    assert seen.p_mastered.tolist() == [p_mastered[2], p_mastered[0]]
    assert (seen.items.item_ids, seen.mode) == (("ratios-1", "halves-1"), "mixed")
    by_marginals = [(1.0 - p_mastered[2]) * min(readiness[0] / READY_AT, 1.0), 1.0 - p_mastered[0]]
    assert (seen.zone_probability.tolist() == pytest.approx(by_marginals)) == (view.drawn is None) == (seen.outlook is None)
    assert np.isnan(seen.expected_gain).all() == (view.drawn is None)


def test_items_rest_for_twenty_items_and_for_a_day(engine: Engine[Any]) -> None:
    """The first of thirty items is past the last twenty, and rests until a day is over."""
    engine.record_batch(TENANT, [attempt_of(n, f"{('halves', 'sums')[n % 2]}-{n // 2}", correct=float(n % 3 > 0)) for n in range(30)])
    within, after = START + timedelta(hours=23), START + timedelta(hours=25)
    for at, rests in ((within, True), (after, False)):
        request = RecommendationRequest("ann", k=20, skill_ids=("halves",), mode="diagnostic", dry_run=True)
        others = (*(f"halves-{n}" for n in range(15, 30)), "both")
        asked = replace(request, exclude_item_ids=others)
        decision = engine.recommend(TENANT, asked, decision_id="d", at=at, seed=3)
        assert ("no_repeat:relaxed" in decision.constraints_applied) is rests


def test_a_mastered_goal_is_mastered_whatever_its_prerequisites(store: Store, catalog: Catalog) -> None:
    engine = Engine(store, build_model("bkt", catalog), catalog, model_version="bkt")
    engine.record_batch(TENANT, [attempt_of(n, f"sums-{n}") for n in range(14)])
    decision = recommend(engine, skill_ids=("sums",))
    assert (decision.status, decision.shown) == ("mastered", ())


def test_nothing_in_service_is_said(engine: Engine[Any], catalog: Catalog) -> None:
    retired = replace(catalog, items=tuple(replace(item, retired=True) for item in catalog.items))
    decision = recommend(replace(engine, catalog=retired))
    assert (decision.status, decision.constraints_applied) == ("blocked", ("no_open_items",))


@pytest.mark.parametrize("k", [0, 21])
def test_the_number_of_items_has_bounds(k: int) -> None:
    with pytest.raises(InvalidInput, match=str(k)):
        RecommendationRequest("ann", k=k)


def test_recent_items_rest_and_return_only_when_nothing_else_is_left(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=0.0) for n in range(3)])
    decision = recommend(engine, k=20, skill_ids=("halves",))
    assert not {item.item_id for item in decision.shown} & {"halves-0", "halves-1", "halves-2"}
    assert "no_repeat" in decision.constraints_applied
    rest = (*(f"halves-{n}" for n in range(3, 30)), "both")
    last = recommend(engine, "d2", skill_ids=("halves",), exclude_item_ids=rest)
    assert last.shown[0].item_id in {"halves-0", "halves-1", "halves-2"}
    assert last.constraints_applied[:3] == ("exclude_item_ids", "no_repeat:relaxed", "easy_after_failures:relaxed")


def test_excluding_everything_is_blocked_by_name(engine: Engine[Any]) -> None:
    decision = recommend(engine, exclude_item_ids=engine.catalog.item_columns.item_ids)
    assert (decision.status, decision.shown, decision.constraints_applied) == ("blocked", (), ("exclude_item_ids",))


def test_an_unknown_skill_is_refused(engine: Engine[Any]) -> None:
    with pytest.raises(UnknownSkill, match="algebra"):
        recommend(engine, skill_ids=("algebra",))


def test_prerequisites_that_are_not_ready_come_along(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, [attempt_of(n, f"halves-{n}", correct=0.0) for n in range(6)])
    decision = recommend(engine, k=20, skill_ids=("ratios",))
    touched = {skill_id for item_id in decision.zone_item_ids for skill_id in engine.catalog.item(item_id).skill_ids}
    assert touched - {"ratios"}
    assert {item.purpose for item in decision.shown if item.skill_ids != ("ratios",)} <= {"prerequisite", "review"}


def test_stuck_skills_are_left_to_the_teacher(engine: Engine[Any]) -> None:
    for skill_id in SKILLS:
        engine.record_batch(TENANT, [attempt_of(100 * SKILLS.index(skill_id) + n, f"{skill_id}-{n}", correct=0.0) for n in range(26)])
    decision = recommend(engine)
    assert (decision.status, decision.shown) == ("stuck", ())


@pytest.mark.parametrize("mode", ["learn", "review", "mixed", "diagnostic"])
def test_every_mode_finds_something_for_a_new_learner(engine: Engine[Any], mode: str) -> None:
    assert recommend(engine, mode=mode).shown


def test_readiness_is_held_back_by_the_weakest_prerequisite_in_proportion_to_its_weight(catalog: Catalog) -> None:
    ready = Bank.of(catalog).readiness(np.array([0.9, 0.5, 0.2]))
    assert ready.tolist() == pytest.approx([1.0, 0.9, 1.0 - 0.8 * 0.5])


def test_an_items_value_is_that_of_its_weakest_skill(catalog: Catalog) -> None:
    bank = Bank.of(catalog)
    least = bank.kinds.least(np.array([0.9, 0.5, 0.2]))[bank.kind]
    assert least[bank.item_index["both"]] == 0.5
    assert least[bank.item_index["halves-0"]] == 0.9
