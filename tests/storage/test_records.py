"""Placements, decisions and plans: stored once under an id, exactly."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.domain import Decision, Forecasted, Goal, Placement, Plan, PlanStep, Reason, RunnerUp, Score, ShownItem, StuckSkill
from adaptive.errors import InvalidInput, UnknownRecord
from adaptive.storage import Store
from adaptive.storage.decisions import _decision as read_decision
from adaptive.storage.documents import document_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = "school"
FRESH_IDS = (f"id-{n}" for n in itertools.count())

any_text = st.text(st.characters(), max_size=5)  # with U+0000 and lone surrogates
# UTC has no second 02:30, but hypothesis tries its `fold` all the same.
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
numbers = st.floats(allow_nan=False)


def tuples_of(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, max_size=3).map(tuple)


scores = st.builds(Score, st.just("ann"), any_text, numbers, any_text, st.none() | numbers, taken_on=st.none() | st.dates(), grade=any_text)
placements = st.builds(Placement, any_text, st.just("ann"), tuples_of(scores), st.none() | instants, tuples_of(any_text))
reasons = tuples_of(st.builds(Reason, any_text, numbers, numbers, any_text))
shown_items = st.builds(
    ShownItem,
    rank=st.integers(),
    item_id=any_text,
    skill_ids=tuples_of(any_text),
    purpose=any_text,
    propensity=numbers,
    p_correct=numbers,
    p_correct_interval=st.tuples(numbers, numbers),
    p_mastery=numbers,
    zone_probability=numbers,
    expected_gain=st.none() | numbers,
    reasons=reasons,
    constraints_applied=tuples_of(any_text),
    information=st.none() | numbers,
    doubt=st.none() | any_text,
    score=st.none() | numbers,
    runner_up=st.none() | st.builds(RunnerUp, any_text, tuples_of(any_text), numbers, st.none() | numbers, reasons, any_text),
)
decisions = st.builds(
    Decision,
    decision_id=any_text,
    tenant_id=st.just(TENANT),
    learner_id=st.just("ann"),
    at=instants,
    mode=any_text,
    status=any_text,
    policy_version=any_text,
    model_version=any_text,
    catalog_version=any_text,
    state_version=st.integers(),
    seed=st.integers(),  # of any size: a seed may exceed 64 bits
    n_candidates=st.integers(),
    zone_item_ids=tuples_of(any_text),
    shown=tuples_of(shown_items),
    runners_up=tuples_of(st.tuples(any_text, numbers)),
    constraints_applied=tuples_of(any_text),
    degraded=st.none() | any_text,
    outcome=st.none() | any_text,
    items_done=st.none() | st.integers(),
    minutes_left=st.none() | numbers,
    stuck=tuples_of(st.builds(StuckSkill, any_text, st.none() | any_text)),
    plan_skill_ids=tuples_of(any_text),
    pinned_skill_ids=tuples_of(any_text),
)
goals = st.builds(Goal, any_text, tuples_of(any_text), numbers, st.integers(), any_text, tuples_of(any_text), tuples_of(any_text))
steps = st.builds(
    PlanStep, st.integers(), any_text, any_text, st.tuples(numbers, numbers, numbers), st.integers(), tuples_of(any_text), any_text
)
optional_dates = st.none() | st.dates()
forecasts = st.builds(
    Forecasted,
    st.none() | numbers,
    st.tuples(optional_dates, optional_dates, optional_dates),
    tuples_of(st.tuples(any_text, numbers)),
    st.none() | st.tuples(numbers, numbers, numbers),
    tuples_of(any_text),
)
plans = st.builds(Plan, st.just("ann"), goals, st.dates(), tuples_of(steps), forecasts, tuples_of(any_text), any_text, any_text)

PLACEMENT = Placement("p1", "ann", (Score("ann", "RIT", 201.5, "fractions", 3.1, date(2026, 2, 1), "4"),), NOON)
DECISION = Decision("d1", TENANT, "ann", NOON, "learn", "in_progress", "threshold-1", "bkt-1", "c1", 1, 7, 9, (), (), ())
PLAN = Plan("ann", Goal("grade 4", ("fractions",)), date(2026, 3, 2), ())


@settings(deadline=None, max_examples=60)
@given(placement=placements)
def test_a_placement_comes_back_exactly(shared_store: Store, placement: Placement) -> None:
    placement = replace(placement, placement_id=next(FRESH_IDS))
    with shared_store.unit(TENANT, write=True) as unit:
        assert unit.add_placement(placement, NOON)
        assert repr(unit.placement(placement.placement_id)) == repr(placement)
        assert not unit.add_placement(placement, NOON)


@settings(deadline=None, max_examples=60)
@given(decision=decisions)
def test_a_decision_comes_back_exactly(shared_store: Store, decision: Decision) -> None:
    decision = replace(decision, decision_id=next(FRESH_IDS))
    with shared_store.unit(TENANT, write=True) as unit:
        unit.add_decision(decision)
        assert repr(unit.decision(decision.decision_id)) == repr(decision)


def test_a_decision_from_before_sessions_were_kept_is_read() -> None:
    document = json.loads(document_of(DECISION))
    for name in ("items_done", "minutes_left", "stuck"):
        del document[name]
    assert read_decision(json.dumps(document)) == DECISION


@settings(deadline=None, max_examples=60)
@given(plan=plans)
def test_a_plan_comes_back_exactly(shared_store: Store, plan: Plan) -> None:
    plan_id = next(FRESH_IDS)
    with shared_store.unit(TENANT, write=True) as unit:
        unit.add_plan(plan_id, plan, NOON)
        assert repr(unit.plan(plan_id)) == repr(plan)


def test_placements_come_back_in_the_order_added(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        for name in ("z", "a", "m"):
            unit.add_placement(replace(PLACEMENT, placement_id=name), NOON)
        assert [placement.placement_id for placement in unit.placements("ann")] == ["z", "a", "m"]
        assert unit.placements("bob") == []


def test_decisions_iterate_in_time_order_and_by_learner(store: Store) -> None:
    ids = [("d3", 2, "ann"), ("d1", 1, "bob"), ("d2", 1, "ann"), ("d0", 3, "ann")]
    with store.unit(TENANT, write=True) as unit:
        for decision_id, minutes, learner_id in ids:
            at = NOON + timedelta(minutes=minutes)
            unit.add_decision(replace(DECISION, decision_id=decision_id, at=at, learner_id=learner_id))
    with store.unit(TENANT, write=False) as unit:
        assert [decision.decision_id for decision in unit.decisions()] == ["d1", "d2", "d3", "d0"]
        assert [decision.decision_id for decision in unit.decisions("ann")] == ["d2", "d3", "d0"]
    with store.unit("elsewhere", write=False) as unit:
        assert list(unit.decisions()) == []


def test_a_record_is_stored_once_and_never_changes(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        unit.add_placement(PLACEMENT, NOON)
        unit.add_decision(DECISION)
        unit.add_plan("plan-1", PLAN, NOON)
        unit.add_decision(DECISION)
        unit.add_plan("plan-1", PLAN, NOON)
        with pytest.raises(
            InvalidInput, match=r"(?s)placement 'p1' has 3 problems:.*flags.*learner_id: .* it holds ann\. Got 'bob'.*scores"
        ):
            unit.add_placement(replace(PLACEMENT, learner_id="bob", scores=(), flags=("late",)), NOON)
        with pytest.raises(InvalidInput, match=r"decision 'd1' has 1 problem:\n  seed: .* it holds 7"):
            unit.add_decision(replace(DECISION, seed=8))
        with pytest.raises(InvalidInput, match=r"plan 'plan-1' has 1 problem:\n  start_on"):
            unit.add_plan("plan-1", replace(PLAN, start_on=date(2026, 3, 9)), NOON)
        assert (unit.placement("p1"), unit.decision("d1"), unit.plan("plan-1")) == (PLACEMENT, DECISION, PLAN)


def test_a_decision_of_another_tenant_is_refused(store: Store) -> None:
    with store.unit("elsewhere", write=True) as unit, pytest.raises(InvalidInput, match="a unit of tenant 'elsewhere'"):
        unit.add_decision(DECISION)


@pytest.mark.parametrize("kind", ["placement", "decision", "plan"])
def test_a_record_that_the_tenant_does_not_hold_is_unknown(store: Store, kind: str) -> None:
    with store.unit(TENANT, write=True) as unit:
        unit.add_placement(PLACEMENT, NOON)
        unit.add_decision(DECISION)
        unit.add_plan("plan-1", PLAN, NOON)
    known = {"placement": "p1", "decision": "d1", "plan": "plan-1"}[kind]
    with store.unit("elsewhere", write=False) as unit, pytest.raises(UnknownRecord, match=f"Unknown {kind} '{known}'"):
        getattr(unit, kind)(known)


def test_a_document_of_something_that_is_no_plain_value_is_refused(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit, pytest.raises(TypeError, match="A stored document holds plain values"):
        unit.add_decision(replace(DECISION, seed=object()))
