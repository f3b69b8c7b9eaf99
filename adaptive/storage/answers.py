"""Stored answers: a request that comes again under its Idempotency-Key is answered as it was the first time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, select

from adaptive.errors import Problem, RecordConflict, StorageUnavailable
from adaptive.storage.instants import to_microseconds
from adaptive.storage.tables import answers
from adaptive.storage.transaction import Transaction

__all__ = ["ANSWERS_KEPT_FOR", "AnswerRows", "StoredAnswer"]

ANSWERS_KEPT_FOR: Final = timedelta(hours=24)
"""How long a key is remembered (api, "What every answer keeps"); after that it may be used anew."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An HTTP answer to be replayed byte for byte. `learner_id` is whom it is about: erasing them erases it."""

    status: int
    body: bytes
    media_type: str = "application/json"
    learner_id: str | None = None


_ONE: Final = select(answers.c.request_sha256, answers.c.status, answers.c.body, answers.c.media_type, answers.c.learner_id).where(
    answers.c.tenant_id == bindparam("tenant_id"),
    answers.c.answer_key == bindparam("answer_key"),
    answers.c.stored_us > bindparam("expired_us"),
)
_EXPIRE: Final = delete(answers).where(answers.c.tenant_id == bindparam("tenant_id"), answers.c.stored_us <= bindparam("expired_us"))


class AnswerRows(Transaction):
    """Answers by Idempotency-Key. Store an answer in the unit that did what it reports."""

    __slots__ = ()

    def stored_answer(self, key: str, request_sha256: str, at: datetime) -> StoredAnswer | None:
        """The answer stored under that key within the last 24 hours, None where the request is new.

        `request_sha256` covers method, path and body; raises RecordConflict where the key came with another request.
        """
        row = self._read(_ONE, answer_key=key, expired_us=_expired(at)).one_or_none()
        if row is None:
            return None
        first_sha256, *answer = tuple(row)
        if first_sha256 != request_sha256:
            rule = "an Idempotency-Key names one request, and this one came with another within 24 hours"
            way_out = "send the same request to retry, or a new key for a new request"
            raise RecordConflict("request", [Problem("Idempotency-Key", rule, key, way_out)])
        return StoredAnswer(*answer)

    def store_answer(self, key: str, request_sha256: str, answer: StoredAnswer, at: datetime) -> None:
        """Remember the answer under its key, and forget those older than 24 hours.

        Raises StorageUnavailable where another unit answered under the key since this one looked: nothing of this
        unit is then kept, and the retry finds the other's answer.
        """
        self._write(_EXPIRE, expired_us=_expired(at))
        row = {
            "answer_key": key,
            "learner_id": answer.learner_id,
            "request_sha256": request_sha256,
            "stored_us": to_microseconds(at),
            "status": answer.status,
            "media_type": answer.media_type,
            "body": answer.body,
        }
        if self._insert_new(answers, row) is not None:
            raise StorageUnavailable(
                f"One request at a time runs under an Idempotency-Key. Got {key!r} twice at once; nothing was applied, send it again."
            )


def _expired(at: datetime) -> int:
    return to_microseconds(at - ANSWERS_KEPT_FOR)
