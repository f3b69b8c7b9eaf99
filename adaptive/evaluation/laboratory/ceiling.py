"""The informed-Bayes ceiling: who knows the family and its parameters, and of a learner only the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.family import Family, State
from adaptive.evaluation.laboratory.oracles import best, p_answered, picked, true_gain
from adaptive.protocols import Floats, Ints

__all__ = ["N_PARTICLES", "CeilingPlayer", "systematic"]

N_PARTICLES: Final = 200
"""Copies of each learner in the filter."""

_N_LOOKED_AT: Final = 40
"""Particles whose gain is looked at for a choice, drawn by weight: gain costs the most, and its mean needs the fewest."""

_FEWEST: Final = 0.5
"""Share of particles that have to count, 1 / sum of squared weights, before they are drawn anew (Liu & Chen 1998)."""


@dataclass(eq=False)
class CeilingPlayer:
    """Greedy on the mean true gain over a bootstrap particle filter of the true family (Gordon, Salmond & Smith 1993).

    Each learner is `n_particles` draws of the family's own learners, weighted by P(correct) of each answer, moved by the family's own
    `practise` and `rest`. What does not change in a learner is never drawn anew, so that the filter is a lower bound of the ceiling.
    """

    family: Family
    n: int
    seed: int
    n_particles: int = N_PARTICLES
    particles: State = field(init=False)
    copy_of: Ints = field(init=False)
    """(n * n_particles,) the same number for particles that are copies of each other: what they share is computed once."""
    _log_weights: Floats = field(init=False)
    _last: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._rng = generator(self.seed, "particles")
        self.particles = self.family.learners(self.n * self.n_particles, self._rng)
        self.copy_of = np.arange(self.n * self.n_particles)
        self._log_weights = np.zeros((self.n, self.n_particles))

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - it does not see the truth
        """The item of the greatest mean gain."""
        self._rest(at)
        some = self._drawn(min(_N_LOOKED_AT, self.n_particles), rng)
        gain = self._once(lambda rows: true_gain(self.family, picked(self.particles, rows), self._rng), some.ravel())
        return best(gain.reshape(self.n, some.shape[1], -1).mean(axis=1), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:  # noqa: ARG002 - `choose` has rested them to the same moment
        """Weights by the answer, new particles where few count, then practice."""
        each, score = np.repeat(item, self.n_particles), np.repeat(correct, self.n_particles)
        p_correct = self._once(lambda rows: p_answered(self.family, picked(self.particles, rows), each[rows]), np.arange(len(each)))
        likelihood = np.where(score > 0.5, p_correct, 1.0 - p_correct).reshape(self.n, -1)
        self._log_weights += np.log(np.maximum(likelihood, np.finfo(np.float64).tiny))
        weights = self.weights()
        poor = 1.0 / np.square(weights).sum(axis=1) < _FEWEST * self.n_particles
        if poor.any():
            rows = np.arange(len(each)).reshape(self.n, -1)
            rows[poor] = self._drawn(self.n_particles, self._rng)[poor]
            self.particles, self.copy_of = picked(self.particles, rows.ravel()), self.copy_of[rows.ravel()]
            self._log_weights[poor] = 0.0
        self._move(lambda particles: self.family.practise(particles, each, score, self._rng))

    def declared(self) -> None:
        """It calls nothing mastered."""

    def _rest(self, at: datetime) -> None:
        days = 0.0 if self._last is None else (at.date() - self._last.date()).days
        if days:
            self._move(lambda particles: self.family.rest(particles, float(days), self._rng))
        self._last = at

    def _once(self, of: Callable[[Ints], Floats], rows: Ints) -> Floats:
        """`of` these rows, computed once for all copies of a particle."""
        _, first, back = np.unique(self.copy_of[rows], return_index=True, return_inverse=True)
        return of(rows[first])[back]

    def _move(self, by: Callable[[State], State]) -> None:
        """Particles practised or rested; copies part where that goes by chance."""
        before = self._rng.bit_generator.state
        self.particles = by(self.particles)
        if self._rng.bit_generator.state != before:
            self.copy_of = np.arange(len(self.copy_of))

    def weights(self) -> Floats:
        """(n, n_particles), each row sums to 1."""
        weights = np.exp(self._log_weights - self._log_weights.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def _drawn(self, n_drawn: int, rng: np.random.Generator) -> Ints:
        """(n, n_drawn) rows of particles by weight."""
        own = systematic(self.weights(), n_drawn, rng)
        return own + np.arange(self.n)[:, None] * self.n_particles


def systematic(weights: Floats, n_drawn: int, rng: np.random.Generator) -> Ints:
    """(n, n_drawn) places by weights (n, n_particles), each row evenly spaced from one random start (Kitagawa 1996).

    >>> systematic(np.array([[0.5, 0.25, 0.25]]), 4, np.random.default_rng(0)).tolist()
    [[0, 0, 1, 2]]
    """
    cumulative = np.cumsum(weights, axis=1)
    start = (rng.random((len(weights), 1)) + np.arange(n_drawn)) / n_drawn  # (n, n_drawn)
    found = np.stack([np.searchsorted(row, points) for row, points in zip(cumulative, start, strict=True)])
    return np.asarray(np.minimum(found, weights.shape[1] - 1), dtype=np.int64)
