"""Opening a store, and what a unit promises."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, StorageUnavailable
from adaptive.storage import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ATTEMPT = Attempt("a1", "ann", "q7", ("fractions",), correct=1.0, occurred_at=NOON)


class StopTheUnit(Exception):
    """Raised inside a unit to end it early."""


def test_what_was_committed_is_there_after_reopening(url: str) -> None:
    for expected in (True, False):
        store = Store.open(url)
        with store.unit("school", write=True) as unit:
            assert unit.append(ATTEMPT) is expected
        store.close()


def test_an_error_inside_a_unit_undoes_all_of_it(store: Store) -> None:
    def append_and_stop() -> None:
        with store.unit("school", write=True) as unit:
            unit.append(ATTEMPT)
            raise StopTheUnit

    with pytest.raises(StopTheUnit):
        append_and_stop()
    with store.unit("school", write=True) as unit:
        assert unit.learners() == []
        assert unit.append(ATTEMPT)


def test_a_reading_unit_sees_one_snapshot(store: Store) -> None:
    with store.unit("school", write=False) as reader:
        assert reader.history("ann") == []
        with store.unit("school", write=True) as writer:
            writer.append(ATTEMPT)
        assert reader.history("ann") == []
        assert reader.version("ann") == 0
    with store.unit("school", write=False) as reader:
        assert reader.history("ann") == [ATTEMPT]


def test_a_store_in_memory_keeps_what_its_units_wrote() -> None:
    store = Store.open("sqlite://")
    with store.unit("school", write=True) as unit:
        unit.append(ATTEMPT)
    with store.unit("school", write=False) as unit:
        assert unit.history("ann") == [ATTEMPT]
    store.close()


def test_a_healthy_store_passes_its_check_and_names_its_schema(store: Store) -> None:
    store.check()
    assert store.schema_version() == "0001"


@pytest.mark.parametrize(("tenant_id", "rule"), [("", "an id must not be empty"), ("a\x00b", "text holds no U\\+0000")])
def test_a_unit_needs_a_tenant(store: Store, tenant_id: str, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule), store.unit(tenant_id, write=False):
        pass


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgres_commits_reach_the_disk_and_locks_are_not_waited_for_without_end(url: str) -> None:
    store = Store.open(f"{url}%20-clock_timeout%3D7s")  # the URL's own options win
    names = ("synchronous_commit", "idle_in_transaction_session_timeout", "lock_timeout")
    with store._database.begin(write=True) as connection:
        settings = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names}
    store.close()
    assert settings == {"synchronous_commit": "on", "idle_in_transaction_session_timeout": "1min", "lock_timeout": "7s"}


def test_sqlite_commits_reach_the_disk_and_references_are_checked(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/adaptive.db")
    with store._database.begin(write=True) as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    store.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 is FULL


@pytest.mark.parametrize(
    ("url", "way_out"),
    [
        ("adaptive.db", "A database is named by a URL"),
        ("mysql://root@127.0.0.1/adaptive", "Known database schemes: postgres, postgresql, sqlite"),
        ("sqlite:////no/such/folder/adaptive.db", "create /no/such/folder first"),
        ("sqlite:////tmp", "a folder; name a file in it"),
        (f"sqlite:////tmp/{'long' * 100}/adaptive.db", "File name too long; correct the path or its permissions"),
        ("sqlite://?timeout=soon", "in seconds. Got 'soon'; write a number"),
        ("postgresql://ann:secret@127.0.0.1:1/adaptive", "the server cannot be reached; check that it runs"),
        ("postgresql://root@127.0.0.1:5432/no_such_database", r"create it or correct the URL|cannot be reached"),
    ],
)
def test_a_store_that_cannot_open_names_the_way_out(url: str, way_out: str) -> None:
    with pytest.raises(StorageUnavailable, match=way_out) as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    with pytest.raises(StorageUnavailable, match="not an SQLite database; name another file"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "not a database, " * 100


def test_a_read_only_file_is_refused_even_for_root(tmp_path: Path) -> None:
    path = tmp_path / "adaptive.db"
    Store.open(f"sqlite:///{path}").close()
    path.chmod(stat.S_IRUSR)
    with pytest.raises(StorageUnavailable, match=r"adaptive\.db is read-only; make it writable"):
        Store.open(f"sqlite:///{path}")


def test_a_read_only_folder_is_refused_even_for_root(tmp_path: Path) -> None:
    folder = tmp_path / "frozen"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StorageUnavailable, match="frozen is read-only; make it writable"):
        Store.open(f"sqlite:///{folder}/adaptive.db")


def test_a_database_opened_read_only_refuses_writes_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "adaptive.db"
    Store.open(f"sqlite:///{path}").close()
    reader = Store.open(f"sqlite:///file:{path}?mode=ro&uri=true")

    def append() -> None:
        with reader.unit("school", write=True) as unit:
            unit.append(ATTEMPT)

    with pytest.raises(StorageUnavailable, match="the database is read-only; make the file and its folder writable"):
        append()
    reader.close()


def test_an_unreachable_path_is_refused(tmp_path: Path) -> None:
    """As an ordinary account, which root is not: the child gives up its rights first."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    program = (
        "import os, sys\n"
        "from adaptive.errors import StorageUnavailable\n"
        "from adaptive.storage import Store\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "else: os.chmod(sys.argv[1], 0)\n"
        "try: Store.open(f'sqlite:///{sys.argv[1]}/deeper/adaptive.db')\n"
        "except StorageUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    assert "Permission denied; correct the path or its permissions." in done.stdout


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """The child may write files of 400 kB at most; what it reported as stored is there afterwards."""
    url = f"sqlite:///{tmp_path}/adaptive.db"
    Store.open(url).close()
    program = (
        "import resource, sys\n"
        "from adaptive.domain import Attempt\n"
        "from adaptive.errors import StorageUnavailable\n"
        "from adaptive.storage import Store\n"
        "store = Store.open(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "try:\n"
        "    for n in range(2000):\n"
        "        with store.unit('school', write=True) as unit: unit.append(Attempt(f'a{n}', 'ann', 'q', ('s' * 900,), correct=1.0))\n"
        "        print(f'a{n}', flush=True)\n"
        "except StorageUnavailable as error: print(error, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    acknowledged = done.stdout.split()
    assert 10 < len(acknowledged) < 2000
    assert "the disk" in done.stderr
    store = Store.open(url)
    with store.unit("school", write=False) as unit:
        stored = [attempt.attempt_id for attempt in unit.history("ann")]
        assert sorted(stored) == sorted(acknowledged)
        assert unit.version("ann") == len(stored)
    store.close()


@pytest.mark.parametrize(("outer", "inner", "way_out"), [(True, True, "one writer at a time"), (False, False, "All are in use; try again")])
def test_what_is_held_too_long_is_not_waited_for_without_end(*, outer: bool, inner: bool, way_out: str) -> None:
    """A unit inside a unit of the same thread waits for itself: a mistake that must show, not hang."""
    store = Store.open("sqlite://?timeout=0.05")

    def nest() -> None:
        with store.unit("school", write=outer), store.unit("school", write=inner):
            pass

    with pytest.raises(StorageUnavailable, match=way_out):
        nest()
    store.check()
    store.close()


def test_a_lock_of_another_process_is_not_waited_for_without_end(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/adaptive.db?timeout=0.05")
    other = sqlite3.connect(tmp_path / "adaptive.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def append() -> None:
        with store.unit("school", write=True) as unit:
            unit.append(ATTEMPT)

    with pytest.raises(StorageUnavailable, match="another process holds the write lock; try again"):
        append()
    other.execute("ROLLBACK")
    other.close()
    append()
    store.close()


def test_a_postgres_database_without_unicode_is_refused(postgres_database: Callable[[str], AbstractContextManager[str]]) -> None:
    with (
        postgres_database("ENCODING 'LATIN1' LOCALE 'C'") as url,
        pytest.raises(StorageUnavailable, match="with LATIN1; create a database with ENCODING 'UTF8'"),
    ):
        Store.open(url)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what Python itself does for a module that cannot be imported
    with pytest.raises(StorageUnavailable, match=r"pip install 'adaptive-practice\[postgres\]'"):
        Store.open("postgresql://127.0.0.1/adaptive")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_after_the_server_dropped_its_connections_the_next_unit_works(url: str) -> None:
    store = Store.open(f"{url}&application_name=adaptive_dropped")
    dropped = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'adaptive_dropped'")
    server = create_engine(url)
    with server.begin() as connection:
        assert connection.execute(dropped).rowcount == 1
    server.dispose()
    with pytest.raises(StorageUnavailable, match="try again"):
        store.check()
    store.check()
    store.close()
