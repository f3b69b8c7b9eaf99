"""Snapshots of learner states: a cache beside the log, which a replay can rebuild bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Executable, bindparam, delete, select

from adaptive.storage.documents import document_of, parse
from adaptive.storage.instants import from_microseconds, to_microseconds
from adaptive.storage.learners import LearnerRows
from adaptive.storage.tables import snapshots
from adaptive.storage.transaction import InsertFunction, Row

__all__ = ["Snapshot", "SnapshotRows"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A learner's state under one model after the attempt whose order_key is `last_key` (None: before any).

    `state` is what `LearnerModel.encode_state` wrote; `state_version` is the learner's version that it rests on.
    """

    learner_id: str
    model_version: str
    state_version: int
    last_key: tuple[datetime, int, str] | None
    state: Mapping[str, Any]  # Any: JSON values of the model


_ONE: Final = select(
    snapshots.c.learner_id,
    snapshots.c.model_version,
    snapshots.c.state_version,
    snapshots.c.last_us,
    snapshots.c.last_sequence,
    snapshots.c.last_attempt_id,
    snapshots.c.document,
).where(
    snapshots.c.tenant_id == bindparam("tenant_id"),
    snapshots.c.learner_id == bindparam("learner_id"),
    snapshots.c.model_version == bindparam("model_version"),
)
_DROP: Final = delete(snapshots).where(snapshots.c.tenant_id == bindparam("tenant_id"), snapshots.c.learner_id == bindparam("learner_id"))


class SnapshotRows(LearnerRows):
    """One snapshot per learner and model version. Save it in the unit that appended the attempt."""

    __slots__ = ()

    def snapshot(self, learner_id: str, model_version: str) -> Snapshot | None:
        """The learner's snapshot under that model, if there is one."""
        row = self._read(_ONE, learner_id=learner_id, model_version=model_version).one_or_none()
        return None if row is None else _snapshot(row)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Store the snapshot in place of the learner's earlier one under the same model."""
        self._write(_upsert(self._insert), **_row(snapshot))

    def drop_snapshots(self, learner_id: str) -> None:
        """Delete the learner's snapshots under every model; the log remains."""
        self._write(_DROP, learner_id=learner_id)


@cache
def _upsert(insert: InsertFunction) -> Executable:
    statement = insert(snapshots)
    key = list(snapshots.primary_key)
    replaced = {column.name: statement.excluded[column.name] for column in snapshots.c if column not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=replaced)


def _row(snapshot: Snapshot) -> Row:
    last_at, last_sequence, last_attempt_id = snapshot.last_key or (None, None, None)
    return {
        "learner_id": snapshot.learner_id,
        "model_version": snapshot.model_version,
        "state_version": int(snapshot.state_version),
        "last_us": None if last_at is None else to_microseconds(last_at),
        "last_sequence": last_sequence,
        "last_attempt_id": last_attempt_id,
        "document": document_of(snapshot.state),
    }


def _snapshot(row: Sequence[Any]) -> Snapshot:  # Any: the columns differ in type; `_ONE` gives their order
    learner_id, model_version, state_version, last_us, last_sequence, last_attempt_id, document = row
    last_key = None if last_us is None else (from_microseconds(last_us), last_sequence, last_attempt_id)
    return Snapshot(learner_id, model_version, state_version, last_key, parse(document))
