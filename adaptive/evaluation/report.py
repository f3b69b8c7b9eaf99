"""An evaluation as files: predictions, metrics and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from adaptive.evaluation.bootstrap import Interval
from adaptive.evaluation.crossvalidation import Evaluation
from adaptive.evaluation.fold_metrics import Cost, MetricsSummary, mean_of_folds
from adaptive.evaluation.plots import plot_auc_by_attempt_number, plot_reliability
from adaptive.evaluation.predictions import Predictions

__all__ = ["METRICS_FILE", "PREDICTIONS_FILE", "metrics_document", "write_evaluation"]

METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.csv"

Figures = dict[str, float | None]


def metrics_document(evaluation: Evaluation) -> dict[str, object]:
    """The content of `metrics.json` (formats, "Folds"): a value that is undefined is null.

    `mean` has, beside the means over folds, the calibration error over all attempts of all folds.
    """
    folds = [result.metrics for result in evaluation.folds]
    summary, cost = mean_of_folds(folds)
    return {
        "model": evaluation.model,
        "data_sha256": evaluation.data_sha256,
        "folds": [
            {"fold": fold.fold, "n_attempts": fold.n_attempts, "n_learners": fold.n_learners} | figures(fold.summary, fold.cost)
            for fold in folds
        ],
        "mean": figures(summary, cost) | asdict(evaluation.calibration),
    }


def figures(summary: MetricsSummary, cost: Cost) -> Figures:
    """The metrics and the cost under the names of `metrics.json`."""
    return {
        "auc": summary.auc,
        **_ends("auc", summary.auc_interval),
        "log_loss": summary.log_loss,
        **_ends("log_loss", summary.log_loss_interval),
        "brier": summary.brier,
        "ece": summary.ece,
        "accuracy": summary.accuracy,
        "auc_first_encounter": summary.auc_first_encounter,
        **asdict(cost),
    }


def _ends(name: str, interval: Interval | None) -> Figures:
    """The 95 % interval as `<name>_low` and `<name>_high`, null where it is undefined."""
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {f"{name}_low": low, f"{name}_high": high}


def write_evaluation(evaluation: Evaluation, out: Path) -> None:
    """Write `predictions.csv`, two figures and `metrics.json` into the folder `out`, leaving its other files alone.

    The files are made beside `out` and moved into it, `metrics.json` last: where it exists, the rest is whole.
    """
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        _write_files(evaluation, Path(made))
        (out / METRICS_FILE).unlink(missing_ok=True)
        for path in sorted(Path(made).iterdir(), key=lambda path: path.name == METRICS_FILE):
            path.replace(out / path.name)


def _write_files(evaluation: Evaluation, folder: Path) -> None:
    pooled = Predictions.pooled([result.predictions for result in evaluation.folds])
    pl.DataFrame({"row": pooled.row, "p_correct": pooled.p_correct}).write_csv(folder / PREDICTIONS_FILE)
    plot_reliability(pooled, folder / "reliability.png", title=evaluation.model, calibration=evaluation.calibration)
    plot_auc_by_attempt_number(pooled, folder / "auc_by_attempt.png", title=evaluation.model)
    document: Mapping[str, object] = metrics_document(evaluation)
    (folder / METRICS_FILE).write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
