"""What learners at once have done, as the rules of a session want to know it: the engine's own counts, in arrays."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from adaptive.engine.learner import FAILED_BELOW
from adaptive.evaluation.laboratory.players import Recent
from adaptive.evaluation.laboratory.world import World
from adaptive.policies import Place, Session
from adaptive.protocols import Floats, Ints, Mastery

__all__ = ["Past"]


class Past:
    """Of n learners who have all answered as many items, every one of them evidence."""

    def __init__(self, world: World, n: int) -> None:
        self.n_answered = 0
        self.n_attempts: Ints = np.zeros((n, world.n_skills), dtype=np.int64)
        self._world, self._recent = world, Recent(n, world.n_items)
        self._n_failures: Ints = np.zeros((n, 1), dtype=np.int64)
        self._last_two = np.zeros((2, n, world.n_skills), dtype=np.bool_)
        """Skills of the last item and of the one before."""

    def meet(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Each learner has answered an item, (n,) each."""
        exercised = self._world.exercises[item]  # (n, n_skills)
        self.n_answered += 1
        self.n_attempts += exercised
        self._recent.meet(item, at)
        self._n_failures = np.where(correct < FAILED_BELOW, self._n_failures[:, 0] + 1, 0)[:, None]
        self._last_two = np.stack([exercised, self._last_two[0]])

    def session(self, mastery: Mastery, place: Place, at: datetime) -> Session:
        """The session of each at that time and place; `mastery` is of learners at once."""
        run_attempts = np.where(self._last_two.all(axis=0), self.n_attempts, 0)  # (n, n_skills)
        return Session(
            place=place,
            n_answered=np.array(self.n_answered),
            n_failures=self._n_failures,
            items_since=self._recent.items_since(),
            hours_since=self._recent.hours_since(at),
            run_attempts=self._world.most_over_skills(run_attempts),
            width=self._world.most_over_skills(mastery.high - mastery.low),
        )
