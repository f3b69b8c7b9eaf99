"""Rules that only leave something out: rest, success after failures and at both ends, variety."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.rules.rule import Mask, Rule, everywhere
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates

__all__ = ["EasyAfterFailures", "EasyEnds", "NoRepeat", "Variety"]


@dataclass(frozen=True, slots=True)
class NoRepeat(Rule):
    """Items rest for `items` items and for `hours`."""

    name: ClassVar[str] = "no_repeat"
    text: ClassVar[str] = "What was met lately is left to rest."
    items: int
    hours: float

    def allowed(self, candidates: Candidates, session: Session) -> Mask:  # noqa: ARG002 - whatever the candidates are
        """Items that were not met lately."""
        return np.asarray((session.items_since > self.items) & (session.hours_since >= self.hours))


@dataclass(frozen=True, slots=True)
class EasyAfterFailures(Rule):
    """After `n_failures` in a row, an item with P(correct) >= `easy_from`."""

    name: ClassVar[str] = "easy_after_failures"
    takes_mastered: ClassVar[bool] = True
    text: ClassVar[str] = "After wrong answers in a row comes an item that should go well."
    n_failures: int
    easy_from: float

    def allowed(self, candidates: Candidates, session: Session) -> Mask:
        """Easy items, for who has just failed."""
        return np.asarray((session.n_failures < self.n_failures) | (candidates.forecast.p_correct >= self.easy_from))


@dataclass(frozen=True, slots=True)
class EasyEnds(Rule):
    """The first and the last item of a session have P(correct) >= `easy_from`, where the place in the session is known."""

    name: ClassVar[str] = "easy_ends"
    takes_mastered: ClassVar[bool] = True
    text: ClassVar[str] = "A session begins and ends with an item that should go well."
    easy_from: float
    minutes_per_item: float

    def allowed(self, candidates: Candidates, session: Session) -> Mask:
        """Easy items, at both ends."""
        is_end = session.place.is_first or session.place.is_last(self.minutes_per_item)
        return np.asarray(candidates.forecast.p_correct >= self.easy_from) if is_end else everywhere(candidates)


@dataclass(frozen=True, slots=True)
class Variety(Rule):
    """No three items of one skill in a row once it has `from_attempts` attempts: mixed practice lasts (Rohrer & Taylor 2007).

    An item of several skills counts for each of them.
    """

    name: ClassVar[str] = "variety"
    text: ClassVar[str] = "Two items of one skill came before it, so this is on something else."
    from_attempts: int

    def allowed(self, candidates: Candidates, session: Session) -> Mask:  # noqa: ARG002 - whatever the candidates are
        """Items that no practised skill joins to both of the last two."""
        return np.asarray(session.run_attempts < self.from_attempts)
