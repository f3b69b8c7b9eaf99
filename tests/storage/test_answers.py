from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adaptive.errors import InvalidInput, StorageUnavailable
from adaptive.storage import Store, StoredAnswer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
TICK = timedelta(microseconds=1)
ANSWER = StoredAnswer(201, b'{"plan_id": "\x00\xff"}', "application/problem+json", learner_id="ann")


def test_an_answer_is_replayed_byte_for_byte_for_a_day(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        assert unit.stored_answer("key-1", "abc", NOON) is None
        unit.store_answer("key-1", "abc", ANSWER, NOON)
    with store.unit("school", write=False) as unit:
        assert unit.stored_answer("key-1", "abc", NOON + DAY - TICK) == ANSWER
        assert unit.stored_answer("key-1", "abc", NOON + DAY) is None
    with store.unit("elsewhere", write=False) as unit:
        assert unit.stored_answer("key-1", "abc", NOON) is None


def test_a_key_with_another_request_is_refused(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        unit.store_answer("key-1", "abc", ANSWER, NOON)
        with pytest.raises(InvalidInput, match=r"an Idempotency-Key names one request.*'key-1'; send the same request"):
            unit.stored_answer("key-1", "def", NOON + TICK)


def test_a_key_may_be_used_anew_after_a_day(store: Store) -> None:
    again = StoredAnswer(200, b"")
    with store.unit("school", write=True) as unit:
        unit.store_answer("key-1", "abc", ANSWER, NOON)
        unit.store_answer("key-1", "def", again, NOON + DAY)
        assert unit.stored_answer("key-1", "def", NOON + DAY) == again


def test_the_second_of_two_requests_at_once_is_undone(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        unit.store_answer("key-1", "abc", ANSWER, NOON)

    def answer_again() -> None:
        with store.unit("school", write=True) as unit:
            unit.lock_learner("bob")
            unit.store_answer("key-1", "abc", StoredAnswer(201, b"other"), NOON)

    with pytest.raises(StorageUnavailable, match="nothing was applied, send it again"):
        answer_again()
    with store.unit("school", write=False) as unit:
        assert unit.stored_answer("key-1", "abc", NOON) == ANSWER
        assert unit.learners() == []
