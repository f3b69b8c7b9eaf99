"""Mastery, predictions, placements and plans: what the engine says of a learner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from adaptive.domain import Goal, Placement, Score
from adaptive.engine import Engine
from adaptive.errors import InvalidInput, UnknownItem, UnknownLearner, UnknownRecord, UnknownSkill

from .conftest import SKILLS, START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=1)


def placement_of(rit: float, placement_id: str = "p1") -> Placement:
    return Placement(placement_id, "ann", (Score("ann", "rit", rit, taken_on=START.date(), grade="4"),), placed_at=START)


def test_mastery_of_a_learner_never_met_is_refused(engine: Engine[Any]) -> None:
    with pytest.raises(UnknownLearner, match="ann"):
        engine.mastery(TENANT, "ann", at=LATER)


def test_mastery_rows_come_in_the_order_asked_and_count_attempts(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, [attempt_of(n, f"sums-{n}") for n in range(2)])
    report = engine.mastery(TENANT, "ann", at=LATER, skill_ids=("ratios", "sums"))
    assert [row.skill_id for row in report.rows] == ["ratios", "sums"]
    assert [row.n_attempts for row in report.rows] == [0, 2]
    assert [row.source for row in report.rows] == ["prior", "evidence"]
    assert {row.status for row in report.rows} == {"not_enough_data"}
    assert report.rows[1].last_attempt_at == START + timedelta(minutes=1)


def test_enough_attempts_leave_not_enough_data(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, [attempt_of(n, f"ratios-{n}", correct=0.0) for n in range(3)])
    assert engine.mastery(TENANT, "ann", at=LATER, skill_ids=("ratios",)).rows[0].status == "learning"
    engine.record_batch(TENANT, [attempt_of(n, f"ratios-{n}", correct=0.0) for n in range(3, 26)])
    assert engine.mastery(TENANT, "ann", at=LATER, skill_ids=("ratios",)).rows[0].status == "stuck"


def test_unknown_skills_and_items_are_refused_by_name(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "sums-1"))
    with pytest.raises(UnknownSkill, match="algebra"):
        engine.mastery(TENANT, "ann", at=LATER, skill_ids=("algebra",))
    with pytest.raises(UnknownItem, match="no-such-item"):
        engine.predict(TENANT, "ann", ["no-such-item"], at=LATER)


def test_predictions_come_in_the_order_asked_within_their_interval(engine: Engine[Any]) -> None:
    predictions = engine.predict(TENANT, "nobody-yet", ["ratios-1", "halves-1"], at=LATER)
    assert predictions.state_version == 0
    assert [row.item_id for row in predictions.rows] == ["ratios-1", "halves-1"]
    assert all(row.interval[0] <= row.p_correct <= row.interval[1] for row in predictions.rows)


def test_a_higher_score_places_higher_on_every_skill(engine: Engine[Any]) -> None:
    low = engine.place(TENANT, placement_of(185.0))
    high = engine.place("elsewhere", placement_of(225.0))
    assert all(a.p_mastery < b.p_mastery for a, b in zip(low.rows, high.rows, strict=True))
    assert {row.source for row in high.rows} == {"placement"}
    assert high.state_version == 1


def test_a_placement_after_attempts_refolds_them_upon_the_new_prior(engine: Engine[Any]) -> None:
    attempts = [attempt_of(n, f"sums-{n}", correct=float(n % 2)) for n in range(5)]
    engine.record_batch(TENANT, attempts)
    engine.place(TENANT, placement_of(205.0))
    engine.place("elsewhere", placement_of(205.0))
    engine.record_batch("elsewhere", attempts)
    late, early = (engine.mastery(tenant, "ann", at=LATER).rows for tenant in (TENANT, "elsewhere"))
    assert late == early
    assert engine.stale_learners(TENANT) == ()


def test_a_placement_without_its_time_is_refused(engine: Engine[Any]) -> None:
    with pytest.raises(InvalidInput, match="placed_at"):
        engine.place(TENANT, replace(placement_of(200.0), placed_at=None))


def test_a_plan_covers_the_goal_with_its_prerequisites_and_is_stored(engine: Engine[Any]) -> None:
    engine.place(TENANT, placement_of(180.0))
    goal = Goal("ratios by summer", ("ratios",), minutes_per_week=240.0, n_weeks=20)
    plan = engine.plan(TENANT, "ann", goal, plan_id="plan-1", start=date(2026, 3, 9), at=LATER)
    learned = [step.skill_id for step in plan.steps if step.purpose != "review"]
    assert learned == list(SKILLS)[: len(learned)]
    assert learned
    assert plan.learner_id == "ann"
    assert (plan.model_version, plan.catalog_version) == (engine.model_version, engine.catalog.version)
    assert engine.stored_plan(TENANT, "plan-1") == plan


def test_a_plan_that_is_not_stored_is_unknown(engine: Engine[Any]) -> None:
    with pytest.raises(UnknownRecord, match="plan-9"):
        engine.stored_plan(TENANT, "plan-9")
