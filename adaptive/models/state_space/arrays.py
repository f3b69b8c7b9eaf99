"""How learners, skills, items and tables lie in arrays: what the compiled kernel reads and writes.

A skill's row is [mean, variance, form, form variance, practices, last time, slopes...]: given the shared factors u the
learner's lasting ability in it is N(mean + slopes.u, variance), and the form comes on top. The last of the factors is the learner's
rate of learning: a skill has no slope on it until practice brings some. A memory's row, what a learner makes of one item, is [mean,
variance, last step, last time, recent]: `recent` is what the last meeting left in mind. The learner's vector is [form, form variance,
attempts, last time, means of u, covariance of u by rows]. An unknown time is -inf in these, which equals itself, and NaN in an attempt.
"""

from __future__ import annotations

from math import inf
from typing import Final, NamedTuple

import numpy as np

from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats, Ints

__all__ = [
    "HOUR",
    "KEPT_MEMORIES",
    "LEARNER_MEAN",
    "MEMORY_SIZE",
    "MOST_MEMORIES",
    "SLOPE",
    "UNKNOWN_TIME",
    "Difficulty",
    "Ground",
    "Rows",
    "Scratch",
    "Sums",
    "Trace",
    "fresh_learner",
    "fresh_memory",
]

SLOPE: Final = 6
"""Where the slopes of a skill's row begin."""

LEARNER_MEAN: Final = 4
"""Where the means of u begin in the learner's vector; its covariance follows them."""

MEMORY_SIZE: Final = 5
"""Numbers in a memory's row."""

UNKNOWN_TIME: Final = -inf

HOUR: Final = 3600.0
"""Seconds after which half of what massed practice takes from a gain is back: lessons apart are spaced, attempts of one are not."""

MOST_MEMORIES: Final = 300
KEPT_MEMORIES: Final = 250
"""Items that a learner's state remembers at most, and how many of those met last stay when there are more."""


class Rows(NamedTuple):
    """A table: `learner`, `item`, `score` (NaN: exposure), `seconds` (NaN: unknown), each (n,); skills of row i by `start`."""

    learner: Ints
    item: Ints
    skill: Ints
    start: Ints
    score: Floats
    seconds: Floats


class Ground(NamedTuple):
    """What is known of skills before any answer: `fresh` (n_skills, 6 + n_factors) rows, and what each skill builds on.

    Skill k builds on `before[start[k]:start[k + 1]]`, by their places among these skills, with `weight` in (0, 1]. `typical`
    (n_skills,) are the difficulties of the skills' typical items, `rate` (n_skills,) how fast each is learned beside the others, around 1.
    """

    fresh: Floats
    before: Ints
    start: Ints
    weight: Floats
    typical: Floats
    rate: Floats


class Difficulty(NamedTuple):
    """What is known of the items, by row of a table or by item: each (n,).

    Difficulty and log discrimination are jointly normal: `steep_variance` is that of the latter, `covariance` that of both.
    """

    mean: Floats
    variance: Floats
    discrimination: Floats
    steep_variance: Floats
    covariance: Floats
    guess: Floats


class Trace(NamedTuple):
    """What each row was expected to be: P(correct), and mean and variance of the logit before the answer, each (n,)."""

    p_correct: Floats
    logit: Floats
    variance: Floats

    @classmethod
    def of(cls, n: int) -> Trace:
        """Room for n rows."""
        return cls(np.zeros(n), np.zeros(n), np.zeros(n))


class Sums(NamedTuple):
    """Slope and negated curvature of the log likelihood, summed by item: by ability, by log discrimination, by both; (n_items,).

    A log discrimination steepens the logit and widens it (by what the learner's ability is unsure), so that what it does to the
    forecast is the logit over 1 + pi / 8 its variance.
    """

    slope: Floats
    curvature: Floats
    discrimination_slope: Floats
    discrimination_curvature: Floats
    cross: Floats

    @classmethod
    def of(cls, n_items: int) -> Sums:
        """Sums of nothing."""
        return cls(*np.zeros((5, n_items)))


class Scratch(NamedTuple):
    """Room for one attempt: `weights`, `expected`, `variance`, `taught` of its skills (n_skills,), `direction` and `cut` (n_factors,)."""

    weights: Floats
    expected: Floats
    variance: Floats
    taught: Floats
    direction: Floats
    cut: Floats

    @classmethod
    def of(cls, n_skills: int, n_factors: int) -> Scratch:
        """Room for an item of so many skills."""
        return cls(*np.zeros((4, n_skills)), *np.zeros((2, n_factors)))


def fresh_learner(n_factors: int, h: Hyperparameters) -> Floats:
    """(4 + n_factors (1 + n_factors),) the vector of a learner of whom nothing is known: u ~ N(0, I).

    >>> fresh_learner(1, Hyperparameters(form_sd=0.5)).tolist()
    [0.0, 0.25, 0.0, -inf, 0.0, 1.0]
    """
    return np.array([0.0, h.form_sd**2, 0.0, UNKNOWN_TIME, *np.zeros(n_factors), *np.eye(n_factors).ravel()])


def fresh_memory(h: Hyperparameters) -> tuple[float, float, float, float, float]:
    """The row of an item that the learner has not met."""
    return (0.0, h.memory_sd**2, 0.0, UNKNOWN_TIME, 0.0)
