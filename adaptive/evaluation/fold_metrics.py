"""The figures by which a model is judged on a fold, and their mean over folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adaptive.evaluation.bootstrap import N_REPLICATES, Interval, Replicates, bootstrap, interval
from adaptive.evaluation.metrics import accuracy, auc, brier, ece, log_loss
from adaptive.evaluation.predictions import Predictions

__all__ = ["Cost", "FoldMetrics", "MetricsSummary", "mean_of_folds", "measure"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fold took: seconds of `fit`, microseconds of one `update`, and the process's peak memory so far in MB (2^20).

    `update_us` is None where no attempt was updated on, `peak_mb` where the platform does not tell.
    """

    fit_seconds: float
    update_us: float | None
    peak_mb: float | None


@dataclass(frozen=True, slots=True)
class MetricsSummary:
    """Metrics with 95 % intervals over learners; None is "undefined". `auc_first_encounter` is over items new to the learner."""

    auc: float | None
    auc_interval: Interval | None
    log_loss: float | None
    log_loss_interval: Interval | None
    brier: float | None
    ece: float | None
    accuracy: float | None
    auc_first_encounter: float | None


@dataclass(frozen=True, slots=True)
class FoldMetrics:
    """One fold: its size, the metrics of its scored attempts, the resamples behind the intervals, and the cost."""

    fold: str
    n_attempts: int
    n_learners: int
    summary: MetricsSummary
    replicates: Replicates
    cost: Cost


def measure(fold: str, predictions: Predictions, cost: Cost, *, seed: int = 0, n_replicates: int = N_REPLICATES) -> FoldMetrics:
    """The metrics of a fold's predictions, pooled over its attempts; one seed gives one interval."""
    p, correct, first = predictions.p_correct, predictions.correct, predictions.first_encounter
    rng = np.random.default_rng([seed, *fold.encode()])  # folds draw independently, or the interval of their mean would be off
    replicates = bootstrap(p, correct, predictions.learner, rng=rng, n_replicates=n_replicates)
    summary = MetricsSummary(
        auc=auc(p, correct),
        auc_interval=interval(replicates.auc),
        log_loss=log_loss(p, correct),
        log_loss_interval=interval(replicates.log_loss),
        brier=brier(p, correct),
        ece=ece(p, correct),
        accuracy=accuracy(p, correct),
        auc_first_encounter=auc(p[first], correct[first]),
    )
    return FoldMetrics(fold, len(predictions), len(np.unique(predictions.learner)), summary, replicates, cost)


def mean_of_folds(folds: Sequence[FoldMetrics]) -> tuple[MetricsSummary, Cost]:
    """The mean of each figure over folds, undefined where it is undefined in one of them.

    Folds hold disjoint learners, so the r-th resamples of the folds together are one resample of all learners, and the
    interval of the mean is that of their averaged metrics.
    """
    summaries, costs = [fold.summary for fold in folds], [fold.cost for fold in folds]
    summary = MetricsSummary(
        auc=_mean([each.auc for each in summaries]),
        auc_interval=interval(np.mean([fold.replicates.auc for fold in folds], axis=0)),
        log_loss=_mean([each.log_loss for each in summaries]),
        log_loss_interval=interval(np.mean([fold.replicates.log_loss for fold in folds], axis=0)),
        brier=_mean([each.brier for each in summaries]),
        ece=_mean([each.ece for each in summaries]),
        accuracy=_mean([each.accuracy for each in summaries]),
        auc_first_encounter=_mean([each.auc_first_encounter for each in summaries]),
    )
    fit_seconds = float(np.mean([each.fit_seconds for each in costs]))
    return summary, Cost(fit_seconds, _mean([each.update_us for each in costs]), _mean([each.peak_mb for each in costs]))


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean, or None where one of the values is.

    >>> _mean([0.7, 0.8]), _mean([0.7, None])
    (0.75, None)
    """
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined and len(defined) == len(values) else None
