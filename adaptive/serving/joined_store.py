"""What an engine writes, and the answer that reports it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from adaptive.storage import Store, Unit

__all__ = ["JoinedStore"]


@dataclass(slots=True, eq=False)
class _Joint:
    """One request's writing unit, begun with its first write and held until the request is answered."""

    store: Store
    tenant_id: str
    held: ExitStack
    unit: Unit | None = None

    def writing(self) -> Unit:
        """The writing unit, begun now where it was not yet."""
        if self.unit is None:
            self.unit = self.held.enter_context(self.store.unit(self.tenant_id, write=True))
        return self.unit


class JoinedStore(Store):
    """A store that can hold what a request writes until its answer is stored with it.

    One engine can so serve all requests and keep what it has computed of the catalogue, which an engine made for each
    transaction would lose (a second, for the first plan). Requests do not see each other's: the joint is a variable of
    the request's own context.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._joint: ContextVar[_Joint | None] = ContextVar("joint", default=None)

    @contextmanager
    def joining(self, tenant_id: str) -> Iterator[None]:
        """From this request's first writing unit to the end of the block, all its units are one, kept or lost as a whole.

        Reading units before the first write are their own, so that nobody waits for what is computed between the two.
        """
        with ExitStack() as held:
            token = self._joint.set(_Joint(self._store, tenant_id, held))
            try:
                yield
            finally:
                self._joint.reset(token)

    @contextmanager
    def unit(self, tenant_id: str, *, write: bool) -> Iterator[Unit]:
        """The writing unit that this request holds for that tenant, or begins; else one of its own."""
        joint = self._joint.get()
        if joint is not None and joint.tenant_id == tenant_id and (write or joint.unit is not None):
            yield joint.writing()
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
