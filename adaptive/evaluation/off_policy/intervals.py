"""Intervals of off-policy values: learners are resampled, and the reward models fitted anew, in each replicate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, stdtrit

from adaptive.evaluation.off_policy.estimators import ESTIMATORS, LOGGED, values
from adaptive.evaluation.off_policy.sums import LearnerSums, effective_size
from adaptive.protocols import Floats

__all__ = ["LEVELS", "Ends", "Estimate", "estimate"]

LEVELS: Final = (0.90, 0.95)
"""Of the intervals told."""

_AT_ONCE: Final = 50
"""Replicates computed together: 50 x 400 learners x 100 products take 16 MB."""

_UNDEFINED_AT_MOST: Final = 0.01
"""Share of replicates without any weight beyond which an interval would rest on a selection of them."""

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value in the reward's units with its standard error and intervals by level, None where undefined.

    `difference` is its lead over the log's own policy, from the same replicates.
    """

    value: float
    standard_error: float | None
    intervals: dict[float, Ends | None]
    difference: float
    difference_intervals: dict[float, Ends | None]


def estimate(sums: LearnerSums, *, n_replicates: int, seed: int) -> dict[str, Estimate]:
    """Each estimator's estimate, and that of `logged`, with percentile intervals (Davison & Hinkley 1997, 3.8: cluster bootstrap).

    Of n learners, by weight effectively, percentiles are those that make up for what the bootstrap's spread and the normal's tails lack
    beside Student's t: Phi(-sqrt(n / (n - 1)) t) instead of (1 - level) / 2 (Hesterberg 2015, "expanded percentile interval").

    >>> from adaptive.evaluation.off_policy import Choices, learner_sums
    >>> rng = np.random.default_rng(0)
    >>> rows = Choices(np.repeat(np.arange(50), 4), np.full(200, 0.5), rng.uniform(size=200), *np.zeros((1, 200)), *np.zeros((2, 200, 1)))
    >>> found = estimate(learner_sums(rows, (rng.random(200) < 0.7) * 1.0, n_folds=5, seed=0), n_replicates=200, seed=0)
    >>> low, high = found["snips"].intervals[0.95]
    >>> 0.5 < low < found["snips"].value < high < 0.9
    True
    """
    here = values(sums)
    parts = [values(sums, times) for times in _resamples(len(sums), n_replicates, seed)]
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in here}
    n_target, n_logged = effective_size(sums.weight), effective_size(sums.n)
    return {name: _estimate(name, here, drawn, n_logged if name == LOGGED else n_target) for name in (*ESTIMATORS, LOGGED)}


def _estimate(name: str, here: dict[str, Floats], drawn: dict[str, Floats], n: float) -> Estimate:
    value, lead = float(here[name][0]), float(here[name][0] - here[LOGGED][0])
    leads = drawn[name] - drawn[LOGGED]
    spread = drawn[name][np.isfinite(drawn[name])]
    return Estimate(
        value=value,
        standard_error=float(spread.std(ddof=1)) if len(spread) > 1 else None,
        intervals={level: _ends(drawn[name], level, n) for level in LEVELS},
        difference=lead,
        difference_intervals={level: _ends(leads, level, n) for level in LEVELS},
    )


def _resamples(n_learners: int, n_replicates: int, seed: int) -> Iterator[Floats]:
    """(at most _AT_ONCE, n_learners) at a time: how often each learner is drawn with replacement."""
    rng = np.random.default_rng(seed)
    for start in range(0, n_replicates, _AT_ONCE):
        size = min(_AT_ONCE, n_replicates - start)
        yield rng.multinomial(n_learners, np.full(n_learners, 1.0 / n_learners), size=size).astype(np.float64)


def _ends(drawn: Floats, level: float, n: float) -> Ends | None:
    finite = drawn[np.isfinite(drawn)]
    if not len(finite) or 1.0 - len(finite) / len(drawn) > _UNDEFINED_AT_MOST:
        return None
    tail = _tail(level, n)
    low, high = np.quantile(finite, [tail, 1.0 - tail])
    return float(low), float(high)


def _tail(level: float, n: float) -> float:
    """The share of replicates beyond either end.

    >>> round(_tail(0.95, 1e6), 4), round(_tail(0.95, 20.0), 4)
    (0.025, 0.0159)
    """
    learners = max(n, _FEWEST)
    return float(ndtr(-np.sqrt(learners / (learners - 1.0)) * stdtrit(learners - 1.0, (1.0 + level) / 2.0)))


_FEWEST: Final = 2.0
"""Student's t has one degree of freedom then; fewer learners have no interval worth the name."""
