"""Attempts are idempotent, count by event time, and leave a state that equals a replay of the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.engine import Engine, Recorded, Refused
from adaptive.errors import AttemptConflict, UnknownItem
from adaptive.storage import Store

from .conftest import attempt_of

TENANT = "school"


def state_of(engine: Engine[Any], tenant: str = TENANT) -> dict[str, Any]:
    snapshot = engine.snapshot(tenant, "ann")
    assert snapshot is not None
    return dict(snapshot.state)


def some_attempts(n: int = 12) -> list[Any]:
    return [attempt_of(i, f"{('halves', 'sums', 'ratios')[i % 3]}-{i % 5}", correct=float(i % 4 != 0)) for i in range(n)]


def test_an_attempt_is_appended_and_moves_its_skills(engine: Engine[Any]) -> None:
    answer = engine.record(TENANT, attempt_of(1, "halves-1"))
    assert (answer.applied, answer.duplicate, answer.state_version) == ("appended", False, 1)
    assert [update.skill_id for update in answer.updates] == ["halves"]
    assert answer.updates[0].p_mastery_after >= answer.updates[0].p_mastery_before
    assert answer.updates[0].interval[0] <= answer.updates[0].interval[1]


def test_a_retry_changes_nothing_and_says_so(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    before = state_of(engine)
    again = engine.record(TENANT, attempt_of(1, "halves-1"))
    assert (again.duplicate, again.state_version, again.updates) == (True, 1, ())
    assert state_of(engine) == before


def test_the_same_id_with_another_answer_is_a_conflict_and_changes_nothing(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    before = state_of(engine)
    with pytest.raises(AttemptConflict, match="correct"):
        engine.record(TENANT, attempt_of(1, "halves-1", correct=0.0))
    assert state_of(engine) == before


def test_a_retry_after_the_catalogue_moved_the_item_is_still_a_duplicate(engine: Engine[Any], catalog: Catalog) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    moved = tuple(replace(item, skill_ids=("sums",)) if item.item_id == "halves-1" else item for item in catalog.items)
    edited = replace(engine, catalog=replace(catalog, items=moved))
    assert edited.record(TENANT, attempt_of(1, "halves-1")).duplicate


def test_an_unknown_item_is_refused_by_name(engine: Engine[Any]) -> None:
    with pytest.raises(UnknownItem, match="no-such-item"):
        engine.record(TENANT, attempt_of(1, "no-such-item"))


def test_a_late_attempt_refolds_to_the_state_of_the_right_order(engine: Engine[Any]) -> None:
    attempts = some_attempts()
    late = attempts.pop(3)
    for attempt in attempts:
        engine.record(TENANT, attempt)
    assert engine.record(TENANT, late).applied == "refolded"
    for attempt in some_attempts():
        engine.record("other", attempt)
    assert state_of(engine) == state_of(engine, "other")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(9)), cut=st.integers(1, 8))
def test_any_order_and_any_batching_end_in_the_same_state(engine: Engine[Any], order: list[int], cut: int) -> None:
    tenant = f"tenant-{order}-{cut}"
    attempts = some_attempts(9)
    shuffled = [attempts[i] for i in order]
    engine.record_batch(tenant, shuffled[:cut])
    for attempt in shuffled[cut:]:
        engine.record(tenant, attempt)
    engine.record_batch("straight", attempts)
    mixed, ordered = (engine.snapshot(name, "ann") for name in (tenant, "straight"))
    assert mixed is not None
    assert ordered is not None
    assert (mixed.state, mixed.state_version, mixed.last_key) == (ordered.state, ordered.state_version, ordered.last_key)


def test_a_batch_answers_each_row_in_order_and_one_bad_row_holds_back_none(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    rows = [
        attempt_of(2, "sums-1"),
        attempt_of(3, "no-such-item"),
        attempt_of(1, "halves-1"),
        attempt_of(1, "halves-1", correct=0.0),
        attempt_of(1, "halves-2", learner_id="bob"),
    ]
    answers = engine.record_batch(TENANT, rows)
    assert [answer.attempt_id for answer in answers] == [row.attempt_id for row in rows]
    kinds = [answer.applied if isinstance(answer, Recorded) else type(answer.error).__name__ for answer in answers]
    assert kinds == ["appended", "UnknownItem", "duplicate", "AttemptConflict", "appended"]
    assert isinstance(answers[1], Refused)
    assert engine.state_version(TENANT, "ann") == 2


def test_snapshots_equal_a_replay_and_a_broken_one_is_found(engine: Engine[Any]) -> None:
    engine.record_batch(TENANT, some_attempts())
    assert engine.stale_learners(TENANT) == ()
    snapshot = engine.snapshot(TENANT, "ann")
    assert snapshot is not None
    with engine.store.unit(TENANT, write=True) as unit:
        unit.save_snapshot(replace(snapshot, state={**snapshot.state, "recent": []}))
    assert engine.stale_learners(TENANT) == ("ann",)


def test_a_learner_without_a_snapshot_is_not_stale(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    with engine.store.unit(TENANT, write=True) as unit:
        unit.drop_snapshots("ann")
    assert engine.stale_learners(TENANT) == ()
    assert engine.record(TENANT, attempt_of(2, "halves-2")).state_version == 2


def test_a_snapshot_behind_the_log_is_not_used(engine: Engine[Any]) -> None:
    """Another worker under another model version appended: this version's snapshot is behind, and is rebuilt."""
    engine.record(TENANT, attempt_of(1, "halves-1"))
    other = replace(engine, model_version="another")
    other.record(TENANT, attempt_of(2, "halves-2", correct=0.0))
    assert engine.state_version(TENANT, "ann") == 2
    assert engine.record(TENANT, attempt_of(3, "halves-3")).state_version == 3
    assert engine.stale_learners(TENANT) == ()


def test_a_new_engine_on_the_same_file_goes_on_where_the_old_one_stopped(engine: Engine[Any], url: str) -> None:
    attempts = some_attempts()
    engine.record_batch(TENANT, attempts[:6])
    engine.store.close()
    reopened = replace(engine, store=Store.open(url))
    for attempt in attempts[6:]:
        reopened.record(TENANT, attempt)
    reopened.record_batch("straight", attempts)
    assert state_of(reopened) == state_of(reopened, "straight")
    reopened.store.close()


def test_tenants_do_not_see_each_other(engine: Engine[Any]) -> None:
    engine.record(TENANT, attempt_of(1, "halves-1"))
    assert engine.state_version("elsewhere", "ann") == 0
    assert engine.record("elsewhere", attempt_of(1, "halves-1", correct=0.0)).applied == "appended"


def test_a_skill_tried_long_without_mastery_raises_an_alert(engine: Engine[Any]) -> None:
    answers = engine.record_batch(TENANT, [attempt_of(n, f"ratios-{n % 30}", correct=0.0) for n in range(26)])
    assert isinstance(answers[-1], Recorded)
    assert answers[-1].alerts == ("stuck:ratios",)
