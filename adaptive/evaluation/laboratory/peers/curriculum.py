"""A fixed curriculum: each skill until so many right answers in a row, then the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.peers.turns import Turns
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.protocols import Floats, Ints

__all__ = ["IN_A_ROW", "CurriculumPlayer"]

IN_A_ROW: Final = 3
"""Right answers in a row that finish a skill: the rule of ASSISTments' Skill Builders (Heffernan & Heffernan 2014)."""


@dataclass(eq=False)
class CurriculumPlayer:
    """Skills in the curriculum's order, items in turn, on after `in_a_row` right answers; after the last skill once more from the first.

    A skill that has been finished is declared mastered. Nobody is moved on otherwise.
    """

    world: World
    n: int
    in_a_row: int = IN_A_ROW
    _place: Ints = field(init=False)
    _streak: Ints = field(init=False)
    _finished: Mask = field(init=False)
    _turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self._order = self.world.order[self.world.with_items[self.world.order]]  # skills that have items
        self._place, self._streak = np.zeros((2, self.n), dtype=np.int64)
        self._finished = np.zeros((self.n, self.world.n_skills), dtype=np.bool_)
        self._turns = Turns(self.world, self.n)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - it counts answers alone
        """The next item of each learner's skill."""
        return self._turns.next(self._skill, rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:  # noqa: ARG002 - whatever the time
        """The streak, and on where it is long enough."""
        self._turns.meet(item)
        self._streak = np.where(correct > 0.5, self._streak + 1, 0)
        through = self._streak >= self.in_a_row
        self._finished[through, self._skill[through]] = True
        self._place = np.where(through, (self._place + 1) % len(self._order), self._place)
        self._streak[through] = 0

    def declared(self) -> Mask:
        """Skills that were finished."""
        return self._finished

    @property
    def _skill(self) -> Ints:
        return self._order[self._place]
