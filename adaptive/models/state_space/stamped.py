"""Names of compiled functions that change with the source: numba's cache on disk then never gives code compiled from older files.

The cache looks at the date of a function's own file alone; constants, layouts and functions inlined from other files are compiled in
all the same. What was compiled from older sources stays in `__pycache__` until that is removed.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

__all__ = ["SOURCES", "stamp", "stamped"]

SOURCES: Final = (
    "arrays.py",
    "evidence.py",
    "expit_mixture.py",
    "hyperparameters.py",
    "kernel.py",
    "memory.py",
    "soft_minimum.py",
    "teaching.py",
)
"""Files whose text is compiled in."""

_DIGITS: Final = 12

_Function = TypeVar("_Function", bound=Callable[..., Any])  # Any: of whatever arguments


def stamped(function: _Function) -> _Function:
    """The function, named after itself and the sources; under `numba.njit(cache=True)`.

    >>> def step() -> None: ...
    >>> stamped(step).__qualname__.partition("_")[0], len(step.__qualname__)
    ('step', 17)
    """
    function.__qualname__ = f"{function.__qualname__}_{stamp(Path(__file__).parent)}"
    return function


def stamp(folder: Path) -> str:
    """Digits that differ where a source in this folder does."""
    return sha256(b"\0".join((folder / name).read_bytes() for name in SOURCES)).hexdigest()[:_DIGITS]
