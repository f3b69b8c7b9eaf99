"""Spaced repetition by FSRS, a card a skill: what is due first, then something new (open-spaced-repetition, the `fsrs` package)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.peers.turns import Turns
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.protocols import Floats, Ints

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

__all__ = ["RETENTION", "FsrsPlayer"]

RETENTION: Final = 0.9
"""Chance of recall at which a card falls due: the package's default."""


@dataclass(eq=False)
class FsrsPlayer:
    """The skill longest overdue; where none is due, a new one whose prerequisites have left their learning steps, in curriculum order.

    Where there is neither, the skill that is due next. Answers are rated good or again; the package's own parameters and its learning
    steps of 1 and 10 minutes, without fuzz. Items of a skill in turn; an item's answer rates all of its skills.
    """

    world: World
    n: int
    retention: float = RETENTION
    _turns: Turns = field(init=False)
    _due: Floats = field(init=False)
    _graduated: Mask = field(init=False)
    _cards: list[dict[int, Card]] = field(init=False)
    _scheduler: Scheduler = field(init=False)

    def __post_init__(self) -> None:
        from fsrs import Scheduler  # noqa: PLC0415 - an extra

        self._scheduler = Scheduler(desired_retention=self.retention, enable_fuzzing=False)
        self._turns, self._cards = Turns(self.world, self.n), [{} for _ in range(self.n)]
        self._due = np.full((self.n, self.world.n_skills), np.inf)  # seconds since the epoch, infinite where new
        self._graduated = np.zeros((self.n, self.world.n_skills), dtype=np.bool_)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """The next item of the skill in question."""
        order = self.world.order
        next_due, when = np.argmin(self._due, axis=1), self._due.min(axis=1)
        new = np.isinf(self._due) & self.world.with_items
        ready = new & (self.world.readiness(self._graduated.astype(np.float64)) > 0.5)
        ready = ready[:, order]
        first_new = order[np.argmax(np.where(ready.any(axis=1, keepdims=True), ready, new[:, order]), axis=1)]
        take_new = (when > at.timestamp()) & (ready.any(axis=1) | np.isinf(when))
        return self._turns.next(np.where(take_new, first_new, next_due), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """The package's review of each skill's card."""
        from fsrs import Card, Rating  # noqa: PLC0415 - an extra
        from fsrs import State as Stage  # noqa: PLC0415

        self._turns.meet(item)
        for learner, (i, score) in enumerate(zip(item.tolist(), correct.tolist(), strict=True)):
            cards, rating = self._cards[learner], Rating.Good if score > 0.5 else Rating.Again
            for skill in set(self.world.skills_of[i].tolist()):
                card = cards.get(skill) or Card(card_id=skill + 1, due=at)
                cards[skill], _ = self._scheduler.review_card(card, rating, at)
                self._due[learner, skill] = cards[skill].due.timestamp()
                self._graduated[learner, skill] |= cards[skill].state == Stage.Review

    def declared(self) -> None:
        """It plans reviews and calls nothing mastered."""
