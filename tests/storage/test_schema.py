"""The schema comes from the migrations, on both databases, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from adaptive.errors import StorageUnavailable
from adaptive.storage import Store
from adaptive.storage.schema import VERSION_TABLE
from adaptive.storage.tables import METADATA


def test_the_migrations_build_the_tables_that_the_code_uses(store: Store) -> None:
    with store._database.begin(write=False) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_every_key_and_index_begins_with_the_tenant(store: Store) -> None:
    with store._database.begin(write=False) as connection:
        schema = inspect(connection)
        keys = {table: [schema.get_pk_constraint(table)["constrained_columns"]] for table in METADATA.tables}
        for table, columns in keys.items():
            columns.extend(index["column_names"] for index in schema.get_indexes(table))
    assert {table: {columns[0] for columns in of_table} for table, of_table in keys.items()} == {
        table: {"tenant_id"} for table in METADATA.tables
    }


def test_a_schema_newer_than_the_package_is_refused_and_left_alone(url: str) -> None:
    store = Store.open(url)
    with store._database.begin(write=True) as connection:
        connection.exec_driver_sql("UPDATE adaptive_schema SET version_num = '9999'")
    store.close()
    with pytest.raises(StorageUnavailable, match="Got version 9999, known up to 0001; upgrade adaptive-practice"):
        Store.open(url)


def test_a_store_whose_schema_vanished_says_so(store: Store) -> None:
    with store._database.begin(write=True) as connection:
        connection.exec_driver_sql("DROP TABLE adaptive_schema")
    with pytest.raises(StorageUnavailable, match=r"must hold the schema\. Got none; open the store again"):
        store.check()


def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    """Another program's table of ours' name stands in the way: the tables made before it are undone."""
    store = Store.open(url)
    with store._database.begin(write=True) as connection:
        METADATA.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE adaptive_schema")
        connection.exec_driver_sql("CREATE TABLE plans (anything TEXT)")
    with pytest.raises(StorageUnavailable, match="already exists"):
        Store.open(url)
    with store._database.begin(write=False) as connection:
        assert inspect(connection).get_table_names() == ["plans"]
    store.close()


def test_many_may_open_an_empty_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(Store.open, [url] * 8))
    assert {store.schema_version() for store in stores} == {"0001"}
    for store in stores:
        store.close()
