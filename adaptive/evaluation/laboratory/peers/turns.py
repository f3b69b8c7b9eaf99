"""Items of a skill in turn, which is how peers that choose a skill choose an item."""

from __future__ import annotations

import numpy as np

from adaptive.evaluation.laboratory.oracles import best
from adaptive.evaluation.laboratory.world import World
from adaptive.protocols import Ints

__all__ = ["Turns"]


class Turns:
    """When each of n learners last met each item."""

    def __init__(self, world: World, n: int) -> None:
        self._exercises, self._step = world.exercises, 0
        self._met = np.full((n, world.n_items), -1.0)

    def next(self, skill: Ints, rng: np.random.Generator) -> Ints:
        """(n,) of the items of skill[l] the one that learner l met longest ago, ties by chance.

        A skill without items has any item instead.
        """
        has = self._exercises[:, skill].T  # (n, n_items)
        return best(np.where(has | ~has.any(axis=1, keepdims=True), -self._met, -np.inf), rng)

    def meet(self, item: Ints) -> None:
        """Each learner meets an item, (n,)."""
        self._met[np.arange(len(item)), item] = self._step
        self._step += 1
