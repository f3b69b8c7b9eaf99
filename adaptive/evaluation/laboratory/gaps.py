"""Closed gaps: how much of the way from random to the oracle a policy goes, by seed, over seeds, and beside another policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import ttest_1samp

from adaptive.evaluation.laboratory.metrics import Cell, fifth_of
from adaptive.protocols import Floats

__all__ = ["Gap", "Interval", "Per", "difference", "end", "holm", "later", "resampled", "weakest"]

Per = Callable[[Cell], Floats]
"""Which learners' numbers of a cell a gap is taken of, (n,)."""

_N_REPLICATES: Final = 10_000
_ENDS: Final = (0.025, 0.975)
"""95 % intervals by resampling seeds, 10,000 times (decision 0014)."""


def end(cell: Cell) -> Floats:
    """Mean true success after the last answer."""
    return np.array(cell.end)


def later(cell: Cell) -> Floats:
    """The same 14 days on."""
    return np.array(cell.later)


def weakest(cell: Cell) -> Floats:
    """Mean true success after the last answer of the fifth that began weakest."""
    return np.asarray(np.array(cell.end)[fifth_of(np.array(cell.start)) == 0])


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval; None where it is undefined, or where there is but one seed to resample."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Values of a policy, of random and of the oracle, on the same learners, by seed, (n_seeds,) each."""

    policy: Floats
    random: Floats
    oracle: Floats

    @classmethod
    def of(cls, policy: Sequence[Cell], random: Sequence[Cell], oracle: Sequence[Cell], per: Per) -> Gap:
        """The values by `per`; where the policy had the first learners alone, random and oracle count on those alone."""
        n = len(policy[0].end)
        return cls(*(np.array([per(_first(cell, n)).mean() for cell in cells]) for cells in (policy, random, oracle)))

    def closed(self) -> float | None:
        """(mean policy - mean random) / (mean oracle - mean random)."""
        return _number(_ratio(self.policy - self.random, self.oracle - self.random))

    def interval(self) -> Interval:
        """`closed` with its interval."""
        return resampled(self.policy - self.random, self.oracle - self.random)


def difference(ours: Gap, theirs: Gap) -> tuple[Interval, float | None]:
    """How much more of the gap ours closes, and the two-sided p of a paired t test over seeds; None with fewer than two."""
    more = ours.policy - theirs.policy
    p = float(ttest_1samp(more, 0.0).pvalue) if len(more) > 1 and np.ptp(more) > 0.0 else None
    return resampled(more, ours.oracle - ours.random), p


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted for all of them together (Holm 1979, "A simple sequentially rejective multiple test procedure").

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    there = [i for i, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(there, key=lambda i: p_values[i] or 0.0)):
        largest = max(largest, min((len(there) - rank) * (p_values[i] or 0.0), 1.0))
        adjusted[i] = largest
    return adjusted


def _first(cell: Cell, n: int) -> Cell:
    """The cell of the first n learners, as far as gaps read it."""
    if len(cell.end) == n:
        return cell
    return replace(cell, start=cell.start[:n], end=cell.end[:n], later=cell.later[:n])


def resampled(above: Floats, whole: Floats, of_all: Callable[[Floats], Floats] = lambda ratios: ratios[0]) -> Interval:
    """`of_all` ratios of means over seeds, mean `above` / mean `whole`, (n_ratios, n_seeds) or (n_seeds,) each, with its interval.

    `of_all` makes (...) of (n_ratios, ...): without it there is one ratio. Seeds are resampled for all ratios together.

    >>> resampled(np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 2)), lambda ratios: ratios.min(axis=0))
    Interval(value=1.5, low=1.0, high=2.0)
    """
    above, whole = np.atleast_2d(above), np.atleast_2d(whole)
    value = of_all(_ratio(above, whole))
    if above.shape[1] < 2 or not np.isfinite(value):
        return Interval(_number(value), None, None)
    seeds = np.random.default_rng(0).integers(above.shape[1], size=(_N_REPLICATES, above.shape[1]))
    low, high = np.quantile(of_all(_ratio(above[:, seeds], whole[:, seeds])), _ENDS)
    return Interval(_number(value), _number(low), _number(high))


def _ratio(above: Floats, whole: Floats) -> Floats:
    """Of means over the last axis; NaN where there is no gap."""
    gap = whole.mean(axis=-1)
    return np.asarray(np.divide(above.mean(axis=-1), gap, out=np.full(np.shape(gap), np.nan), where=gap != 0.0))


def _number(value: Floats | float) -> float | None:
    return float(value) if np.isfinite(value) else None
