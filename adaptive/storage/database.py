"""A database as the store needs it: a pool of connections, and how one transaction begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from adaptive.storage.transaction import InsertFunction

__all__ = ["Database"]


@dataclass(frozen=True, slots=True)
class Database:
    """`reading` and `writing` share one pool and differ in how their transactions begin.

    `prepare` runs once, before the schema is looked at, and raises StorageUnavailable where the database cannot
    serve. `writer_gate` is entered around each write transaction; `before_migrating` are statements that let one
    process at a time change the schema.
    """

    name: str
    reading: Engine
    writing: Engine
    insert: InsertFunction
    prepare: Callable[[Engine], None]
    writer_gate: AbstractContextManager[object]
    before_migrating: tuple[str, ...] = ()

    @contextmanager
    def begin(self, *, write: bool) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back on any error."""
        if not write:
            with self.reading.begin() as connection:
                yield connection
            return
        with self.writer_gate, self.writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.writing.dispose()
