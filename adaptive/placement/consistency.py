"""Estimates along the skill graph: a prerequisite is at least as likely mastered as what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from adaptive.protocols import Floats

__all__ = ["isotonic"]

_TOLERANCE: Final = 1e-6
"""Of the order, in units of the estimates (standard deviations): 4e-7 in probability."""

_MAX_SWEEPS: Final = 1000
"""More than a graph whose edges nearly all agree needs; a long reversed chain is finished by the closing pass."""


def isotonic(estimates: Floats, edges: Sequence[tuple[int, int]]) -> Floats:
    """The nearest values, by least squares, in which the first of each edge is not below the second; (n,).

    Hildreth's method (1957): an edge that violates the order moves both of its ends by half of the gap, and gives back
    what later moves made needless, until no edge violates. So the correction is symmetric: evidence against a
    prerequisite lowers what stands on it as far as evidence for those raises it, and one odd estimate among many moves
    itself rather than them. `edges` are (prerequisite, dependant) positions, sorted topologically by the dependant.
    An estimate on no violated edge stays as it is.

    >>> isotonic(np.array([0.0, 1.0, -2.0]), [(0, 1), (1, 2)]).tolist()
    [0.5, 0.5, -2.0]
    """
    values = estimates.tolist()
    given = [0.0] * len(edges)
    for _ in range(_MAX_SWEEPS):
        worst = 0.0
        for index, (before, after) in enumerate(edges):
            gap = values[after] - values[before]
            moved = max(gap / 2.0, -given[index])
            worst = max(worst, abs(moved))
            if moved:
                values[before] += moved
                values[after] -= moved
                given[index] += moved
        if worst <= _TOLERANCE / 2.0:
            break
    for before, after in edges:
        values[after] = min(values[after], values[before])
    return np.array(values)
