"""Units from the first write on are one; those before it, and of other tenants, are not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adaptive.domain import Attempt
from adaptive.serving.joined_store import JoinedStore
from adaptive.storage import Store

from .world import START, url_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JoinedStore]:
    store = JoinedStore(Store.open(url_of(tmp_path)))
    store.check()
    yield store
    store.close()


def append(store: Store, attempt_id: str) -> None:
    with store.unit("default", write=True) as unit:
        unit.append(Attempt(attempt_id, "ann", "q1", (), correct=1.0, occurred_at=START))


def n_attempts(store: Store) -> int:
    with store.unit("default", write=False) as unit:
        return unit.n_attempts("ann")


def test_what_is_done_inside_is_kept_or_lost_as_a_whole(store: JoinedStore) -> None:
    def fail_after_two() -> None:
        with store.joining("default"):
            append(store, "a1")
            append(store, "a2")
            assert n_attempts(store) == 2
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        fail_after_two()
    assert n_attempts(store) == 0
    with store.joining("default"):
        append(store, "a1")
        append(store, "a2")
    assert n_attempts(store) == 2


def test_readers_and_writers_do_not_wait_for_a_request_that_has_not_written_yet(store: JoinedStore) -> None:
    with store.joining("default"):
        assert n_attempts(store) == 0
        with ThreadPoolExecutor(1) as other_request:
            other_request.submit(append, store, "a1").result(timeout=5)
        assert n_attempts(store) == 1
        append(store, "a2")
    assert n_attempts(store) == 2


def test_a_unit_of_another_tenant_is_its_own(store: JoinedStore) -> None:
    with store.joining("default"):
        append(store, "a1")
        with store.unit("other", write=False) as other:
            assert other.tenant_id == "other"
            assert other.n_attempts("ann") == 0
