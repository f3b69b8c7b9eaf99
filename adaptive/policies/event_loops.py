"""The zone's event, compiled: one pass over the draws of any number of learners.

Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adaptive.protocols import Floats, Ints

__all__ = ["event_of_items", "zone_of_kinds"]

Mask = NDArray[np.bool_]


@njit(inline="always")
def _opened(
    success: Floats, links: tuple[Ints, Ints, Ints, Ints, Floats], ready_at: float, mastered_at: float, unready: Mask, out: Mask
) -> None:
    """Fills `unready` (n_skills,) and `out` (n_items,), whether the item is ready and some skill of it unmastered, on one draw."""
    start, skill, before, after, weight = links
    unready[:] = False
    for e in range(len(before)):
        if 1.0 - weight[e] * (1.0 - success[before[e]]) < ready_at:
            unready[after[e]] = True
    for i in range(len(out)):
        is_unmastered, is_ready = False, True
        for j in range(start[i], start[i + 1]):
            is_unmastered |= success[skill[j]] < mastered_at
            is_ready &= not unready[skill[j]]
        out[i] = is_unmastered and is_ready


@njit(inline="always")
def _least_gain(gain: Floats, is_open: Mask, among: Mask, share: float) -> float:
    """`share` of the best gain among the open items in question; on one draw."""
    best = 0.0
    for i in range(len(gain)):
        if is_open[i] and among[i] and gain[i] > best:
            best = gain[i]
    return share * best


@njit(cache=True)
def event_of_items(
    success: Floats, gain: Floats, links: tuple[Ints, Ints, Ints, Ints, Floats], among: Mask, constants: tuple[float, float, float]
) -> Mask:
    """(n, n_items) whether the event holds on each of n draws; `constants` are ready_at, mastered_at and gain_share."""
    ready_at, mastered_at, share = constants
    event, unready = np.zeros(gain.shape, dtype=np.bool_), np.zeros(success.shape[1], dtype=np.bool_)
    for d in range(len(success)):
        _opened(success[d], links, ready_at, mastered_at, unready, event[d])
        least = _least_gain(gain[d], event[d], among, share)
        for i in range(gain.shape[1]):
            event[d, i] = event[d, i] and gain[d, i] > 0.0 and gain[d, i] >= least
    return event


@njit(cache=True)
def zone_of_kinds(
    success: Floats, gain: Floats, links: tuple[Ints, Ints, Ints, Ints, Floats], among: Mask, constants: tuple[float, float, float]
) -> tuple[Floats, Floats]:
    """(n_learners, n_kinds) each: how often the event holds, and the mean gain, where an item's gain is that of its skills together.

    `success` and `gain` are (n_learners, n_draws, n_skills).
    """
    ready_at, mastered_at, share = constants
    start, skill = links[0], links[1]
    n, n_draws, n_skills, n_kinds = len(success), success.shape[1], success.shape[2], len(among)
    z, mean = np.zeros((n, n_kinds)), np.zeros((n, n_kinds))
    unready, is_open, worth = np.zeros(n_skills, dtype=np.bool_), np.zeros(n_kinds, dtype=np.bool_), np.zeros(n_kinds)
    for learner in range(n):
        for d in range(n_draws):
            _opened(success[learner, d], links, ready_at, mastered_at, unready, is_open)
            for i in range(n_kinds):
                worth[i] = 0.0
                for j in range(start[i], start[i + 1]):
                    worth[i] += gain[learner, d, skill[j]]
                mean[learner, i] += worth[i]
            least = _least_gain(worth, is_open, among, share)
            for i in range(n_kinds):
                if is_open[i] and worth[i] > 0.0 and worth[i] >= least:
                    z[learner, i] += 1.0
    return z / n_draws, mean / n_draws
