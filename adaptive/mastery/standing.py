"""Where a learner stands on one skill under one rule: the level now, the level earned, and whether a review is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from adaptive.mastery.evidence import Occasion

__all__ = ["Level", "Review", "Standing"]

MemoryT = TypeVar("MemoryT")


@dataclass(frozen=True, slots=True)
class Level:
    """A level with its date and the attempts that it was earned by; `awarded_at` is None before any, or where the source has no times."""

    value: str
    awarded_at: datetime | None = None
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A recheck is due from `due_at` (None: due now, at a time unknown), and why in plain words."""

    due_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Standing(Generic[MemoryT]):
    """What a rule says of one learner on one skill; the estimate is no part of it.

    `level` is where the rule puts the learner now. `earned` is the highest level ever reached, with the date and the
    attempts of the first time: no attempt takes it away. `review` says that a recheck is due, which lowers neither.
    `points` are the rule's own, 0 where it has none. `reason` says in plain words what put the level there, or what is
    missing for the next. `asks` is the occasion that can move it on, None where nothing more is asked; `stopped_on` is a day on
    which no more should be asked. `memory` is what the rule itself remembers.

    >>> from datetime import UTC
    >>> due = datetime(2026, 3, 9, tzinfo=UTC)
    >>> standing = Standing("streak", Level("mastered"), Level("mastered"), None, review=Review(due, "a week has passed"))
    >>> standing.needs_review(datetime(2026, 3, 8, tzinfo=UTC)), standing.needs_review(due)
    (False, True)
    """

    rule: str
    level: Level
    earned: Level
    memory: MemoryT
    points: int = 0
    reason: str = ""
    review: Review | None = None
    asks: Occasion | None = Occasion.PRACTICE
    finished: bool = False
    stopped_on: date | None = None

    @property
    def review_due_at(self) -> datetime | None:
        """From when a recheck is due; None where none is, or the moment is unknown."""
        return None if self.review is None else self.review.due_at

    def needs_review(self, at: datetime) -> bool:
        """Whether a recheck is due at that time."""
        return self.review is not None and (self.review.due_at is None or at >= self.review.due_at)
