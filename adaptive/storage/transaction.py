"""One transaction of one tenant: the part of a unit that every concern shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Executable, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from adaptive.errors import AdaptiveError, InvalidInput, Problem

__all__ = ["MAX_ID_BYTES", "InsertFunction", "Row", "Transaction", "require_storable"]

Row = dict[str, Any]  # Any: the columns of a row, each of its own type
InsertFunction = Callable[[Table], postgresql.Insert | sqlite.Insert]
"""Starts an INSERT that may say what to do on a conflict, in the words of one database."""

MAX_ID_BYTES: Final = 512
"""Longest id, in bytes of UTF-8. PostgreSQL limits a row of an index to 2,704 bytes, and the history's holds three ids."""

_LARGEST_INTEGER: Final = 2**63 - 1
_DOCUMENTS: Final = frozenset({"document", "skill_ids"})


class Transaction:
    """Runs statements as one tenant; refuses values that only one of the databases could hold.

    Raises InvalidInput for a tenant without a storable id.
    """

    __slots__ = ("_connection", "_insert", "_tenant_id", "_writes")

    def __init__(self, connection: Connection, tenant_id: str, *, writes: bool, insert: InsertFunction) -> None:
        if not tenant_id:
            raise InvalidInput("unit", [Problem("tenant_id", "an id must not be empty", tenant_id, "give the tenant's id")])
        require_storable({"tenant_id": tenant_id})
        self._connection = connection
        self._insert = insert
        self._tenant_id = tenant_id
        self._writes = writes

    @property
    def tenant_id(self) -> str:
        """Whose rows this unit sees."""
        return self._tenant_id

    def _read(self, statement: Executable, **values: object) -> CursorResult[Any]:  # Any: rows are read by name
        return self._connection.execute(statement, self._bound(values))

    def _write(self, statement: Executable, **values: object) -> int:
        """The number of rows that the statement touched."""
        self._require_writing()
        return self._connection.execute(statement, self._bound(values)).rowcount

    def _require_writing(self) -> None:
        if not self._writes:
            raise AdaptiveError("A reading unit writes nothing. Got a write; open it with store.unit(tenant_id, write=True).")

    def _insert_new(self, table: Table, row: Row) -> Row | None:
        """None where the row is new and now stored; else the row that already holds its key."""
        key = {column.name: row[column.name] for column in table.primary_key if column.name in row}
        while self._write(_insert_statement(self._insert, table), **row) == 0:
            stored = self._read(_select_by_key(table), **key).mappings().one_or_none()
            if stored is not None:  # it is where another unit erases it between the two statements: then the row is new
                return dict(stored)
        return None

    def _bound(self, values: Mapping[str, object]) -> Row:
        require_storable(values)
        return {"tenant_id": self._tenant_id, **values}


@cache
def _insert_statement(insert: InsertFunction, table: Table) -> Executable:
    statement = insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))
    return statement.execution_options(preserve_rowcount=True)  # SQLAlchemy drops the count of an INSERT unless asked


@cache
def _select_by_key(table: Table) -> Executable:
    return select(table).where(*(column == bindparam(column.name) for column in table.primary_key))


def require_storable(values: Mapping[str, object]) -> None:
    """Raise InvalidInput with every value that only one of the databases could hold.

    >>> require_storable({"item_id": "q7", "sequence": 2**63})
    Traceback (most recent call last):
    adaptive.errors.InvalidInput: a stored value has 1 problem:
      sequence: integers fit into 64 bits. Got '9223372036854775808'; use a smaller one.
    """
    problems = [problem for name, value in values.items() if (problem := _unstorable(name, value))]
    if problems:
        raise InvalidInput("a stored value", problems)


def _unstorable(name: str, value: object) -> Problem | None:
    if isinstance(value, str):
        return _unstorable_text(name, value)
    if isinstance(value, int) and not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
        return Problem(name, "integers fit into 64 bits", str(value), "use a smaller one")
    return None


def _unstorable_text(name: str, value: str) -> Problem | None:
    if name in _DOCUMENTS:  # JSON in ASCII; its length is the database's business
        return None
    if "\x00" in value:
        return Problem(name, "text holds no U+0000, which PostgreSQL cannot store", value, "remove the character")
    try:
        n_bytes = len(value) if value.isascii() else len(value.encode())
    except UnicodeEncodeError:
        return Problem(name, "text is valid Unicode", value, "remove the lone surrogate")
    if n_bytes > MAX_ID_BYTES:
        return Problem(name, f"at most {MAX_ID_BYTES} bytes of UTF-8", value, "use a shorter one")
    return None
