"""Mastery learning with Bayesian knowledge tracing: each skill until P(known) reaches a threshold, ready skills first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from adaptive.domain import PROMOTE_AT
from adaptive.evaluation.laboratory.at_once import LearnersAtOnce
from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.peers.turns import Turns
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.protocols import Floats, Ints

__all__ = ["MasteryLearningPlayer"]


@dataclass(eq=False)
class MasteryLearningPlayer:
    """The first unmastered skill of the curriculum whose prerequisites are all mastered (Corbett & Anderson 1995: P(known) >= .95).

    Where none is ready, the first unmastered one; where all are mastered, the least known.
    """

    learners: LearnersAtOnce
    world: World
    n: int
    threshold: float = PROMOTE_AT
    _turns: Turns = field(init=False)
    _declared: Mask = field(init=False)

    def __post_init__(self) -> None:
        self._turns = Turns(self.world, self.n)
        self._declared = np.zeros((self.n, self.world.n_skills), dtype=np.bool_)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """The next item of the skill in question."""
        p_known = self.learners.mastery(at).p_mastered  # (n, n_skills)
        self._declared = p_known >= self.threshold
        order, with_items = self.world.order, self.world.with_items
        unmastered = ~self._declared & with_items
        ready = unmastered & (self.world.readiness(self._declared.astype(np.float64)) > 0.5)
        among = np.where(ready.any(axis=1, keepdims=True), ready, unmastered)[:, order]
        least_known = np.argmin(np.where(with_items, p_known, np.inf), axis=1)
        return self._turns.next(np.where(among.any(axis=1), order[np.argmax(among, axis=1)], least_known), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Knowledge tracing's own update."""
        self._turns.meet(item)
        self.learners.update(item, correct, at)

    def declared(self) -> Mask:
        """Skills whose P(known) reached the threshold at the last choice."""
        return self._declared
