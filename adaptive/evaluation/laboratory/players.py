"""Who practises the learners of a cell: what a player is, the rule against repeats that some share, and the one that chooses by chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

import numpy as np

from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.policies import RuleSettings
from adaptive.protocols import Floats, Ints, Mastery

__all__ = ["Belief", "BelievingPlayer", "Player", "RandomPlayer", "Recent"]

_REST: Final = RuleSettings()
_NEVER: Final = -np.iinfo(np.int32).max
"""The step of an item that was never met."""

_SECONDS_AN_HOUR: Final = 3_600.0


class Player(Protocol):
    """Chooses an item for each of n learners at every step, and sees the answers. It keeps what it knows of them itself."""

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:
        """(n,) the item of each learner. `truth` is for oracles; nothing under test may look at it."""

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """What the learners answered, (n,) each."""

    def declared(self) -> Mask | None:
        """(n, n_skills): skills it calls mastered, as of the last choice; None where it calls none so."""


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What a player held of the learners at its last choice: mastery, arrays (n, n_skills), and Z of each item, (n, n_items)."""

    mastery: Mastery
    zone_probability: Floats


@runtime_checkable
class BelievingPlayer(Player, Protocol):
    """A player whose beliefs can be held against the truth."""

    def believed(self) -> Belief:
        """As of the last choice."""


class Recent:
    """When each learner met each item, and which within the last 20 attempts or 24 hours: the engine's rule against repeats."""

    def __init__(self, n: int, n_items: int) -> None:
        self._step, self._last_step = 0, np.full((n, n_items), _NEVER)
        self._last_seconds = np.full((n, n_items), -np.inf)

    def meet(self, item: Ints, at: datetime) -> None:
        """Each learner meets an item, (n,)."""
        learners = np.arange(len(item))
        self._last_step[learners, item], self._last_seconds[learners, item] = self._step, at.timestamp()
        self._step += 1

    def items_since(self) -> Ints:
        """(n, n_items): 1 for the last item met, very many where one was never met."""
        return self._step - self._last_step

    def hours_since(self, at: datetime) -> Floats:
        """(n, n_items): infinitely many where the item was never met."""
        return (at.timestamp() - self._last_seconds) / _SECONDS_AN_HOUR

    def items(self, at: datetime) -> Mask:
        """(n, n_items)."""
        return (self.hours_since(at) < _REST.rest_hours) | (self.items_since() <= _REST.rest_items)


@dataclass(frozen=True)
class RandomPlayer:
    """Any item, each as likely: where a gap begins."""

    world: World
    n: int

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - it looks at nothing
        """An even draw for each learner."""
        return rng.integers(self.world.n_items, size=self.n)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Nothing."""

    def declared(self) -> None:
        """It calls nothing mastered."""
