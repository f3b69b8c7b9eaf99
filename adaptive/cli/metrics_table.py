"""An evaluation as a table to read: metrics down, folds across, intervals under their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adaptive.evaluation.bootstrap import Interval
    from adaptive.evaluation.crossvalidation import Evaluation
    from adaptive.evaluation.fold_metrics import Cost, MetricsSummary

__all__ = ["print_evaluation"]

_PLAIN_WIDTH = 200
"""Columns where there is no terminal: wide enough that no cell is cut."""

_ROWS = (
    "attempts",
    "learners",
    "AUC",
    "  95 %",
    "log loss",
    "  95 %",
    "Brier",
    "ECE",
    "accuracy",
    "AUC, first encounters",
    "fit, s",
    "update, us",
    "peak, MB",
)


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the metrics of each fold, and their mean where there are several, on standard output."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from adaptive.evaluation.fold_metrics import mean_of_folds

    folds = [result.metrics for result in evaluation.folds]
    columns = {f"fold {fold.fold}": [f"{fold.n_attempts:,}", f"{fold.n_learners:,}", *_cells(fold.summary, fold.cost)] for fold in folds}
    if len(folds) > 1:
        columns["mean"] = ["", "", *_cells(*mean_of_folds(folds))]
    table = Table(evaluation.model, box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, justify="right")
    for label, *cells in zip(_ROWS, *columns.values(), strict=True):
        table.add_row(label, *cells)
    width = None if Console().is_terminal else _PLAIN_WIDTH
    console = Console(width=width, markup=False, emoji=False)  # names of folds may hold what looks like markup
    console.print(table)
    pooled, perfect = evaluation.calibration.ece_pooled, evaluation.calibration.ece_perfect
    console.print(f"ECE over all folds: {_shown(pooled)}; a perfect forecaster would show {_shown(perfect)} on these forecasts")


def _cells(summary: MetricsSummary, cost: Cost) -> list[str]:
    return [
        _shown(summary.auc),
        _between(summary.auc_interval),
        _shown(summary.log_loss),
        _between(summary.log_loss_interval),
        *map(_shown, (summary.brier, summary.ece, summary.accuracy, summary.auc_first_encounter)),
        _shown(cost.fit_seconds, digits=1),
        _shown(cost.update_us, digits=1),
        _shown(cost.peak_mb, digits=0),
    ]


def _shown(value: float | None, digits: int = 4) -> str:
    """The figure, or "undefined".

    >>> _shown(0.76341), _shown(None)
    ('0.7634', 'undefined')
    """
    return "undefined" if value is None else f"{value:.{digits}f}"


def _between(interval: Interval | None) -> str:
    return "undefined" if interval is None else f"{interval.low:.3f}-{interval.high:.3f}"
