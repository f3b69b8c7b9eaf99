from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adaptive.domain import Attempt, Decision, Goal, Placement, Plan
from adaptive.errors import AdaptiveError, AttemptConflict, RecordConflict
from adaptive.storage import Snapshot, Store, StoredAnswer, Unit
from adaptive.storage.tables import METADATA

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ATTEMPT = Attempt("a1", "ann", "q7", ("fractions",), correct=1.0, occurred_at=NOON)
DECISION = Decision("d1", "school", "ann", NOON, "learn", "in_progress", "threshold-1", "bkt-1", "c1", 1, 7, 9, (), (), ())


def store_everything(unit: Unit, learner_id: str) -> None:
    """One record of each kind, each under an id that names the learner."""
    unit.append(replace(ATTEMPT, attempt_id=f"a-{learner_id}", learner_id=learner_id))
    unit.save_snapshot(Snapshot(learner_id, "bkt-1", 1, None, {}))
    unit.add_placement(Placement(f"p-{learner_id}", learner_id, ()), NOON)
    unit.add_decision(replace(DECISION, decision_id=f"d-{learner_id}", learner_id=learner_id))
    unit.add_plan(f"plan-{learner_id}", Plan(learner_id, Goal("all", ()), date(2026, 3, 2), ()), NOON)
    unit.store_answer(f"key-{learner_id}", "abc", StoredAnswer(201, b"", learner_id=learner_id), NOON)


def rows_of(store: Store, learner_id: str) -> dict[str, int]:
    """Rows that name the learner, by table: every table has to have the column."""
    with store._database.begin(write=False) as connection:
        return {
            table.name: connection.execute(select(func.count()).where(table.c.learner_id == learner_id)).scalar_one()
            for table in METADATA.sorted_tables
        }


def test_an_erased_learner_leaves_nothing_and_others_stay(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        store_everything(unit, "ann")
        store_everything(unit, "bob")
    assert set(rows_of(store, "ann").values()) == {1}
    with store.unit("school", write=True) as unit:
        assert unit.erase_learner("ann") == 6
        assert unit.learners() == ["bob"]
    assert set(rows_of(store, "ann").values()) == {0}
    assert set(rows_of(store, "bob").values()) == {1}


def test_an_erased_learner_is_not_even_in_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "adaptive.db"
    for erased in (False, True):
        store = Store.open(f"sqlite:///{path}")
        with store.unit("school", write=True) as unit:
            if erased:
                unit.erase_learner("ann-of-green-gables")
            else:
                store_everything(unit, "ann-of-green-gables")
        store.close()
        assert (b"green-gables" in path.read_bytes()) is not erased


def test_erasing_an_unknown_learner_erases_nothing(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        assert unit.erase_learner("nobody") == 0
        assert unit.learners() == []


def test_an_erased_learner_may_begin_anew(store: Store) -> None:
    for _ in range(2):
        with store.unit("school", write=True) as unit:
            assert unit.append(ATTEMPT)
            assert unit.add_placement(Placement("p1", "ann", ()), NOON)
            unit.add_decision(replace(DECISION, state_version=2))
            assert (unit.version("ann"), unit.n_attempts("ann")) == (2, 1)
            assert unit.erase_learner("ann") == 3
            assert (unit.version("ann"), unit.n_attempts("ann")) == (0, 0)
            assert list(unit.decisions()) == []


def test_whoever_has_evidence_is_a_learner(store: Store) -> None:
    """Decisions and plans rest on evidence; they are none. A conflict in a unit that goes on, or a mere lock, leaves no ghost."""
    with store.unit("school", write=True) as unit:
        unit.add_placement(Placement("p1", "cleo", ()), NOON)
        unit.add_decision(replace(DECISION, learner_id="dan"))
        unit.add_plan("plan-1", Plan("eve", Goal("all", ()), date(2026, 3, 2), ()), NOON)
        unit.append(ATTEMPT)
        with pytest.raises(AttemptConflict):
            unit.append(replace(ATTEMPT, learner_id="fay"))
        with pytest.raises(RecordConflict):
            unit.add_placement(Placement("p1", "gus", ()), NOON)
        assert unit.lock_learner("hal") == 0
    with store.unit("school", write=True) as unit:
        assert unit.learners() == ["ann", "cleo"]
        assert [unit.version(name) for name in ("ann", "cleo", "dan", "fay", "nobody")] == [1, 1, 0, 0, 0]
        assert [unit.n_attempts(name) for name in ("ann", "cleo", "nobody")] == [1, 0, 0]
        assert unit.erase_learner("dan") == 1  # who is not listed can be erased all the same


@pytest.mark.parametrize(
    "act", [lambda unit: unit.append(ATTEMPT), lambda unit: unit.lock_learner("ann"), lambda unit: unit.erase_learner("ann")]
)
def test_a_reading_unit_refuses_to_write(store: Store, act) -> None:
    with store.unit("school", write=False) as unit:
        with pytest.raises(AdaptiveError, match="A reading unit writes nothing"):
            act(unit)
        assert unit.learners() == []
