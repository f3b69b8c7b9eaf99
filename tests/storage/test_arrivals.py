"""What had arrived at a version can be read again exactly, whatever arrives afterwards."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adaptive.domain import Attempt, Decision, Goal, Placement, Plan
from adaptive.errors import AttemptConflict, RecordConflict
from adaptive.storage import Snapshot, Store, Unit
from adaptive.storage.tables import attempts, placements

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEARNERS = ("ann", "bob")
FRESH_TENANTS = (f"tenant-{n}" for n in itertools.count())
DECISION = Decision("d1", "", "ann", NOON, "learn", "in_progress", "threshold-1", "bkt-1", "c1", 1, 7, 9, (), (), ())

Record = Attempt | Placement | Snapshot | Plan | Decision
Known = tuple[list[Attempt], list[Placement]]


class UndoTheUnit(Exception):
    """Raised inside a unit to undo it."""


# Few ids and few contents make retries (all equal) and conflicts (one id, another content) common; few times, late attempts and ties.
names = st.sampled_from("abcde")
learners = st.sampled_from(LEARNERS)
times = st.none() | st.integers(-2, 2).map(lambda minutes: NOON + timedelta(minutes=minutes))
records = st.one_of(
    st.builds(Attempt, names, learners, st.just("q1"), st.just(()), correct=st.just(1.0), occurred_at=times),
    st.builds(Placement, names, learners, st.just(()), flags=st.sampled_from([(), ("late",)])),
    st.builds(Snapshot, learners, st.just("bkt-1"), st.integers(0, 9), st.none(), st.just({})),
    st.builds(Plan, learners, st.just(Goal("all", ())), st.just(date(2026, 3, 2)), st.just(())),
    st.builds(lambda name, learner_id: replace(DECISION, decision_id=name, learner_id=learner_id), names, learners),
)


def store_record(unit: Unit, record: Record) -> bool:
    """Whether the record is new evidence; a conflict is refused and the unit goes on."""
    with suppress(AttemptConflict, RecordConflict):
        match record:
            case Attempt():
                return unit.append(record)
            case Placement():
                return unit.add_placement(record, NOON)
            case Snapshot():
                unit.lock_learner(record.learner_id)
                unit.save_snapshot(record)
            case Plan():
                unit.add_plan("plan-1", record, NOON)
            case Decision():
                unit.add_decision(replace(record, tenant_id=unit.tenant_id))
    return False


def try_record(store: Store, tenant_id: str, record: Record) -> None:
    """Store the record in a unit that is undone."""
    with suppress(UndoTheUnit), store.unit(tenant_id, write=True) as unit:
        store_record(unit, record)
        raise UndoTheUnit


def known(unit: Unit, learner_id: str, until: int | None = None) -> Known:
    return unit.history(learner_id, until=until), unit.placements(learner_id, until=until)


def stored_arrivals(store: Store, tenant_id: str, learner_id: str) -> list[int]:
    """The arrivals of both tables together, sorted."""
    with store._database.begin(write=False) as connection:
        queries = [
            select(table.c.arrival).where(table.c.tenant_id == tenant_id, table.c.learner_id == learner_id)
            for table in (attempts, placements)
        ]
        return sorted(arrival for query in queries for arrival in connection.execute(query).scalars())


@settings(deadline=None, max_examples=80)
@given(steps=st.lists(st.tuples(records, st.booleans()), max_size=24))
def test_what_was_known_at_a_version_is_read_again_whatever_came_later(shared_store: Store, steps: list[tuple[Record, bool]]) -> None:
    tenant_id = next(FRESH_TENANTS)
    new: dict[str, list[Record]] = {learner_id: [] for learner_id in LEARNERS}  # the oracle: what was accepted, in order
    told: dict[tuple[str, int], Known] = {(learner_id, 0): ([], []) for learner_id in LEARNERS}
    for record, is_undone in steps:
        if is_undone:
            try_record(shared_store, tenant_id, record)
        else:
            with shared_store.unit(tenant_id, write=True) as unit:
                if store_record(unit, record):
                    new[record.learner_id].append(record)
        with shared_store.unit(tenant_id, write=False) as unit:
            for learner_id in LEARNERS:
                assert unit.version(learner_id) == len(new[learner_id])
                now = known(unit, learner_id)
                assert told.setdefault((learner_id, unit.version(learner_id)), now) == now
    with shared_store.unit(tenant_id, write=False) as unit:
        assert {key: known(unit, *key) for key in told} == told
        assert unit.learners() == [learner_id for learner_id in LEARNERS if new[learner_id]]
        for learner_id in LEARNERS:
            n_attempts = sum(isinstance(record, Attempt) for record in new[learner_id])
            assert (len(told[learner_id, len(new[learner_id])][0]), unit.n_attempts(learner_id)) == (n_attempts, n_attempts)
    for learner_id in LEARNERS:
        assert stored_arrivals(shared_store, tenant_id, learner_id) == list(range(1, len(new[learner_id]) + 1))


def test_a_late_attempt_is_in_the_history_only_after_its_arrival(store: Store) -> None:
    on_time = Attempt("a1", "ann", "q1", (), correct=1.0, occurred_at=NOON)
    late = replace(on_time, attempt_id="a2", occurred_at=NOON - timedelta(days=1))
    placement = Placement("p1", "ann", ())
    with store.unit("school", write=True) as unit:
        assert unit.append(on_time)
        assert unit.add_placement(placement, NOON)
        assert unit.append(late)
        assert [unit.history("ann", until=version) for version in range(4)] == [[], [on_time], [on_time], [late, on_time]]
        assert [unit.placements("ann", until=version) for version in range(4)] == [[], [], [placement], [placement]]
        assert unit.history("ann", until=9) == unit.history("ann")


def test_an_erased_learner_arrives_from_one_again(store: Store) -> None:
    for _ in range(2):
        with store.unit("school", write=True) as unit:
            for name in "ab":
                assert unit.append(Attempt(name, "ann", "q1", (), correct=1.0))
        assert stored_arrivals(store, "school", "ann") == [1, 2]
        with store.unit("school", write=True) as unit:
            assert unit.erase_learner("ann") == 2
            assert unit.version("ann") == 0
