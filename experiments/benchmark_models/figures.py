"""The benchmark's figures: reliability of each model, AUC against cost, learning curves. Aggregates only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from summary import Line

from adaptive.evaluation.metrics import reliability

__all__ = ["plot_all"]

DPI = 150
PANELS_ACROSS = 4


def plot_all(lines: Sequence[Line], folder: Path) -> list[Path]:
    """The files written: two or three a set."""
    written = []
    for name in dict.fromkeys(line.data_set for line in lines):
        here = [line for line in lines if line.data_set == name]
        whole, curve = ([line for line in here if (line.n_learners is None) == is_whole] for is_whole in (True, False))
        if whole:
            written += [_reliability(name, whole, folder), _auc_against_cost(name, whole, folder)]
        if curve:
            written.append(_learning_curves(name, curve, folder))
    return written


def _reliability(name: str, lines: Sequence[Line], folder: Path) -> Path:
    """Observed against forecast success in 15 equal-count bins over all folds, a panel a model."""
    across = min(PANELS_ACROSS, len(lines))
    down = math.ceil(len(lines) / across)
    figure = Figure(figsize=(3.0 * across, 3.2 * down), layout="constrained")
    panels = np.atleast_1d(figure.subplots(down, across, sharex=True, sharey=True)).ravel()
    for axes, line in zip(panels, lines, strict=False):
        assert line.pooled is not None
        bins = reliability(line.pooled.p_correct, line.pooled.correct)
        axes.plot([0, 1], [0, 1], color="#a0aec0", linewidth=1)
        axes.plot(bins.p_correct, bins.observed, "o-", color="#2b6cb0", markersize=3, linewidth=1)
        axes.set_title(f"{line.model}: ECE {line.calibration.ece_pooled or 0:.4f}", fontsize=9, loc="left")
        axes.set(xlim=(0, 1), ylim=(0, 1))
    for axes in panels[len(lines) :]:
        axes.set_visible(False)
    figure.supxlabel("forecast P(correct)", fontsize=9)
    figure.supylabel("observed share correct", fontsize=9)
    figure.suptitle(f"Reliability, {name}", fontsize=10)
    return _saved(figure, folder / f"reliability_{name}.png")


def _auc_against_cost(name: str, lines: Sequence[Line], folder: Path) -> Path:
    """Mean AUC with its interval against seconds of a fit, and against microseconds of an update."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for place, line in enumerate(sorted(lines, key=lambda line: -(line.summary.auc or 0.0))):
        for axes, cost in ((left, line.cost.fit_seconds), (right, line.cost.update_us)):
            _point(axes, cost, line, color=f"C{place % 10}")
    left.set(xscale="log", xlabel="seconds of a fit", ylabel="AUC")
    right.set(xscale="log", xlabel="microseconds of an update")
    for axes in (left, right):
        axes.xaxis.set_minor_formatter(NullFormatter())
    figure.legend(*left.get_legend_handles_labels(), loc="outside right upper", fontsize=8, frameon=False)
    figure.suptitle(f"AUC against cost, {name} (squares: peers)", fontsize=10)
    return _saved(figure, folder / f"auc_against_cost_{name}.png")


def _point(axes: Axes, cost: float | None, line: Line, *, color: str) -> None:
    if cost is None or line.summary.auc is None:
        return
    axes.plot(cost, line.summary.auc, "s" if line.is_peer else "o", color=color, markersize=5, label=line.model)
    if line.summary.auc_interval is not None:
        axes.vlines(cost, line.summary.auc_interval.low, line.summary.auc_interval.high, color=color, linewidth=1)


def _learning_curves(name: str, lines: Sequence[Line], folder: Path) -> Path:
    """AUC on the same test learners against the number of training learners."""
    figure = Figure(figsize=(6.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for model in dict.fromkeys(line.model for line in lines):
        points = sorted((line.n_learners or 0, line.summary.auc) for line in lines if line.model == model and line.summary.auc is not None)
        axes.plot(*zip(*points, strict=True), "o-", markersize=4, linewidth=1, label=model)
    axes.set(xscale="log", xlabel="training learners", ylabel="AUC", title=f"Learning curves, {name}")
    axes.legend(frameon=False, fontsize=8)
    return _saved(figure, folder / f"learning_curves_{name}.png")


def _saved(figure: Figure, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI)
    return path
