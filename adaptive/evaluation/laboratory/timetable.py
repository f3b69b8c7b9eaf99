"""When learners practise: sessions of a day, with gaps of days between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

import numpy as np

__all__ = ["RETENTION_DAYS", "SESSION_ITEMS", "Moment", "Timetable"]

SESSION_ITEMS: Final = 20
"""Items of a session, a minute each (decision 0014)."""

RETENTION_DAYS: Final = 14.0
"""How long after the last answer retention is measured, and the horizon of true gains (policy page)."""

_SHORTEST_GAP, _LONGEST_GAP = 1, 7
"""Days between sessions (decision 0014)."""

_START = datetime(2026, 1, 5, 9, tzinfo=UTC)
_A_MINUTE = timedelta(minutes=1)


class Moment(NamedTuple):
    """One item of the timetable: when it is met, and the days of rest before it (0 within a session)."""

    at: datetime
    rested_days: float


@dataclass(frozen=True, slots=True)
class Timetable:
    """`n_items` items in sessions of SESSION_ITEMS; `gaps` are the days from each session's beginning to the next one's."""

    n_items: int
    gaps: tuple[int, ...]

    @classmethod
    def drawn(cls, n_items: int, rng: np.random.Generator) -> Self:
        """A timetable with gaps of 1 to 7 days.

        >>> Timetable.drawn(45, np.random.default_rng(0)).gaps
        (6, 5)
        """
        n_gaps = max(-(-n_items // SESSION_ITEMS) - 1, 0)
        return cls(n_items, tuple(rng.integers(_SHORTEST_GAP, _LONGEST_GAP, size=n_gaps, endpoint=True).tolist()))

    def __iter__(self) -> Iterator[Moment]:
        day = 0
        for i in range(self.n_items):
            session, place = divmod(i, SESSION_ITEMS)
            gap = self.gaps[session - 1] if session and not place else 0
            day += gap
            yield Moment(_START + timedelta(days=day) + place * _A_MINUTE, float(gap))
