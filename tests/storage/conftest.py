"""Stores on both databases: a file of SQLite, and a schema of PostgreSQL that is removed again."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from adaptive.storage import Store

SERVER = os.environ.get("ADAPTIVE_TEST_POSTGRES", "postgresql+psycopg://127.0.0.1:5432/test")


@contextmanager
def sqlite_url(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder}/adaptive.db"


@contextmanager
def postgres_url(_folder: Path) -> Iterator[str]:
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    schema = f"adaptive_test_{uuid.uuid4().hex}"
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError as error:
        pytest.skip(f"no PostgreSQL at {SERVER}: {error.orig}")
    try:
        yield f"{SERVER}?options=-csearch_path%3D{schema}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        server.dispose()


DATABASES = {"sqlite": sqlite_url, "postgres": postgres_url}


@pytest.fixture(scope="session", params=sorted(DATABASES))
def database(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    """Which database the test runs on."""
    return DATABASES[request.param]


@pytest.fixture
def url(database, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with database(tmp_path) as empty:
        yield empty


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store on an empty database."""
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared_store(database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a property; each example takes a tenant of its own."""
    with database(tmp_path_factory.mktemp("shared")) as url:
        opened = Store.open(url)
        yield opened
        opened.close()
