"""What a learner makes of one item, compiled into `kernel`: how it ages, what it adds to the logit, and what a meeting leaves.

A memory's row is laid out in `arrays`. Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import inf

from numba import njit

from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats

__all__ = ["M_LAST", "M_MEAN", "M_STEP", "M_VARIANCE", "age_memory", "by_outcome", "kept_after", "met_before", "remember", "still_there"]

M_MEAN, M_VARIANCE, M_STEP, M_LAST, M_RECENT = range(5)
"""Columns of a memory's row."""


@njit(inline="always", error_model="numpy")
def kept_after(last: float, seconds: float, exponent: float, time_scale: float) -> float:
    """What is left after the time since; all of it where a time is unknown."""
    if exponent == 0.0 or last == -inf or not seconds > last:
        return 1.0
    return float((1.0 + (seconds - last) / time_scale) ** -exponent)


@njit(inline="always", error_model="numpy")
def still_there(last: float, seconds: float, scale: float) -> float:
    """What is left of what was there then, 1 at once and half after `scale` seconds; nothing where a time is unknown."""
    if last == -inf or seconds != seconds:  # noqa: PLR0124 - NaN
        return 0.0
    return float(1.0 / (1.0 + max(seconds - last, 0.0) / scale))


@njit(inline="always", error_model="numpy")
def age_memory(memories: Floats, j: int, n_attempts: float, seconds: float, h: Hyperparameters) -> float:
    """Gives what is left of what the last meeting left in mind, of 1."""
    left, recent = (
        kept_after(memories[j, M_LAST], seconds, h.memory_forgetting, h.time_scale),
        still_there(memories[j, M_LAST], seconds, h.recent_scale),
    )
    memories[j, M_RECENT] *= recent
    if h.memory_step_decay > 0.0:
        left *= max(n_attempts - memories[j, M_STEP], 1.0) ** -h.memory_step_decay
    memories[j, M_MEAN] *= left
    memories[j, M_VARIANCE] = left * left * memories[j, M_VARIANCE] + (1.0 - left * left) * h.memory_sd * h.memory_sd
    return recent


@njit(inline="always", error_model="numpy")
def met_before(memories: Floats, j: int) -> float:
    """The mean of what the learner makes of the item beyond its skills."""
    return float(memories[j, M_MEAN] + memories[j, M_RECENT])


@njit(inline="always", error_model="numpy")
def by_outcome(score: float, right: float, wrong: float, exposure: float) -> float:
    """A score in between counts as its share of both; NaN is no evidence."""
    return right * score + wrong * (1.0 - score) if score >= 0.0 else exposure


@njit(inline="always", error_model="numpy")
def remember(memories: Floats, j: int, n_attempts: float, score: float, seconds: float, spaced: float, h: Hyperparameters) -> None:
    """What the attempt leaves of its item; `spaced` is the share that the time since the last meeting allows."""
    memories[j, M_MEAN] += spaced * by_outcome(score, h.memory_right, h.memory_wrong, h.memory_exposure)
    memories[j, M_VARIANCE] += h.memory_gain_sd * h.memory_gain_sd
    memories[j, M_STEP], memories[j, M_LAST] = n_attempts, seconds if seconds > -inf else -inf  # NaN: unknown
    memories[j, M_RECENT] = by_outcome(score, h.recent_right, h.recent_wrong, h.recent_exposure)
