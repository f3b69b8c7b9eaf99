"""A run's result as files, whole or not at all: figures as JSON, predictions and resamples as npz. They stay in the work folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from adaptive.evaluation import Cost, FoldMetrics, FoldResult, MetricsSummary, Predictions, ServingCost
from adaptive.evaluation.bootstrap import Interval, Replicates

__all__ = ["Run", "read_run", "write_run"]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gave; `serving` is None for a peer, which is not served, and `note` what its protocol does otherwise."""

    key: dict[str, Any]  # Any: JSON values
    result: FoldResult
    serving: ServingCost | None = None
    training_log_loss: float | None = None
    note: str = ""


def write_run(run: Run, path: Path) -> None:
    """The JSON file comes last: where it exists, the arrays do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metrics, predictions = run.result.metrics, run.result.predictions
    arrays = {each.name: getattr(predictions, each.name) for each in fields(Predictions)}
    beside = path.with_suffix(".partial.npz")
    np.savez_compressed(beside, replicates_auc=metrics.replicates.auc, replicates_log_loss=metrics.replicates.log_loss, **arrays)
    beside.replace(path.with_suffix(".npz"))
    document = {
        "key": run.key,
        "fold": metrics.fold,
        "n_attempts": metrics.n_attempts,
        "n_learners": metrics.n_learners,
        "summary": asdict(metrics.summary),
        "cost": asdict(metrics.cost),
        "serving": None if run.serving is None else asdict(run.serving),
        "training_log_loss": run.training_log_loss,
        "note": run.note,
    }
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)


def read_run(path: Path) -> Run:
    """What `write_run` wrote."""
    document = json.loads(path.read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    replicates = Replicates(arrays.pop("replicates_auc"), arrays.pop("replicates_log_loss"))
    summary = {
        name: Interval(**value) if name.endswith("_interval") and value is not None else value
        for name, value in document["summary"].items()
    }
    metrics = FoldMetrics(
        document["fold"], document["n_attempts"], document["n_learners"], MetricsSummary(**summary), replicates, Cost(**document["cost"])
    )
    serving = None if document["serving"] is None else ServingCost(**document["serving"])
    return Run(document["key"], FoldResult(metrics, Predictions(**arrays)), serving, document["training_log_loss"], document["note"])
