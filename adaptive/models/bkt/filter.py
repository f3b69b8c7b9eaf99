"""The two-state filter, one step a function. Plain arithmetic, so numbers and arrays both pass: fit and serving share it.

Between attempts a skill is known or not. An answer is right with probability 1 - slip where known and guess where not
(Corbett & Anderson 1995); after each attempt an unknown skill is learned with probability p_learn; in between a
known one is forgotten at a constant rate per day.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np

from adaptive.protocols import Floats

__all__ = ["condition", "forget", "learn", "likelihood", "p_success", "two_point_success"]

_DOUBT: Final = 1e-12
"""Share of certainty that never arrives: after any run of right answers a few dozen wrong ones still overturn it."""

_TAIL: Final = 0.05
"""What a 90 % interval leaves out on each side."""

NumberT = TypeVar("NumberT", float, Floats)


def p_success(p_known: NumberT, guess: NumberT, slip: NumberT) -> NumberT:
    """P(correct).

    >>> round(p_success(0.5, 0.2, 0.1), 9)
    0.55
    """
    return p_known * (1.0 - slip) + (1.0 - p_known) * guess


def likelihood(score: NumberT | float, p_right: NumberT) -> NumberT:
    """Likelihood of a score in [0, 1] where a right answer has probability `p_right`: a fraction counts as both, in part."""
    chance: NumberT = p_right**score * (1.0 - p_right) ** (1.0 - score)
    return chance


def condition(p_known: NumberT, if_known: NumberT, if_unknown: NumberT) -> NumberT:
    """P(known) given an answer of these likelihoods.

    >>> round(condition(0.5, 0.9, 0.1), 9)
    0.9
    """
    known = p_known * if_known
    return known / (known + (1.0 - p_known) * if_unknown)


def learn(p_known: NumberT, p_learn: NumberT) -> NumberT:
    """P(known) after an attempt's chance to learn, short of certainty, from which no answer would lead back.

    >>> learn(0.5, 0.5) < 0.75 < learn(0.5, 0.5) + 1e-9
    True
    """
    return (p_known + (1.0 - p_known) * p_learn) * (1.0 - _DOUBT)


def forget(p_known: NumberT, rate: NumberT, days: NumberT) -> NumberT:
    """P(known) after some days without practice; two steps in a row equal one over the sum of their days.

    >>> bool(abs(forget(0.8, 0.1, 7.0) - forget(forget(0.8, 0.1, 3.0), 0.1, 4.0)) < 1e-12)
    True
    """
    kept: NumberT = np.exp(-rate * days)
    return p_known * kept


def two_point_success(p_known: Floats, guess: Floats, slip: Floats) -> tuple[Floats, Floats, Floats]:
    """Expected success, and the 5 % and 95 % quantiles of guess or 1 - slip, widened to hold it."""
    mean = p_success(p_known, guess, slip)
    low = np.where(p_known < 1.0 - _TAIL, guess, mean)
    high = np.where(p_known > _TAIL, 1.0 - slip, mean)
    return mean, low, high
