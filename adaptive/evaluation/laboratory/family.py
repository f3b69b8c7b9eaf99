"""What a family of simulated learners is: one class in one file, handed to `adaptive simulate` by name or by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from adaptive.protocols import Floats, Ints

__all__ = ["AnswerFamily", "Family", "GainFamily", "State"]

State = Mapping[str, NDArray[Any]]  # Any: numbers of any kind
"""Learners as named arrays whose first axis is the learner: they can be picked, repeated and put side by side."""


@runtime_checkable
class Family(Protocol):
    """A world and the learners in it. `ClassName(rng)` draws one world: its parameters, its items and what a catalogue says of them.

    The truth (`p_correct`, `success`, `practise`, `rest`) is what the laboratory and its oracles see. Models and policies under test
    see `item_skills` and `prerequisites`, which may be wrong, and answers. No method changes the state it is given.

    >>> class Steady:
    ...     name = "steady"
    ...     def __init__(self, rng):
    ...         self.item_skills, self.prerequisites = [(k,) for k in range(3) for _ in range(5)], [(0, 1), (1, 2)]
    ...         self.difficulty = rng.normal(size=15)
    ...     def learners(self, n, rng):
    ...         return {"ability": rng.normal(size=(n, 3))}
    ...     def p_correct(self, state):
    ...         return 1 / (1 + np.exp(self.difficulty - np.repeat(state["ability"], 5, axis=1)))
    ...     def success(self, state):
    ...         return 1 / (1 + np.exp(-state["ability"]))
    ...     def practise(self, state, item, correct, rng):
    ...         ability = state["ability"].copy()
    ...         ability[np.arange(len(item)), item // 5] += 0.1
    ...         return {"ability": ability}
    ...     def rest(self, state, days, rng):
    ...         return state
    >>> rng = np.random.default_rng(0)
    >>> world = Steady(rng)
    >>> isinstance(world, Family), world.p_correct(world.learners(4, rng)).shape
    (True, (4, 15))
    """

    name: ClassVar[str]
    item_skills: Sequence[Sequence[int]]
    """Skills of each item, counted from 0, as the catalogue has them."""
    prerequisites: Sequence[tuple[int, int]]
    """(before, after) pairs of skills, as the catalogue has them; without a cycle."""

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """n new learners before any practice."""

    def p_correct(self, state: State) -> Floats:
        """(n, n_items): P(correct) of each learner on each item now."""

    def success(self, state: State) -> Floats:
        """(n, n_skills): expected score on each skill's typical item now; a skill is truly mastered at MASTERED_AT."""

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:
        """The learners after learner l has answered item[l] with correct[l]; both (n,)."""

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:
        """The learners after so many days without practice."""


@runtime_checkable
class GainFamily(Family, Protocol):
    """A family that knows what an attempt is worth; others have it found by trying each item (noisy where learning is by chance)."""

    def gain(self, state: State, days: float) -> Floats:
        """(n, n_items): expected rise, so many days later, of mean success over skills from attempting each item once."""


@runtime_checkable
class AnswerFamily(Family, Protocol):
    """A family that tells P(correct) of one item a learner, without that of all others: what particles and answers ask for."""

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,): P(correct) of learner l on item[l], as `p_correct` has it."""
