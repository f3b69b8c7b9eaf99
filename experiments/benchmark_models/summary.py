"""The results of all folds as one line a model and set: means with intervals, costs, and which targets are met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from data_sets import DataSet
from jobs import Job
from results import Run, read_run

from adaptive.evaluation import Calibration, Cost, MetricsSummary, Predictions, calibration, mean_of_folds

__all__ = ["Line", "lines_of", "write_tables"]

BASELINES = ("baseline", "logistic")
"""Below whose log loss a model is to come, beside the peers' (benchmarks, "To reach")."""

MOST_ECE_ABOVE_PERFECT = 0.005
MOST_UPDATE_US, MOST_PREDICT_MS, MOST_STATE_BYTES = 200.0, 5.0, 64 * 1024
MOST_FIT_SECONDS: Mapping[str, float] = {"state_space_irt": 30.0, "stack": 600.0}
"""Costs of the issue on learner models, "Must show": on ASSISTments 2009, two cores."""


@dataclass(frozen=True, slots=True)
class Line:
    """A model on a set. `targets` has a word for each: met, or missed by how much."""

    data_set: str
    model: str
    folds: tuple[str, ...]
    n_folds: int
    n_learners: int | None
    summary: MetricsSummary
    calibration: Calibration
    cost: Cost
    predict_10k_ms: float | None
    state_bytes: int | None
    model_bytes: int | None
    training_log_loss: float | None
    is_peer: bool
    note: str
    targets: tuple[str, ...] = ()
    pooled: Predictions | None = None

    def figures(self) -> dict[str, float | int | str | None]:
        """All values under one name each, for CSV and JSON."""
        summary, cost = asdict(self.summary), asdict(self.cost)
        ends = {
            f"{name}_{end}": value[end] if value else None
            for name, value in ((key.removesuffix("_interval"), summary.pop(key)) for key in ("auc_interval", "log_loss_interval"))
            for end in ("low", "high")
        }
        told = {"data_set": self.data_set, "model": self.model, "folds": " ".join(self.folds), "n_folds_of_set": self.n_folds}
        served = {"predict_10k_ms": self.predict_10k_ms, "state_bytes": self.state_bytes, "model_bytes": self.model_bytes}
        last = {"training_log_loss": self.training_log_loss, "targets": "; ".join(self.targets), "note": self.note}
        return told | {"n_learners": self.n_learners} | summary | ends | asdict(self.calibration) | cost | served | last


def lines_of(out: Path, data_sets: Mapping[str, DataSet], jobs: Iterable[Job], n_folds: Mapping[str, int]) -> list[Line]:
    """A line for each model, set and size of training set that has a result among these jobs."""
    groups: dict[tuple[str, str, int | None], list[Run]] = {}
    for job in jobs:
        if job.path(out).exists():
            groups.setdefault((job.data_set, job.model, job.n_learners), []).append(read_run(job.path(out)))
    lines = [_line(*key, runs, n_folds[key[0]]) for key, runs in groups.items()]
    return [replace(line, targets=tuple(_targets(line, lines, data_sets[line.data_set]))) for line in lines]


def _line(data_set: str, model: str, n_learners: int | None, runs: Sequence[Run], n_folds: int) -> Line:
    summary, cost = mean_of_folds([run.result.metrics for run in runs])
    pooled = Predictions.pooled([run.result.predictions for run in runs])
    peaks = [run.result.metrics.cost.peak_mb for run in runs if run.result.metrics.cost.peak_mb is not None]
    served = [run.serving for run in runs if run.serving is not None]
    losses = [run.training_log_loss for run in runs if run.training_log_loss is not None]
    return Line(
        data_set=data_set,
        model=model,
        folds=tuple(run.result.metrics.fold for run in runs),
        n_folds=n_folds,
        n_learners=n_learners,
        summary=summary,
        calibration=calibration(pooled),
        cost=replace(cost, peak_mb=max(peaks, default=None)),
        predict_10k_ms=float(np.mean([each.predict_10k_ms for each in served])) if served else None,
        state_bytes=max((each.state_bytes for each in served), default=None),
        model_bytes=max((each.model_bytes for each in served), default=None),
        training_log_loss=float(np.mean(losses)) if losses else None,
        is_peer=not served,
        note=runs[0].note,
        pooled=pooled,
    )


def _targets(line: Line, lines: Sequence[Line], data_set: DataSet) -> Iterable[str]:
    """Each target that this line has, in words. A curve's points have none; part of the folds is not the set's mean."""
    if line.n_learners is not None:
        return
    if len(line.folds) < line.n_folds:
        yield f"only {len(line.folds)} of {line.n_folds} folds"
    target = data_set.target(line.model)
    if target is not None:
        yield _at_least("AUC", line.summary.auc, target)
    pooled, perfect = line.calibration.ece_pooled, line.calibration.ece_perfect
    if pooled is not None and perfect is not None:
        yield _at_most("ECE", pooled, perfect + MOST_ECE_ABOVE_PERFECT)
    if line.is_peer:
        return
    if line.model not in BASELINES:
        yield _log_loss(line, lines)
    yield from _cost_targets(line)


def _log_loss(line: Line, lines: Sequence[Line]) -> str:
    """Whether the log loss is below that of each baseline and peer on the same folds."""
    others = [
        other
        for other in lines
        if (other.is_peer or other.model in BASELINES)
        and (other.data_set, other.folds, other.n_learners) == (line.data_set, line.folds, None)
        and other.summary.log_loss is not None
    ]
    if not others or line.summary.log_loss is None:
        return "log loss: nothing to compare"
    best = min(others, key=lambda other: other.summary.log_loss or np.inf)
    gap = (best.summary.log_loss or np.nan) - line.summary.log_loss
    return f"log loss met ({best.model} is {gap:.4f} above)" if gap > 0 else f"log loss MISSED by {-gap:.4f} ({best.model})"


def _cost_targets(line: Line) -> Iterable[str]:
    if line.data_set == "assist2009" and line.model in MOST_FIT_SECONDS:
        yield _at_most("fit s", line.cost.fit_seconds, MOST_FIT_SECONDS[line.model], digits=1)
    if line.cost.update_us is not None:
        yield _at_most("update us", line.cost.update_us, MOST_UPDATE_US, digits=0)
    if line.predict_10k_ms is not None:
        yield _at_most("predict ms", line.predict_10k_ms, MOST_PREDICT_MS, digits=1)
    if line.state_bytes is not None:
        yield _at_most("state bytes", float(line.state_bytes), float(MOST_STATE_BYTES), digits=0)


def _at_least(name: str, value: float | None, bar: float) -> str:
    if value is None:
        return f"{name} undefined"
    return f"{name} met" if value >= bar else f"{name} MISSED by {bar - value:.4f} (bar {bar:.3f})"


def _at_most(name: str, value: float, bar: float, digits: int = 4) -> str:
    return f"{name} met" if value <= bar else f"{name} MISSED: {value:.{digits}f} over {bar:.{digits}f}"


HEADER = (
    "model",
    "folds",
    "AUC",
    "95 %",
    "log loss",
    "Brier",
    "ECE (if perfect)",
    "accuracy",
    "AUC first",
    "fit s",
    "update us",
    "predict 10k ms",
    "peak MB",
    "state B",
    "folder kB",
    "targets",
)


def write_tables(lines: Sequence[Line], data_sets: Mapping[str, DataSet], folder: Path) -> str:
    """`results.md`, `results.csv` and `results.json` in the folder: aggregates only. The markdown is also given back."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [line.figures() for line in lines]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / "results.csv")
    (folder / "results.json").write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    text = "\n".join(_section(data_set, [line for line in lines if line.data_set == name]) for name, data_set in data_sets.items())
    (folder / "results.md").write_text(text, encoding="utf-8")
    return text


def _section(data_set: DataSet, lines: Sequence[Line]) -> str:
    whole = sorted((line for line in lines if line.n_learners is None), key=lambda line: -(line.summary.auc or 0.0))
    curve = sorted((line for line in lines if line.n_learners is not None), key=lambda line: (line.model, line.n_learners or 0))
    if not whole and not curve:
        return ""
    text = [f"## {data_set.title}", "", data_set.protocol and f"Protocol: {data_set.protocol}.", ""]
    text += [_row(HEADER), _row(["---"] * len(HEADER)), *(_row(_cells(line)) for line in whole), ""]
    text += [f"*{line.model}*: {line.note}" + "\n" for line in whole if line.note]
    if curve:
        text += [_row(["model", "training learners", "AUC", "95 %", "log loss"]), _row(["---"] * 5)]
        text += [_row([line.model, f"{line.n_learners:,}", *_quality(line)]) for line in curve] + [""]
    return "\n".join(text)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cells(line: Line) -> list[str]:
    summary, cost = line.summary, line.cost
    ece = f"{_shown(line.calibration.ece_pooled)} ({_shown(line.calibration.ece_perfect)})"
    return [
        f"{line.model} (peer)" if line.is_peer else line.model,
        f"{len(line.folds)}/{line.n_folds}",
        *_quality(line),
        _shown(summary.brier),
        ece,
        _shown(summary.accuracy),
        _shown(summary.auc_first_encounter),
        _shown(cost.fit_seconds, 1),
        _shown(cost.update_us, 0 if (cost.update_us or 0) >= 10 else 1),
        _shown(line.predict_10k_ms, 2),
        _shown(cost.peak_mb, 0),
        _shown(line.state_bytes, 0),
        _shown(None if line.model_bytes is None else line.model_bytes / 1000, 0),
        "; ".join(line.targets),
    ]


def _quality(line: Line) -> list[str]:
    ends = line.summary.auc_interval
    interval = "undefined" if ends is None else f"{ends.low:.4f}-{ends.high:.4f}"
    return [_shown(line.summary.auc), interval, _shown(line.summary.log_loss)]


def _shown(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"
