"""Writers to one learner take turns: no update is lost, between threads or between processes."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from adaptive.domain import Attempt, Goal, Placement, Plan
from adaptive.storage import Snapshot, Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
N_WRITERS = 8
N_ATTEMPTS = 12

PROCESS = """
import importlib.util, sys
from adaptive.storage import Store
spec = importlib.util.spec_from_file_location("writers", sys.argv[1])
writers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(writers)
store = Store.open(sys.argv[2])
for n in range(writers.N_ATTEMPTS):
    writers.record(store, f"{sys.argv[3]}-{n}")
"""


def record(store: Store, name: str) -> None:
    """Append, and count in the snapshot: a lost update shows as a count that is too small."""
    with store.unit("school", write=True) as unit:
        unit.lock_learner("ann")
        before = unit.snapshot("ann", "counter")
        n = 0 if before is None else before.state["n"]
        unit.append(Attempt(name, "ann", "q1", (), correct=1.0))
        unit.save_snapshot(Snapshot("ann", "counter", n + 1, None, {"n": n + 1}))


def require_all(store: Store, n_attempts: int) -> None:
    with store.unit("school", write=False) as unit:
        snapshot = unit.snapshot("ann", "counter")
        assert snapshot is not None
        assert (len(unit.history("ann")), unit.version("ann"), snapshot.state["n"]) == (n_attempts,) * 3
        assert [len(unit.history("ann", until=version)) for version in range(n_attempts)] == list(range(n_attempts))


def test_threads_lose_no_update(store: Store) -> None:
    names = [f"{writer}-{n}" for writer in range(N_WRITERS) for n in range(N_ATTEMPTS)]
    with ThreadPoolExecutor(N_WRITERS) as pool:
        list(pool.map(lambda name: record(store, name), names))
    require_all(store, len(names))


def test_processes_lose_no_update(url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", PROCESS, __file__, url, str(writer)]) for writer in range(2)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    store = Store.open(url)
    require_all(store, 2 * N_ATTEMPTS)
    store.close()


def test_one_attempt_sent_many_times_at_once_is_stored_once(store: Store) -> None:
    attempt = Attempt("a1", "ann", "q1", (), correct=1.0, occurred_at=NOON)

    def append(_: int) -> bool:
        with store.unit("school", write=True) as unit:
            return unit.append(attempt)

    with ThreadPoolExecutor(N_WRITERS) as pool:
        assert sum(pool.map(append, range(4 * N_WRITERS))) == 1
    with store.unit("school", write=False) as unit:
        assert unit.history("ann") == [attempt]
        assert unit.version("ann") == 1


def test_placements_added_at_once_keep_one_order(store: Store) -> None:
    def add(n: int) -> bool:
        with store.unit("school", write=True) as unit:
            return unit.add_placement(Placement(f"p{n}", "ann", ()), NOON + timedelta(minutes=n))

    with ThreadPoolExecutor(N_WRITERS) as pool:
        assert all(pool.map(add, range(2 * N_WRITERS)))
    with store.unit("school", write=False) as unit:
        assert {placement.placement_id for placement in unit.placements("ann")} == {f"p{n}" for n in range(2 * N_WRITERS)}


def test_attempts_and_placements_at_once_each_have_an_arrival_of_their_own(store: Store) -> None:
    """Without a lock taken beforehand, from the learner's first record on, and each sent twice."""
    learners = ["ann", "bob", "cem"]

    def store_one(n: int) -> bool:
        learner_id, name = learners[n % 3], f"{n % 30}"
        with store.unit("school", write=True) as unit:
            if n % 2:
                return unit.append(Attempt(name, learner_id, "q1", (), correct=1.0, sequence=-(n % 30)))
            return unit.add_placement(Placement(name, learner_id, ()), NOON)

    with ThreadPoolExecutor(N_WRITERS) as pool:
        assert sum(pool.map(store_one, range(60))) == 30
    with store.unit("school", write=False) as unit:
        for learner_id in learners:
            assert unit.version(learner_id) == 10
            until = [len(unit.history(learner_id, until=n)) + len(unit.placements(learner_id, until=n)) for n in range(11)]
            assert until == list(range(11))


def test_an_erasure_between_appends_leaves_whole_counts(store: Store) -> None:
    def append_or_erase(n: int) -> None:
        with store.unit("school", write=True) as unit:
            if n % 4:
                unit.append(Attempt(f"a{n}", "ann", "q1", (), correct=1.0))
            else:
                unit.erase_learner("ann")

    with ThreadPoolExecutor(N_WRITERS) as pool:
        list(pool.map(append_or_erase, range(20 * N_WRITERS)))
    with store.unit("school", write=True) as unit:
        version = unit.lock_learner("ann")
        assert [len(unit.history("ann", until=n)) for n in range(version + 1)] == list(range(version + 1))
        assert len(unit.history("ann")) == version


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_learner_erased_while_a_plan_of_theirs_is_stored_is_registered_anew(store: Store) -> None:
    """Between finding that the learner has a row and reading it, another unit erases them."""
    plan = Plan("ann", Goal("", ("s1",)), NOON.date(), ())
    with store.unit("school", write=True) as unit:
        unit.append(Attempt("a1", "ann", "q1", (), correct=1.0))
    erased: list[int] = []

    def erase(*execution: Any) -> None:  # Any: as SQLAlchemy's event gives it
        if execution[2].startswith("INSERT INTO learners") and not erased:
            erased.append(0)
            with store.unit("school", write=True) as other:
                erased[0] = other.erase_learner("ann")

    event.listen(store._database.writing, "after_cursor_execute", erase)
    with store.unit("school", write=True) as unit:
        unit.add_plan("p1", plan, NOON)
    assert erased == [1]
    with store.unit("school", write=False) as unit:
        assert (unit.plan("p1"), unit.version("ann"), unit.history("ann")) == (plan, 0, [])


def test_readers_are_not_held_up_by_a_writer(store: Store) -> None:
    attempt = Attempt("a1", "ann", "q1", (), correct=1.0, occurred_at=NOON)

    def count() -> int:
        with store.unit("school", write=False) as unit:
            return unit.version("ann")

    with ThreadPoolExecutor(1) as pool, store.unit("school", write=True) as unit:
        unit.lock_learner("ann")
        unit.append(attempt)
        assert pool.submit(count).result(timeout=5) == 0


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_writers_to_different_learners_do_not_wait_for_each_other(store: Store) -> None:
    attempt = Attempt("a1", "ann", "q1", (), correct=1.0, occurred_at=NOON)

    def append_for_bob() -> bool:
        with store.unit("school", write=True) as unit:
            unit.lock_learner("bob")
            return unit.append(replace(attempt, attempt_id="b1", learner_id="bob"))

    with ThreadPoolExecutor(1) as pool, store.unit("school", write=True) as unit:
        unit.lock_learner("ann")
        unit.append(attempt)
        assert pool.submit(append_for_bob).result(timeout=5)
