"""Instants as whole microseconds since 1970 in UTC: one integer, exact and ordered alike in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from adaptive.errors import InvalidInput, Problem

__all__ = ["FIRST_INSTANT", "from_microseconds", "to_microseconds"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime, exact for every datetime.

    Raises InvalidInput for a naive datetime and for an instant that UTC cannot write (before year 1, after 9999).

    >>> to_microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC))
    1000005
    """
    if at.tzinfo is None:
        raise InvalidInput("time", [Problem("time", "times carry an offset", str(at), "append Z for UTC")])
    microseconds = (at - _EPOCH) // _MICROSECOND
    if not FIRST_INSTANT <= microseconds <= _LAST_INSTANT:
        raise InvalidInput("time", [Problem("time", "times lie in the years 1 to 9999 of UTC", str(at), "correct the year or the offset")])
    return microseconds


def from_microseconds(microseconds: int) -> datetime:
    """The aware UTC datetime that `to_microseconds` counted.

    >>> from_microseconds(1000005)
    datetime.datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=microseconds)


FIRST_INSTANT: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""Where Attempt.order_key puts attempts without a time."""

_LAST_INSTANT: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
