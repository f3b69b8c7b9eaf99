"""SQLite: the embedded default. One file, many readers, one writer at a time."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from sqlite3 import Connection as DriverConnection
from types import TracebackType
from typing import Final

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.dialects.sqlite import insert

from adaptive.errors import StorageUnavailable
from adaptive.storage.database import Database

__all__ = ["WAIT_SECONDS", "open_sqlite"]

WAIT_SECONDS: Final = 10.0
"""How long a writer waits for the one before it, in this process or another, before it gives up."""

_CONNECTIONS: Final = 40
"""As many as AnyIO has worker threads, so that a request that got a thread also gets a connection."""

_PRAGMAS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # a commit returns after fsync: what was answered 201 survives a power cut
    "PRAGMA secure_delete = ON",  # erased learners are overwritten, not only unlinked
)


def open_sqlite(url: URL) -> Database:
    """The database of an SQLite URL; without a path it lives in memory, on one connection that units share in turn.

    `?timeout=3` waits 3 seconds in place of `WAIT_SECONDS`.
    """
    in_memory = url.database in {None, "", ":memory:"}
    wait_seconds = _wait_seconds(url)
    if not in_memory and "uri" not in url.query:
        _require_usable(Path(url.database or ""), str(url))
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=QueuePool,
        pool_size=1 if in_memory else _CONNECTIONS,
        max_overflow=0,
        pool_timeout=wait_seconds,
        connect_args={"check_same_thread": False, "timeout": wait_seconds},
    )
    event.listen(engine, "connect", _prepare)
    reading = engine.execution_options(sqlite_begin="BEGIN")
    writing = engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    for each in (reading, writing):
        event.listen(each, "begin", _begin)
    return Database(str(url), reading, writing, insert, _use_write_ahead_log, _WriterGate(str(url), wait_seconds))


def _wait_seconds(url: URL) -> float:
    given = url.query.get("timeout", str(WAIT_SECONDS))
    try:
        return float(str(given))
    except ValueError as error:
        raise StorageUnavailable(f"The timeout of an SQLite URL is in seconds. Got {given!r}; write a number.") from error


def _require_usable(path: Path, name: str) -> None:
    """Check what the driver would report late or, for an account that passes over permissions, never."""
    folder = path.parent
    try:
        if path.is_dir():
            raise StorageUnavailable(f"An SQLite database is a file. Got {name}, a folder; name a file in it.")
        if not folder.is_dir():
            raise StorageUnavailable(f"An SQLite database lies in a folder that exists. Got {name}; create {folder} first.")
        locked = [place for place in (path, folder) if place.exists() and not _is_writable(place)]
    except OSError as error:
        raise StorageUnavailable(
            f"SQLite must reach its file. Got {name}: {error.strerror}; correct the path or its permissions."
        ) from error
    if locked:
        raise StorageUnavailable(
            f"SQLite writes its file, and a log beside it. Got {name}, but {locked[0]} is read-only; make it writable or name another file."
        )


def _is_writable(place: Path) -> bool:
    return bool(place.stat().st_mode & 0o222) and os.access(place, os.R_OK | os.W_OK)


def _prepare(connection: DriverConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own; `_begin` does
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["sqlite_begin"])


def _use_write_ahead_log(engine: Engine) -> None:
    """Readers then see the last commit while a writer works; the mode is kept in the file."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()


class _WriterGate:
    """Lets the threads of this process write in turn, so that SQLite's lock is only waited for between processes.

    SQLite waits by sleeping up to 100 ms at a time; a lock hands over at once.
    """

    def __init__(self, name: str, wait_seconds: float) -> None:
        self._name = name
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise StorageUnavailable(
                f"Database {self._name} has one writer at a time. Got none free in {self._wait_seconds:g} s; try again."
            )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()
