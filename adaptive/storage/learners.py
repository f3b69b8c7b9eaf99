"""Learners: their row with its version and its lock, and their erasure."""

from __future__ import annotations

from functools import cache
from typing import Final

from sqlalchemy import Executable, Table, bindparam, delete, func, select

from adaptive.storage.tables import answers, attempts, decisions, learners, placements, plans, snapshots
from adaptive.storage.transaction import InsertFunction, Row, Transaction, require_storable

__all__ = ["LearnerRows"]

_IS_THE_LEARNER: Final = (learners.c.tenant_id == bindparam("tenant_id"), learners.c.learner_id == bindparam("learner_id"))
_VERSION: Final = select(learners.c.version).where(*_IS_THE_LEARNER)
_LOCK: Final = _VERSION.with_for_update()
_N_PLACEMENTS: Final = (
    select(func.count())
    .where(placements.c.tenant_id == bindparam("tenant_id"), placements.c.learner_id == bindparam("learner_id"))
    .scalar_subquery()
)
_N_ATTEMPTS: Final = select(learners.c.version - _N_PLACEMENTS).where(*_IS_THE_LEARNER)
_WITH_EVIDENCE: Final = (
    select(learners.c.learner_id)
    .where(learners.c.tenant_id == bindparam("tenant_id"), learners.c.version > 0)
    .order_by(learners.c.learner_id)
)
_ERASE: Final = tuple(
    delete(table).where(table.c.tenant_id == bindparam("tenant_id"), table.c.learner_id == bindparam("learner_id"))
    for table in (attempts, snapshots, placements, decisions, plans, answers)
)
_FORGET: Final = delete(learners).where(*_IS_THE_LEARNER)


class LearnerRows(Transaction):
    """Who practises. A learner has a row from the first thing that is stored about them, or from their first lock.

    The row's version counts the attempts and placements that have arrived, and each of these keeps the version that
    it raised the learner to as its `arrival`: 1, 2, ... of a learner, without gaps. What was known at a version is
    therefore exactly what has an arrival up to it.
    """

    __slots__ = ()

    def lock_learner(self, learner_id: str) -> int:
        """The learner's version, once no other unit holds them; this one then holds them to its end.

        Reads after the lock see all that earlier holders committed, so read, compute, write loses no update. In
        PostgreSQL it locks the learner's row; SQLite has one writer at a time anyway. A unit that locks several
        learners locks them in sorted order, or two such units may wait for each other.
        """
        self._require_writing()
        version: int | None = self._read(_LOCK, learner_id=learner_id).scalar()
        while version is None:  # twice where another unit erases the learner in between
            self._register(learner_id)
            version = self._read(_LOCK, learner_id=learner_id).scalar()
        return version

    def version(self, learner_id: str) -> int:
        """How many attempts and placements of the learner have arrived; 0 for one never met. One indexed read."""
        return self._read(_VERSION, learner_id=learner_id).scalar() or 0

    def learners(self) -> list[str]:
        """Every learner with an attempt or a placement, sorted by code point.

        A lock, a decision or a plan alone makes nobody one of them: there is no evidence of theirs to fold.
        """
        return list(self._read(_WITH_EVIDENCE).scalars())

    def n_attempts(self, learner_id: str) -> int:
        """How many attempts the history holds, at a cost independent of their number; 0 for an unknown learner."""
        return self._read(_N_ATTEMPTS, learner_id=learner_id).scalar() or 0

    def erase_learner(self, learner_id: str) -> int:
        """The number of records deleted: attempts and everything derived from them or said about them.

        The learner's version is 0 again, and no decision that rested on an earlier one is left.
        """
        self.lock_learner(learner_id)
        n_records = sum(self._write(statement, learner_id=learner_id) for statement in _ERASE)
        self._write(_FORGET, learner_id=learner_id)
        return n_records

    def _add_evidence(self, table: Table, row: Row) -> Row | None:
        """Store an attempt or a placement as the learner's next arrival; None where it is new, else the row that holds its key.

        Locks the learner, so that no two units give the same arrival.
        """
        require_storable(row)  # all that is wrong with it, before the lock could complain of the learner's id alone
        learner_id = row["learner_id"]
        arrival = self.lock_learner(learner_id) + 1
        stored = self._insert_new(table, row | {"arrival": arrival})
        if stored is None:
            self._write(_set_version(self._insert), learner_id=learner_id, version=arrival)
        return stored

    def _register(self, learner_id: str) -> None:
        self._insert_new(learners, {"learner_id": learner_id, "version": 0})


@cache
def _set_version(insert: InsertFunction) -> Executable:
    statement = insert(learners)
    return statement.on_conflict_do_update(index_elements=list(learners.primary_key), set_={"version": statement.excluded.version})
