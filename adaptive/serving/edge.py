"""The edge of the program, where times, ids and seeds are made; everything below is given them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

__all__ = ["SEED_BITS", "Edge"]

SEED_BITS: Final = 53
"""Seeds fit into the integers that JSON readers with 64-bit floats keep exact."""


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())


def _new_seed() -> int:
    return secrets.randbits(SEED_BITS)


@dataclass(frozen=True, slots=True)
class Edge:
    """The clock and the sources of ids and seeds of a server; give others where answers must be reproducible.

    >>> Edge(new_id=lambda: "id-1").new_id()
    'id-1'
    >>> 0 <= Edge().new_seed() < 2**SEED_BITS
    True
    """

    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = _new_id
    new_seed: Callable[[], int] = _new_seed
