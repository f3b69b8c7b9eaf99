"""PostgreSQL through psycopg 3: any number of workers and machines on one log."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, Final

from sqlalchemy import URL, create_engine, event
from sqlalchemy.dialects.postgresql import insert

from adaptive.errors import StorageUnavailable
from adaptive.storage.database import Database

__all__ = ["open_postgres"]

_KEPT_CONNECTIONS: Final = 10
_MORE_CONNECTIONS: Final = 10
"""Kept open per worker, and opened beside them under load: four workers stay below the server's default of 100."""

_WAIT_SECONDS: Final = 10.0
"""How long a request waits for a connection of the pool."""

_SETTINGS: Final = (
    "SET lock_timeout = '10s'",
    "SET idle_in_transaction_session_timeout = '60s'",  # a worker that hangs inside a unit gives its locks back
    "SET synchronous_commit = on",  # a commit returns after it is on disk, whatever the role's default
)

_MIGRATION_LOCK: Final = 0x61646170  # "adap"


def open_postgres(url: URL) -> Database:
    """The database of a PostgreSQL URL; its tables lie in the first schema of the search path."""
    name = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=_KEPT_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            pool_timeout=_WAIT_SECONDS,
            pool_use_lifo=True,
        )
    except ImportError as error:
        raise StorageUnavailable(
            f"PostgreSQL needs its driver. Got {name}, but psycopg is not installed; pip install 'adaptive-practice[postgres]'."
        ) from error
    event.listen(engine, "connect", _prepare)
    return Database(
        name=name,
        reading=engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        writing=engine,
        insert=insert,
        writer_gate=nullcontext(),
        before_migrating=(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})",),
    )


def _prepare(connection: Any, _record: object) -> None:  # Any: psycopg is optional, so its types may be absent
    connection.autocommit = True
    for setting in _SETTINGS:
        connection.execute(setting)
    connection.autocommit = False
