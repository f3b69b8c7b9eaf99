"""The store: one database, opened once and shared by all threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from adaptive.errors import StorageUnavailable
from adaptive.storage.database import Database
from adaptive.storage.failures import database_failures
from adaptive.storage.postgres import open_postgres
from adaptive.storage.schema import stored_version, upgrade
from adaptive.storage.sqlite import open_sqlite
from adaptive.storage.unit import Unit

__all__ = ["Store"]

_OPEN: Final[Mapping[str, Callable[[URL], Database]]] = {
    "sqlite": open_sqlite,
    "postgresql": open_postgres,
    "postgres": open_postgres,
}


class Store:
    """Units of work on one database. Safe to share between threads; each unit belongs to one.

    >>> from adaptive.domain import Attempt
    >>> store = Store.open("sqlite://")
    >>> with store.unit("school", write=True) as unit:
    ...     unit.append(Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    True
    >>> with store.unit("school", write=False) as unit:
    ...     unit.version("ann")
    1
    >>> store.close()
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at a database URL, its schema made or upgraded where needed.

        `sqlite:///folder/adaptive.db` (four slashes for an absolute path), `sqlite://` in memory,
        `postgresql://name:password@host/database`. Raises StorageUnavailable, naming the way out.
        """
        parsed = _parse(url)
        with database_failures(parsed.render_as_string(hide_password=True)):
            database = _OPEN[parsed.get_backend_name()](parsed)
            try:
                database.prepare(database.writing)
                upgrade(database)
            except BaseException:
                database.close()
                raise
        return cls(database)

    @contextmanager
    def unit(self, tenant_id: str, *, write: bool) -> Iterator[Unit]:
        """One transaction of one tenant, committed at the end of the block and rolled back on any error.

        A reading unit sees one snapshot of the database throughout. When a writing unit has ended without an error,
        what it wrote is on disk. One that ended with StorageUnavailable applied nothing, unless the connection was
        lost during the commit itself: then send the same again, which is safe because every write has its id.
        """
        with database_failures(self._database.name), self._database.begin(write=write) as connection:
            yield Unit(connection, tenant_id, writes=write, insert=self._database.insert)

    def check(self) -> None:
        """Read one row; raises StorageUnavailable where that fails."""
        self.schema_version()

    def schema_version(self) -> str:
        """The version of the schema, as its migration names it."""
        with database_failures(self._database.name), self._database.begin(write=False) as connection:
            version = stored_version(connection)
        if version is None:
            raise StorageUnavailable(f"Database {self._database.name} must hold the schema. Got none; open the store again.")
        return version

    def close(self) -> None:
        """Give the connections back; SQLite then folds its log into the file."""
        self._database.close()


def _parse(url: str) -> URL:
    known = "sqlite:///path/to/file.db or postgresql://name:password@host/database"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageUnavailable(f"A database is named by a URL. Got {url!r}; write {known}.") from error
    if parsed.get_backend_name() not in _OPEN:
        raise StorageUnavailable(f"Known database schemes: {', '.join(sorted(_OPEN))}. Got {parsed.drivername!r}; write {known}.")
    return parsed
