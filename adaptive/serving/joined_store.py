"""Several engine calls in one transaction, with the answer that reports them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from adaptive.storage import Store, Unit

__all__ = ["JoinedStore"]


class JoinedStore(Store):
    """A store whose units join the one that this request has open, where it has one.

    One engine can so serve all requests and keep what it has computed of the catalogue, which an engine made for each
    transaction would lose (a second, for the first plan). Requests do not see each other's: the open unit is a variable of
    the request's own context.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: ContextVar[Unit | None] = ContextVar("open_unit", default=None)

    @contextmanager
    def joining(self, tenant_id: str) -> Iterator[Unit]:
        """A writing unit that every unit opened inside the block, in this request, is part of."""
        with self._store.unit(tenant_id, write=True) as unit:
            token = self._open.set(unit)
            try:
                yield unit
            finally:
                self._open.reset(token)

    @contextmanager
    def unit(self, tenant_id: str, *, write: bool) -> Iterator[Unit]:
        """The open unit, where it is of that tenant; else one of its own."""
        joined = self._open.get()
        if joined is not None and joined.tenant_id == tenant_id:
            yield joined
            return
        with self._store.unit(tenant_id, write=write) as unit:
            yield unit

    def check(self) -> None:
        """Read one row; raises StorageUnavailable where that fails."""
        self._store.check()

    def schema_version(self) -> str:
        """The version of the schema, as its migration names it."""
        return self._store.schema_version()

    def close(self) -> None:
        """Give the connections back."""
        self._store.close()
