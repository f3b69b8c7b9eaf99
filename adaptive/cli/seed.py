"""Which seeds a command takes."""

from __future__ import annotations

from typing import Final

__all__ = ["LARGEST_SEED"]

LARGEST_SEED: Final = 2**32 - 1
"""Of `numpy.random.RandomState`, which makes the published folds; the smallest is 0."""
