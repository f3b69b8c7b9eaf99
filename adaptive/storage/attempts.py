"""The append-only log of attempts: the truth from which everything else about a learner is derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import bindparam, select

from adaptive.domain import Attempt
from adaptive.errors import AttemptConflict
from adaptive.storage.documents import document_of, parse
from adaptive.storage.instants import from_microseconds, to_microseconds
from adaptive.storage.learners import LearnerRows
from adaptive.storage.tables import attempts
from adaptive.storage.transaction import Row

__all__ = ["AttemptRows"]

_VALUES: Final = [column for column in attempts.c if column.name not in {"tenant_id", "arrival"}]
_ONE: Final = select(*_VALUES).where(attempts.c.tenant_id == bindparam("tenant_id"), attempts.c.attempt_id == bindparam("attempt_id"))
_HISTORY: Final = (
    select(*_VALUES)
    .where(attempts.c.tenant_id == bindparam("tenant_id"), attempts.c.learner_id == bindparam("learner_id"))
    .order_by(attempts.c.occurred_us, attempts.c.sequence, attempts.c.attempt_id)
)
_HISTORY_UNTIL: Final = _HISTORY.where(attempts.c.arrival <= bindparam("until"))


class AttemptRows(LearnerRows):
    """Attempts in, histories out. No method changes an attempt, and a trigger refuses the UPDATE of one."""

    __slots__ = ()

    def append(self, attempt: Attempt) -> bool:
        """True where the attempt is new, False where the log already holds exactly it, so a retry is safe.

        Raises AttemptConflict where the log holds another attempt under its id; the message names what differs.
        The log is then as it was, and the unit may go on. Locks the learner, and raises their version where the attempt is new.
        """
        row = _row(attempt)
        stored = self._add_evidence(attempts, row)
        if stored is not None:
            _require_same(stored, row)
        return stored is None

    def attempt(self, attempt_id: str) -> Attempt | None:
        """The attempt of that id, if the log holds it."""
        row = self._read(_ONE, attempt_id=attempt_id).one_or_none()
        return None if row is None else _attempt(row)

    def history(self, learner_id: str, *, until: int | None = None) -> list[Attempt]:
        """The learner's attempts, sorted as by Attempt.order_key; empty for an unknown learner.

        With `until`, only those that had arrived when the learner's version was that: late ones come later, whenever they occurred.
        """
        if until is None:
            return [_attempt(row) for row in self._read(_HISTORY, learner_id=learner_id)]
        return [_attempt(row) for row in self._read(_HISTORY_UNTIL, learner_id=learner_id, until=until)]


def _row(attempt: Attempt) -> Row:
    """The attempt as columns. `int` and `float` also unwrap numpy's numbers, which SQLite would store as blobs."""
    at = attempt.occurred_at
    return {
        "attempt_id": attempt.attempt_id,
        "learner_id": attempt.learner_id,
        "item_id": attempt.item_id,
        "skill_ids": document_of(attempt.skill_ids),
        "correct": None if attempt.correct is None else float(attempt.correct) + 0.0,  # SQLite keeps no sign of zero: -0.0 + 0.0 = 0.0
        "occurred_us": to_microseconds(at or attempt.order_key[0]),
        "has_time": at is not None,
        "sequence": int(attempt.sequence),
        "study": bool(attempt.study),
        "attempt_number": _optional_int(attempt.attempt_number),
        "hints_used": _optional_int(attempt.hints_used),
        "response_ms": _optional_int(attempt.response_ms),
        "recommendation_id": attempt.recommendation_id,
        "mode": attempt.mode,
        "session_id": attempt.session_id,
        "dont_know": bool(attempt.dont_know),
    }


def _attempt(row: Sequence[Any]) -> Attempt:  # Any: the columns differ in type; `_VALUES` gives their order
    attempt_id, learner_id, item_id, skill_ids, correct, occurred_us, has_time, sequence, study, *more = row
    attempt_number, hints_used, response_ms, recommendation_id, mode, session_id, dont_know = more
    return Attempt(
        attempt_id=attempt_id,
        learner_id=learner_id,
        item_id=item_id,
        skill_ids=tuple(parse(skill_ids)),
        correct=correct,
        occurred_at=from_microseconds(occurred_us) if has_time else None,
        sequence=sequence,
        study=study,
        attempt_number=attempt_number,
        hints_used=hints_used,
        response_ms=response_ms,
        recommendation_id=recommendation_id,
        mode=mode,
        session_id=session_id,
        dont_know=dont_know,
    )


def _optional_int(value: int | None) -> int | None:
    return None if value is None else int(value)


def _require_same(stored: Row, given: Row) -> None:
    """Compare as the log would hold them: times as instants, numbers without their type."""
    old, new = (_attempt([row[column.name] for column in _VALUES]) for row in (stored, given))
    differing = [
        f"{field.name} {getattr(old, field.name)!r} (given {getattr(new, field.name)!r})"
        for field in fields(Attempt)
        if getattr(old, field.name) != getattr(new, field.name)
    ]
    if differing:
        raise AttemptConflict(
            f"An attempt id names one attempt. Got {new.attempt_id!r} again, but the log holds {', '.join(differing)}; "
            "send the same content to retry, or another attempt_id for another attempt."
        )
