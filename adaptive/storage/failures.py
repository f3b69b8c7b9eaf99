"""What a database says when it cannot work, in words that name the way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adaptive.errors import StorageUnavailable

__all__ = ["database_failures"]

_SQLITE: Final = {
    "SQLITE_BUSY": "another process holds the write lock; try again, or move to PostgreSQL if this is common",
    "SQLITE_CANTOPEN": "the file cannot be opened; check that its folder exists and that this account may read and write both",
    "SQLITE_CONSTRAINT": "another unit changed what this one rests on; try again",
    "SQLITE_CORRUPT": "the file is damaged; restore a backup",
    "SQLITE_FULL": "the disk is full; free space and try again",
    "SQLITE_IOERR": "the disk refused to read or write; check it and try again",
    "SQLITE_NOTADB": "the file is not an SQLite database; name another file",
    "SQLITE_PERM": "this account may not use the file; change its permissions",
    "SQLITE_READONLY": "the database is read-only; make the file and its folder writable for this account",
}
"""By the name of the primary result code (sqlite.org/rescode.html)."""

_POSTGRES: Final = {
    "08": "the connection broke; check that the server runs and try again",
    "23": "another unit changed what this one rests on; try again",
    "25006": "the database is read-only; connect to the primary server",
    "28": "the server refused the name or password; correct the URL",
    "3D000": "the server has no such database; create it or correct the URL",
    "40": "the server undid this transaction in favour of another; try again",
    "42501": "this role lacks the privilege; grant it on the schema and its tables",
    "53": "the server is out of disk, memory or connections; relieve it and try again",
    "55P03": "another transaction holds the lock; try again",
    "57": "the server is shutting down or cancelled the statement; try again",
}
"""By SQLSTATE, or the class that begins it (postgresql.org/docs/current/errcodes-appendix.html)."""

_UNREACHABLE: Final = "the server cannot be reached; check that it runs and that the URL is right, then try again"


@contextmanager
def database_failures(database: str) -> Iterator[None]:
    """Raise StorageUnavailable, naming the database and the way out, where a driver gives up inside the block."""
    try:
        yield
    except PoolTimeout as error:
        raise StorageUnavailable(f"Database {database} must lend a connection. All are in use; try again.") from error
    except (DBAPIError, sqlite3.Error) as error:  # SQLAlchemy leaves errors bare where a connection is being prepared
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StorageUnavailable(f"Database {database} must answer. Got {_first_line(cause)!r}; {_way_out(cause)}.") from error


def _way_out(error: BaseException | None) -> str:
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")  # an extended name begins with its primary one
        return next((way_out for primary, way_out in _SQLITE.items() if name.startswith(primary)), "try again, or restore a backup")
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _UNREACHABLE
    return next((way_out for prefix, way_out in _POSTGRES.items() if state.startswith(prefix)), "try again, or check its schema")


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
