"""Choices by the truth: the greatest true gain, and true-state mastery. The better of both per family is the oracle of a gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from adaptive.domain import MASTERED_AT, READY_AT
from adaptive.evaluation.laboratory.family import AnswerFamily, Family, GainFamily, State
from adaptive.evaluation.laboratory.timetable import RETENTION_DAYS
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.protocols import Floats, Ints

__all__ = ["GainOracle", "MasteryOracle", "best", "in_blocks", "p_answered", "picked", "true_gain"]

_ROWS_AT_A_TIME: Final = 65536
"""Learners times items that are tried in one go: some 100 MB of a family with 200 numbers a learner."""

_BLOCK: Final = 256
"""Learners of a block: times 1,000 items of 8 bytes each 2 MB. Of 16 to 2,400 tried the fastest, or near it, in all six families."""

_TARGET: Final = 0.70
"""Success that true-state mastery looks for within a skill (decision 0014)."""


def picked(state: State, rows: Ints) -> State:
    """These learners, in this order.

    >>> picked({"ability": np.array([0.1, 0.2])}, np.array([1, 1, 0]))["ability"].tolist()
    [0.2, 0.2, 0.1]
    """
    return {name: values[rows] for name, values in state.items()}


def in_blocks(of: Callable[[State, slice], Floats], state: State) -> Floats:
    """`of` some learners and their rows, for all learners: the same numbers, since a learner is the same whoever stands beside.

    What is computed on the way stays in the processor's cache, which takes half the time for thousands of learners.

    >>> in_blocks(lambda some, rows: some["ability"] + rows.start, {"ability": np.zeros(300)})[[0, 299]].tolist()
    [0.0, 256.0]
    """
    n = len(next(iter(state.values())))
    blocks = [slice(first, min(first + _BLOCK, n)) for first in range(0, n, _BLOCK)]
    return np.concatenate([of({name: values[rows] for name, values in state.items()}, rows) for rows in blocks])


def p_answered(family: Family, state: State, item: Ints) -> Floats:
    """(n,): P(correct) of learner l on item[l]."""
    if isinstance(family, AnswerFamily):
        return family.p_answer(state, item)
    return in_blocks(lambda some, rows: family.p_correct(some)[np.arange(len(item[rows])), item[rows]], state)


def true_gain(family: Family, state: State, rng: np.random.Generator) -> Floats:
    """(n, n_items): the expected rise of mean success over skills, RETENTION_DAYS later, from attempting each item once.

    A family that does not say has each item tried with either answer: one try each, so noisy where learning is by chance.
    """
    if isinstance(family, GainFamily):
        return in_blocks(lambda some, _: family.gain(some, RETENTION_DAYS), state)
    p_correct = family.p_correct(state)
    n, n_items = p_correct.shape
    untried = _value(family, state, rng)[:, None]
    values = np.empty((2, n * n_items))
    for first in range(0, n * n_items, _ROWS_AT_A_TIME):
        rows = np.arange(first, min(first + _ROWS_AT_A_TIME, n * n_items))
        some, item = picked(state, rows // n_items), rows % n_items
        for score in (0, 1):
            tried = family.practise(some, item, np.full(len(rows), float(score)), rng)
            values[score, rows] = _value(family, tried, rng)
    wrong, right = values.reshape(2, n, n_items)
    return np.asarray(p_correct * right + (1.0 - p_correct) * wrong - untried)


def _value(family: Family, state: State, rng: np.random.Generator) -> Floats:
    """(n,): mean success over skills, RETENTION_DAYS later."""
    return np.asarray(family.success(family.rest(state, RETENTION_DAYS, rng)).mean(axis=1))


@dataclass(frozen=True)
class GainOracle:
    """The item of greatest true gain at RETENTION_DAYS; ties by chance."""

    family: Family

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - gain has its own horizon
        """One step ahead for each learner."""
        return best(true_gain(self.family, truth, rng), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Nothing: it sees the truth."""

    def declared(self) -> None:
        """It calls nothing mastered."""


@dataclass(eq=False)
class MasteryOracle:
    """Of the ready skills that are not truly mastered the one met least lately; in it the item with success nearest .70.

    Where none is ready, any unmastered skill; where all are mastered, the weakest one.
    """

    family: Family
    world: World
    n: int
    _met: Ints = field(init=False)
    _step: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._met = np.full((self.n, self.world.n_skills), -1)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - skills in turn, whatever the time
        """A skill by true mastery, then an item."""
        success = self.family.success(truth)
        skill = self._skill(success)  # (n,)
        off = np.abs(self.family.p_correct(truth) - _TARGET)
        return best(np.where(self.world.exercises[:, skill].T, -off, -np.inf), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:  # noqa: ARG002 - the truth says what was learned
        """Which skills were met."""
        self._met = np.where(self.world.exercises[item], self._step, self._met)
        self._step += 1

    def declared(self) -> None:
        """It calls nothing mastered."""

    def _skill(self, success: Floats) -> Ints:
        with_items = self.world.with_items
        unmastered = (success < MASTERED_AT) & with_items
        ready = unmastered & (self.world.readiness(success) >= READY_AT)
        among: Mask = np.where(ready.any(axis=1, keepdims=True), ready, unmastered)
        in_turn = np.argmin(np.where(among, self._met, self._step), axis=1)
        weakest = np.argmin(np.where(with_items, success, np.inf), axis=1)
        return np.asarray(np.where(among.any(axis=1), in_turn, weakest))


def best(values: Floats, rng: np.random.Generator) -> Ints:
    """(n,): the place of the greatest value of each row (n, n_items), ties by chance."""
    is_best = values >= values.max(axis=1, keepdims=True)
    return np.asarray(np.argmax(is_best * rng.random(values.shape), axis=1), dtype=np.int64)
