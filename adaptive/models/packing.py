"""Rows of numbers as text, bit for bit: doubles in base64, half as long as decimals."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["packed", "unpacked"]


def packed(rows: Iterable[Sequence[float]]) -> str:
    """The numbers of all rows in turn, little endian."""
    return b64encode(np.array([number for row in rows for number in row], dtype="<f8").tobytes()).decode("ascii")


def unpacked(text: str, n_columns: int) -> list[tuple[float, ...]]:
    """The rows that `packed` wrote.

    >>> unpacked(packed([(0.1, 2.0), (-0.0, float("inf"))]), 2)
    [(0.1, 2.0), (-0.0, inf)]
    """
    return [tuple(row) for row in np.frombuffer(b64decode(text), dtype="<f8").reshape(-1, n_columns).tolist()]
