"""The zone's event, compiled: draws are the inner loop, so that a processor takes several at a time.

Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adaptive.protocols import Floats, Ints

__all__ = ["event_of_items", "zone_of_kinds"]

Mask = NDArray[np.bool_]
Packed = tuple[Ints, Ints, Ints, Ints, Floats]
Constants = tuple[float, float, float]


@njit(inline="always")
def _unready(success: Floats, links: Packed, ready_at: float, unready: Mask) -> None:
    """Fills `unready` (n_skills, n_draws): whether a prerequisite of the skill is not ready, of `success` (n_skills, n_draws)."""
    before, after, weight = links[2], links[3], links[4]
    unready[:] = False
    for e in range(len(before)):
        j, k, w = before[e], after[e], weight[e]
        for d in range(success.shape[1]):
            unready[k, d] |= 1.0 - w * (1.0 - success[j, d]) < ready_at


@njit(inline="always")
def _open(i: int, success: Floats, links: Packed, mastered_at: float, unready: Mask, out: Mask) -> None:
    """Fills `out` (n_draws,): whether item i is ready and some skill of it unmastered."""
    start, skill = links[0], links[1]
    out[:] = False
    for j in range(start[i], start[i + 1]):
        k = skill[j]
        for d in range(len(out)):
            out[d] |= success[k, d] < mastered_at
    for j in range(start[i], start[i + 1]):
        k = skill[j]
        for d in range(len(out)):
            out[d] &= not unready[k, d]


@njit(inline="always")
def _raise(best: Floats, gain: Floats, is_open: Mask) -> None:
    """The best gain of each draw, with one more item, open where it is."""
    for d in range(len(best)):
        best[d] = max(best[d], gain[d] if is_open[d] else 0.0)


@njit(inline="always")
def _hold(gain: Floats, best: Floats, share: float, is_open: Mask) -> int:
    """Keeps in `is_open` where the event holds: a gain above 0 and of at least `share` of the best; says how often it does."""
    n = 0
    for d in range(len(best)):
        is_open[d] &= (gain[d] > 0.0) & (gain[d] >= share * best[d])
        n += is_open[d]
    return n


@njit(cache=True)
def event_of_items(success: Floats, gain: Floats, links: Packed, among: Mask, constants: Constants) -> Mask:
    """(n_items, n_draws) whether the event holds; `success` (n_skills, n_draws), `gain` (n_items, n_draws).

    `constants` are ready_at, mastered_at and gain_share.
    """
    ready_at, mastered_at, share = constants
    n_items, n_draws = gain.shape
    event, best = np.zeros((n_items, n_draws), dtype=np.bool_), np.zeros(n_draws)
    unready = np.zeros(success.shape, dtype=np.bool_)
    _unready(success, links, ready_at, unready)
    for i in range(n_items):
        _open(i, success, links, mastered_at, unready, event[i])
        if among[i]:
            _raise(best, gain[i], event[i])
    for i in range(n_items):
        _hold(gain[i], best, share, event[i])
    return event


@njit(inline="always")
def _ever(success: Floats, unready: Mask, mastered_at: float) -> tuple[bool, bool]:
    """Whether the skill is ready on some draw, and unmastered on one; `success` and `unready` are (n_draws,)."""
    n_ready, n_unmastered = 0, 0
    for d in range(len(success)):
        n_ready += not unready[d]
        n_unmastered += success[d] < mastered_at
    return n_ready > 0, n_unmastered > 0


@njit(inline="always")
def _add(gain: Floats, worth: Floats) -> None:
    for d in range(len(worth)):
        worth[d] += gain[d]


@njit(inline="always")
def _live(links: Packed, ready: Mask, unmastered: Mask, out: Mask) -> None:
    """Fills `out` (n_kinds,): whether some draw may open the kind, each skill of it being `ready` on one (n_skills,), some unmastered."""
    start, skill = links[0], links[1]
    for i in range(len(out)):
        is_ready, is_unmastered = True, False
        for j in range(start[i], start[i + 1]):
            is_ready &= ready[skill[j]]
            is_unmastered |= unmastered[skill[j]]
        out[i] = is_ready and is_unmastered


@njit(cache=True)
def zone_of_kinds(
    success: Floats, gain: Floats, mean_gain: Floats, links: Packed, among: Mask, constants: Constants
) -> tuple[Floats, Floats]:
    """(n_learners, n_kinds) each: how often the event holds, and the mean gain, where an item's gain is that of its skills together.

    `success` and `gain` are (n_learners, n_skills, n_draws), `mean_gain` (n_learners, n_skills). Kinds that no draw opens cost little.
    """
    ready_at, mastered_at, share = constants
    start, skill = links[0], links[1]
    n, n_skills, n_draws, n_kinds = len(success), success.shape[1], success.shape[2], len(among)
    z, mean = np.zeros((n, n_kinds)), np.zeros((n, n_kinds))
    unready, is_open = np.zeros((n_skills, n_draws), dtype=np.bool_), np.zeros((n_kinds, n_draws), dtype=np.bool_)
    ready, unmastered, live = np.zeros(n_skills, dtype=np.bool_), np.zeros(n_skills, dtype=np.bool_), np.zeros(n_kinds, dtype=np.bool_)
    worth, best = np.zeros((n_kinds, n_draws)), np.zeros(n_draws)
    for learner in range(n):
        _unready(success[learner], links, ready_at, unready)
        for k in range(n_skills):
            ready[k], unmastered[k] = _ever(success[learner, k], unready[k], mastered_at)
        _live(links, ready, unmastered, live)
        best[:] = 0.0
        for i in range(n_kinds):
            for j in range(start[i], start[i + 1]):
                mean[learner, i] += mean_gain[learner, skill[j]]
            if live[i]:
                _open(i, success[learner], links, mastered_at, unready, is_open[i])
                worth[i] = 0.0
                for j in range(start[i], start[i + 1]):
                    _add(gain[learner, skill[j]], worth[i])
                if among[i]:
                    _raise(best, worth[i], is_open[i])
        for i in range(n_kinds):
            if live[i]:
                z[learner, i] = _hold(worth[i], best, share, is_open[i]) / n_draws
    return z, mean
