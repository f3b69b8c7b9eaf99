"""Forecasts of learners that a model was not fitted on, one attempt at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from adaptive.datasets import AttemptTable, Fold
from adaptive.evaluation.calibration import Calibration, calibration
from adaptive.evaluation.fold_metrics import Cost, FoldMetrics, measure
from adaptive.evaluation.memory import peak_mb
from adaptive.evaluation.predictions import Predictions
from adaptive.evaluation.progress import Progress, silent
from adaptive.models import forecast, replay
from adaptive.protocols import Floats, LearnerModel

if TYPE_CHECKING:
    from adaptive.domain import Attempt

__all__ = ["Evaluation", "FoldResult", "evaluate", "evaluate_fold", "fit_timed", "judge_fold", "shuffle_labels"]

Model = LearnerModel[Any]  # Any: evaluation never looks into a state

_TIMED_UPDATES = 5_000
"""Attempts over which the cost of one update is averaged: a second or less, and the clock's error is far below 1 %."""


@dataclass(frozen=True, slots=True)
class FoldResult:
    """What one fold gave: its metrics and the predictions they were measured on."""

    metrics: FoldMetrics
    predictions: Predictions


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model judged on folds of one table: `data_sha256` says which attempts, `calibration` is over all folds."""

    model: str
    data_sha256: str
    folds: tuple[FoldResult, ...]
    calibration: Calibration


def evaluate(
    build: Callable[[], Model], folds: Sequence[Fold], *, data_sha256: str, seed: int = 0, progress: Progress = silent
) -> Evaluation:
    """A new model fitted and judged on each fold; one seed gives one result.

    `build` gives an unfitted model, as `functools.partial(build_model, "logistic")` does.
    """
    results = [evaluate_fold(build(), fold, seed=seed, progress=progress) for fold in folds]
    pooled = Predictions.pooled([result.predictions for result in results])
    return Evaluation(build().name, data_sha256, tuple(results), calibration(pooled))


def evaluate_fold(model: Model, fold: Fold, *, seed: int = 0, progress: Progress = silent) -> FoldResult:
    """The model fitted on `fold.train` and judged on each scored attempt of `fold.test`, before its answer is used."""
    fitted, fit_seconds = fit_timed(model, fold, seed=seed, progress=progress)
    return judge_fold(fitted, fold, fit_seconds=fit_seconds, seed=seed, progress=progress)


def fit_timed(model: Model, fold: Fold, *, seed: int = 0, progress: Progress = silent) -> tuple[Model, float]:
    """The model fitted on `fold.train`, and the seconds that it took."""
    stage = f"fold {fold.name}: fitting on {len(fold.train):,} attempts"
    progress(stage, 0, 1)
    start = perf_counter()
    fitted = model.fit(fold.train, seed=seed)
    fit_seconds = perf_counter() - start
    progress(stage, 1, 1)
    return fitted, fit_seconds


def judge_fold(fitted: Model, fold: Fold, *, fit_seconds: float, seed: int = 0, progress: Progress = silent) -> FoldResult:
    """A fitted model judged on `fold.test`, each scored attempt before its answer is used; `fit_seconds` is told with its cost."""
    before = fold.train if fold.known_learners else None
    predictions = Predictions.of_table(fold.test, _forecast_fold(fitted, fold, progress), before=before)
    cost = Cost(fit_seconds, _update_us(fitted, fold.test), peak_mb())
    return FoldResult(measure(fold.name, predictions, cost, seed=seed), predictions)


def shuffle_labels(table: AttemptTable, seed: int = 0) -> AttemptTable:
    """The table with its scores dealt out anew among all answered attempts: whatever a model learns from it is a leak.

    The AUC of an honest evaluation of the shuffled table is .50.

    >>> from adaptive.domain import Attempt
    >>> table = AttemptTable.from_attempts(Attempt(f"a{i}", "ann", "q", ("s",), correct=float(i % 2)) for i in range(6))
    >>> int(shuffle_labels(table, seed=1).codes().correct.sum())
    3
    """
    correct = table.frame["correct"]
    answered = np.flatnonzero(correct.is_not_null().to_numpy())
    source = np.arange(len(table))
    source[answered] = np.random.default_rng(seed).permutation(answered)
    return AttemptTable(table.frame.with_columns(correct.gather(source)))


def _forecast_fold(model: Model, fold: Fold, progress: Progress) -> Floats:
    """(n_rows,) P(correct) before each attempt of the test table, NaN where the attempt is not evidence."""
    known = dict(fold.train.histories()) if fold.known_learners else {}
    stage, n_learners = f"fold {fold.name}: forecasting {len(fold.test):,} attempts", len(fold.test.learner_ids)
    parts: list[Floats] = []
    for done, (learner_id, history) in enumerate(fold.test.histories()):
        progress(stage, done, n_learners)
        parts.append(_forecast_after(model, known.get(learner_id, ()), history) if fold.known_learners else forecast(model, history))
    progress(stage, n_learners, n_learners)
    return np.concatenate([np.empty(0), *parts])


def _forecast_after(model: Model, before: Sequence[Attempt], asked: Sequence[Attempt]) -> Floats:
    """Each asked attempt forecast from the state after `before`; no asked answer enters another's forecast."""
    state = replay(model, before)
    return np.concatenate([forecast(model, [attempt], state) for attempt in asked])


def _update_us(model: Model, table: AttemptTable) -> float | None:
    """Mean microseconds of one `update` over the first learners' histories, or None for an empty table."""
    seconds, n_updates = 0.0, 0
    for _, history in table.histories():
        attempts = list(islice(history, _TIMED_UPDATES - n_updates))
        start = perf_counter()
        replay(model, attempts)
        seconds, n_updates = seconds + perf_counter() - start, n_updates + len(attempts)
        if n_updates >= _TIMED_UPDATES:
            break
    return 1e6 * seconds / n_updates if n_updates else None
