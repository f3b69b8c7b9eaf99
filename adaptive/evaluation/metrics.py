"""Measures of forecasts: discrimination, log loss, calibration.

A score c in (0, 1) counts as c of a correct answer and 1 - c of a wrong one at the same forecast, so each measure of
fractional scores equals the ordinary weighted measure of a table in which every attempt stands twice. A measure that
is not defined, such as the AUC of only correct answers, is None and never a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.protocols import Floats, Ints

__all__ = ["N_BINS", "ReliabilityBins", "accuracy", "auc", "brier", "ece", "ece_of_perfect_forecaster", "log_loss", "reliability"]

N_BINS = 15
"""Equal-count bins of the expected calibration error (benchmarks, "Protocols")."""

_P_FLOOR = 1e-15
"""Forecasts are clipped to [1e-15, 1 - 1e-15] inside the logarithm: a certain and wrong forecast costs 34.5 nats, not infinity."""


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityBins:
    """Equal-count bins of forecasts in rising order: mean forecast, mean score and attempts of each, all (n_bins,)."""

    p_correct: Floats
    observed: Floats
    n_attempts: Ints


def auc(p_correct: Floats, correct: Floats) -> float | None:
    """The chance that a correct answer had a higher forecast than a wrong one; ties count one half. None without both.

    The Mann-Whitney statistic over tied groups: sum of group positives x (negatives below + half of the group's own).

    >>> auc(np.array([0.2, 0.6, 0.6, 0.9]), np.array([0.0, 0.0, 1.0, 1.0]))
    0.875
    >>> auc(np.array([0.2, 0.6]), np.array([1.0, 1.0])) is None
    True
    """
    _, group = np.unique(p_correct, return_inverse=True)
    positives = np.bincount(group, weights=correct)  # (n_groups,)
    negatives = np.bincount(group, weights=1.0 - correct)
    n_pairs = positives.sum() * negatives.sum()
    if n_pairs == 0.0:
        return None
    below = np.cumsum(negatives) - negatives
    return float(positives @ (below + negatives / 2) / n_pairs)


def log_losses(p_correct: Floats, correct: Floats) -> Floats:
    """The log loss of each attempt in nats, (n,)."""
    p = np.clip(p_correct, _P_FLOOR, 1.0 - _P_FLOOR)
    losses: Floats = -(correct * np.log(p) + (1.0 - correct) * np.log1p(-p))
    return losses


def log_loss(p_correct: Floats, correct: Floats) -> float | None:
    """Mean negative log likelihood in nats; ln 2 = 0.693 for a coin. None without attempts.

    >>> round(log_loss(np.array([0.5, 0.5]), np.array([1.0, 0.0])), 3)
    0.693
    """
    return _mean(log_losses(p_correct, correct))


def brier(p_correct: Floats, correct: Floats) -> float | None:
    """Mean squared distance of forecast and answer, 0 to 1; 0.25 for a coin. None without attempts.

    >>> brier(np.array([0.5, 1.0]), np.array([1.0, 1.0]))
    0.125
    """
    return _mean(correct * (1.0 - p_correct) ** 2 + (1.0 - correct) * p_correct**2)


def accuracy(p_correct: Floats, correct: Floats) -> float | None:
    """Share of answers on the forecast's side of one half; a forecast of exactly .5 counts as "correct".

    >>> accuracy(np.array([0.9, 0.4, 0.4]), np.array([1.0, 0.0, 1.0]))  # doctest: +ELLIPSIS
    0.666...
    """
    return _mean(np.where(p_correct >= 0.5, correct, 1.0 - correct))


def reliability(p_correct: Floats, correct: Floats, n_bins: int = N_BINS) -> ReliabilityBins:
    """Forecasts in rising order cut into bins of equal count (fewer bins than `n_bins` where attempts are fewer).

    Attempts of equal forecast share their mean score, so that a tie across the edge of a bin is not decided by the
    order of rows.

    >>> reliability(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 0.0]), n_bins=2).observed.tolist()
    [0.0, 0.5]
    """
    values, group, size = np.unique(p_correct, return_inverse=True, return_counts=True)
    score = np.bincount(group, weights=correct, minlength=len(values)) / size  # (n_groups,)
    p_sorted, score_sorted = np.repeat(values, size), np.repeat(score, size)  # (n,)
    edges = np.linspace(0, len(p_correct), min(n_bins, len(p_correct)) + 1).round().astype(np.int64)
    counts = np.diff(edges)
    if not len(counts):
        return ReliabilityBins(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
    sums = np.add.reduceat(np.stack([p_sorted, score_sorted]), edges[:-1], axis=1)  # (2, n_bins)
    return ReliabilityBins(sums[0] / counts, sums[1] / counts, counts)


def ece(p_correct: Floats, correct: Floats, n_bins: int = N_BINS) -> float | None:
    """Expected calibration error: mean over attempts of |mean forecast - mean score| of their bin. None without attempts.

    >>> round(ece(np.array([0.3, 0.3, 0.7, 0.7]), np.array([0.0, 0.0, 1.0, 1.0]), n_bins=2), 2)
    0.3
    """
    bins = reliability(p_correct, correct, n_bins)
    if not bins.n_attempts.sum():
        return None
    return float(np.average(np.abs(bins.p_correct - bins.observed), weights=bins.n_attempts))


def ece_of_perfect_forecaster(p_correct: Floats, rng: np.random.Generator, n_draws: int = 100) -> float | None:
    """The mean ECE that these forecasts would show if every one were exactly true: chance alone at this number of attempts.

    >>> p = np.random.default_rng(0).uniform(0.2, 0.9, 3543)
    >>> 0.01 < ece_of_perfect_forecaster(p, np.random.default_rng(1)) < 0.03
    True
    """
    if not len(p_correct):
        return None
    draws = (ece(p_correct, (rng.random(len(p_correct)) < p_correct).astype(np.float64)) for _ in range(n_draws))
    return float(np.mean([draw for draw in draws if draw is not None]))


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
