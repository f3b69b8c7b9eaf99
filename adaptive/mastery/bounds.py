"""What a rule's parameters must be: each check gives the problem, or None."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from math import isfinite

from adaptive.errors import InvalidInput, Problem

__all__ = ["check", "duration", "number", "share", "whole"]


def check(rule: str, found: Iterable[Problem | None]) -> None:
    """Raises InvalidInput with every problem found.

    >>> check("streak", [whole("in_a_row", 3, least=1)])
    """
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InvalidInput(f"mastery rule {rule!r}", problems)


def share(name: str, value: object, *, above: float = 0.0) -> Problem | None:
    """A number above `above` and at most 1.

    >>> print(share("min_p_recall", 90))
    min_p_recall: must be a number above 0 and at most 1. Got '90'; write 90 % as 0.9.
    """
    if _is_number(value) and above < float(str(value)) <= 1.0:
        return None
    return Problem(name, f"must be a number above {above:g} and at most 1", str(value), "write 90 % as 0.9")


def number(name: str, value: object) -> Problem | None:
    """A finite number."""
    return None if _is_number(value) else Problem(name, "must be a finite number", str(value), "write digits")


def whole(name: str, value: object, *, least: int, most: int | None = None) -> Problem | None:
    """A whole number from `least` to `most` (None: no bound)."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value and (most is None or value <= most):
        return None
    upper = "" if most is None else f" and at most {most}"
    return Problem(name, f"must be a whole number, at least {least}{upper}", str(value), "write such a number")


def duration(name: str, value: object) -> Problem | None:
    """A duration above 0."""
    if isinstance(value, timedelta) and value > timedelta(0):
        return None
    return Problem(name, "must be a duration above 0", str(value), "write a timedelta, or seconds as a number")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
