"""Learners: their row, its lock, and their erasure."""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, select

from adaptive.storage.tables import answers, attempts, decisions, learners, placements, plans, snapshots
from adaptive.storage.transaction import InsertFunction, Transaction

__all__ = ["LearnerRows"]

_IS_THE_LEARNER: Final = (learners.c.tenant_id == bindparam("tenant_id"), learners.c.learner_id == bindparam("learner_id"))
_LOCK: Final = select(learners.c.learner_id).where(*_IS_THE_LEARNER).with_for_update()
_N_ATTEMPTS: Final = select(learners.c.n_attempts).where(*_IS_THE_LEARNER)
_ALL: Final = select(learners.c.learner_id).where(learners.c.tenant_id == bindparam("tenant_id")).order_by(learners.c.learner_id)
_ERASE: Final = tuple(
    delete(table).where(table.c.tenant_id == bindparam("tenant_id"), table.c.learner_id == bindparam("learner_id"))
    for table in (attempts, snapshots, placements, decisions, plans, answers)
)
_FORGET: Final = delete(learners).where(*_IS_THE_LEARNER)


class LearnerRows(Transaction):
    """Who practises. A learner has a row from the first thing that is stored about them."""

    __slots__ = ()

    def lock_learner(self, learner_id: str) -> None:
        """Wait until no other unit holds this learner, then hold them to the end of this one.

        Reads after the lock see all that earlier holders committed, so read, compute, write loses no update. In
        PostgreSQL it locks the learner's row; SQLite has one writer at a time anyway. A unit that locks several
        learners locks them in sorted order, or two such units may wait for each other.
        """
        self._require_writing()
        if self._read(_LOCK, learner_id=learner_id).first() is None:
            self._register(learner_id)
            self._read(_LOCK, learner_id=learner_id).first()

    def learners(self) -> list[str]:
        """Every learner with a row, sorted by code point."""
        return list(self._read(_ALL).scalars())

    def n_attempts(self, learner_id: str) -> int:
        """How many attempts the history holds, at a cost independent of their number; 0 for an unknown learner."""
        return self._read(_N_ATTEMPTS, learner_id=learner_id).scalar() or 0

    def erase_learner(self, learner_id: str) -> int:
        """The number of records deleted: attempts and everything derived from them or said about them."""
        self.lock_learner(learner_id)
        n_records = sum(self._write(statement, learner_id=learner_id) for statement in _ERASE)
        self._write(_FORGET, learner_id=learner_id)
        return n_records

    def _count_attempt(self, learner_id: str) -> None:
        self._write(_count(self._insert), learner_id=learner_id, n_attempts=1)

    def _register(self, learner_id: str) -> None:
        self._insert_new(learners, {"learner_id": learner_id, "n_attempts": 0})


@cache
def _count(insert: InsertFunction) -> Executable:
    statement = insert(learners)
    return statement.on_conflict_do_update(
        index_elements=list(learners.primary_key), set_={"n_attempts": learners.c.n_attempts + statement.excluded.n_attempts}
    )
