"""PostgreSQL through psycopg 3: any number of workers and machines on one log."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

from sqlalchemy import URL, Engine, create_engine
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
    "-c synchronous_commit=on"  # a commit returns after it is on disk, whatever the role's default
    " -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s"  # a worker that hangs inside a unit gives its locks back
)
"""Sent when a connection opens, before the URL's own `options`, which therefore win."""

_MIGRATION_LOCK: Final = 0x61646170  # "adap"


def open_postgres(url: URL) -> Database:
    """The database of a PostgreSQL URL; its tables lie in the first schema of the search path."""
    name = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(
            _with_settings(url),
            pool_size=_KEPT_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            pool_timeout=_WAIT_SECONDS,
            pool_use_lifo=True,
        )
    except ImportError as error:
        raise StorageUnavailable(
            f"PostgreSQL needs its driver. Got {name}, but psycopg is not installed; pip install 'adaptive-practice[postgres]'."
        ) from error
    return Database(
        name=name,
        reading=engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        writing=engine,
        insert=insert,
        prepare=_require_unicode,
        writer_gate=nullcontext(),
        before_migrating=(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})",),
    )


def _with_settings(url: URL) -> URL:
    given = url.query.get("options", ())
    options = " ".join([_SETTINGS, *([given] if isinstance(given, str) else given)])
    return url.set(drivername="postgresql+psycopg").update_query_dict({"options": options})


def _require_unicode(engine: Engine) -> None:
    with engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StorageUnavailable(
            f"PostgreSQL keeps text as UTF8 here. Got {engine.url.database!r} with {encoding}; create a database with ENCODING 'UTF8'."
        )
