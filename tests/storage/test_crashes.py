"""A process that is killed leaves whole units or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys

from adaptive.storage import Store

INSIDE_A_UNIT = """
import sys, time
from adaptive.domain import Attempt
from adaptive.storage import Snapshot, Store
store = Store.open(sys.argv[1])
with store.unit("school", write=True) as unit:
    unit.append(Attempt("kept", "ann", "q1", (), correct=1.0))
with store.unit("school", write=True) as unit:
    unit.lock_learner("ann")
    unit.append(Attempt("lost", "ann", "q1", (), correct=1.0))
    unit.save_snapshot(Snapshot("ann", "counter", 2, None, {}))
    print("inside", flush=True)
    time.sleep(60)
"""

UNIT_AFTER_UNIT = """
import sys
from adaptive.domain import Attempt
from adaptive.storage import Snapshot, Store
store = Store.open(sys.argv[1])
for n in range(1, 1_000_000):
    with store.unit("school", write=True) as unit:
        unit.lock_learner("ann")
        unit.append(Attempt(f"a{n}", "ann", "q1", (), correct=1.0, sequence=n))
        unit.save_snapshot(Snapshot("ann", "counter", n, None, {"n": n}))
    print(n, flush=True)
"""


def start(program: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, url], stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> str:
    """End the process at once, as a power cut would; what it still had to say."""
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate(timeout=30)
    return said


def test_a_process_killed_inside_a_unit_leaves_nothing_of_it(url: str) -> None:
    process = start(INSIDE_A_UNIT, url)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    kill(process)
    store = Store.open(url)
    with store.unit("school", write=True) as unit:
        unit.lock_learner("ann")  # the dead process holds nothing
        assert [attempt.attempt_id for attempt in unit.history("ann")] == ["kept"]
        assert unit.version("ann") == 1
        assert unit.snapshot("ann", "counter") is None
    store.close()


def test_all_that_a_killed_process_acknowledged_is_there_once(url: str) -> None:
    process = start(UNIT_AFTER_UNIT, url)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(40)]
    acknowledged += [int(line) for line in kill(process).splitlines()]
    store = Store.open(url)
    with store.unit("school", write=False) as unit:
        stored = [attempt.sequence for attempt in unit.history("ann")]
        snapshot = unit.snapshot("ann", "counter")
        version = unit.version("ann")
    store.close()
    assert snapshot is not None
    assert stored == list(range(1, len(stored) + 1))
    assert len(stored) - len(acknowledged) in {0, 1}  # killed between commit and acknowledgement
    assert (version, snapshot.state["n"]) == (len(stored), len(stored))
