"""Numbers in plain words, for reasons."""

from __future__ import annotations

from datetime import timedelta
from math import floor

__all__ = ["days", "hours", "n_of", "percent"]

_GRAIN = 1e-9
"""Below any figure shown: 0.95 is 95 %, though 100 x 0.95 falls short of it in binary."""


def percent(share: float) -> str:
    """Whole per cent, rounded down, so that nobody reads 95 % who has not reached it.

    >>> percent(0.9499), percent(0.95)
    ('94 %', '95 %')
    """
    return f"{floor(100.0 * share + _GRAIN)} %"


def n_of(n: int, noun: str) -> str:
    """A number of things.

    >>> n_of(1, "answer"), n_of(2, "answer")
    ('1 answer', '2 answers')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def hours(duration: timedelta) -> str:
    """A duration in hours."""
    return f"{duration / timedelta(hours=1):g} hours"


def days(duration: timedelta) -> str:
    """A duration in days."""
    return f"{duration / timedelta(days=1):g} days"
