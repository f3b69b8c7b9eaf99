"""Stores on both databases: a file of SQLite, and a schema of PostgreSQL that is removed again."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from adaptive.storage import Store

SERVER = os.environ.get("ADAPTIVE_TEST_POSTGRES", "postgresql+psycopg://127.0.0.1:5432/test")


@contextmanager
def sqlite_url(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder}/adaptive.db"


@contextmanager
def server_connection() -> Iterator[Connection]:
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 2})
    try:
        connection = server.connect()
    except OperationalError as error:
        pytest.skip(f"no PostgreSQL at {SERVER}: {error.orig}")
    with connection:
        yield connection
    server.dispose()


@contextmanager
def postgres_url(_folder: Path) -> Iterator[str]:
    schema = f"adaptive_test_{uuid.uuid4().hex}"
    with server_connection() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        try:
            yield f"{SERVER}?options=-csearch_path%3D{schema}"
        finally:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


@contextmanager
def postgres_database_with(options: str) -> Iterator[str]:
    name = f"adaptive_test_{uuid.uuid4().hex}"
    with server_connection() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {options} TEMPLATE template0"))
        try:
            yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


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


@pytest.fixture
def postgres_database() -> Callable[[str], AbstractContextManager[str]]:
    """Makes a PostgreSQL database with given options, and removes it again; gives its URL."""
    return postgres_database_with
