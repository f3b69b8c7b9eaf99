"""Estimates along the skill graph: a prerequisite is at least as likely mastered as what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from adaptive.protocols import Floats, Ints

__all__ = ["isotonic"]

_TOLERANCE: Final = 1e-9
"""A sum of residuals, in units of the estimates (standard deviations), that is rounding and divides nothing."""


def isotonic(estimates: Floats, edges: Sequence[tuple[int, int]]) -> Floats:
    """The nearest values, by least squares, in which the first of each edge is not below the second; (n,).

    The correction is symmetric: evidence against a prerequisite lowers what stands on it as far as evidence for those
    raises it, and one odd estimate among many moves itself rather than them. `edges` are (prerequisite, dependant)
    positions, sorted topologically by the dependant. Estimates that are in order stay as they are, bit for bit.

    The solution is constant on blocks, at their means. From one block of all, each is divided into an upper and a lower
    one while some upper part lies above the block's mean: exact after as many rounds as blocks at most, in practice
    their logarithm (recursive partitioning: Maxwell & Muckstadt 1985; Luss, Rosset & Shahar 2012).

    >>> isotonic(np.array([0.0, 1.0, -2.0]), [(0, 1), (1, 2)]).tolist()
    [0.5, 0.5, -2.0]
    """
    order = np.array(edges, dtype=np.int64).reshape(-1, 2)  # (n_edges, 2)
    if (estimates[order[:, 0]] >= estimates[order[:, 1]]).all():
        return estimates.copy()
    block = np.zeros(len(estimates), dtype=np.int64)
    while True:
        mean = np.bincount(block, estimates) / np.bincount(block)
        residual = estimates - mean[block]
        upper = _heaviest_upper_set(residual, order[block[order[:, 0]] == block[order[:, 1]]])
        divided = np.bincount(block, np.where(upper, residual, 0.0)) > _TOLERANCE
        if not divided.any():
            break
        block = np.unique(2 * block + (upper & divided[block]), return_inverse=True)[1]
    values = mean[block]
    for before, after in edges:  # means of blocks differ from exact ones by rounding
        values[after] = min(values[after], values[before])
    return values


def _heaviest_upper_set(weight: Floats, order: Ints) -> NDArray[np.bool_]:
    """The set of greatest summed weight that holds the first of an edge wherever it holds the second, (n,).

    A closure problem: the programme has only integral corners, since each row has one +1 and one -1.
    """
    n_edges = len(order)
    signs = np.repeat([1.0, -1.0], n_edges)
    rows = coo_array((signs, (np.tile(np.arange(n_edges), 2), np.append(order[:, 1], order[:, 0]))), shape=(n_edges, len(weight)))
    found = linprog(-weight, A_ub=rows.tocsr(), b_ub=np.zeros(n_edges), bounds=(0.0, 1.0), method="highs-ds")
    held: NDArray[np.bool_] = found.x > 0.5
    return held
