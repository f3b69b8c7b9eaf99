"""Figures of an evaluation: whether forecasts are true, and how soon a model knows a learner.

Figures are drawn on matplotlib's Agg canvas without pyplot, so nothing is left open and no display is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adaptive.evaluation.bootstrap import bootstrap, interval
from adaptive.evaluation.calibration import Calibration
from adaptive.evaluation.metrics import auc, reliability
from adaptive.evaluation.predictions import Predictions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_auc_by_attempt_number", "plot_reliability"]

_BAND_STARTS = np.array([1, 2, 3, 6, 11, 21, 51, 101, 201])
"""First attempt number of each band: about equal steps of log(attempts), fine where a model knows least."""

_N_BOOTSTRAP = 200
"""Error bars of a figure are read to a hundredth; 200 replicates give the ends to about that."""

_Z95 = 1.96
_N_HISTOGRAM_BINS = 40
_BLUE, _GREY, _RED = "#2b6cb0", "#a0aec0", "#c53030"
_DPI = 150


def plot_reliability(predictions: Predictions, path: Path, *, title: str, calibration: Calibration) -> None:
    """Write a PNG of observed against forecast success in 15 equal-count bins, above a histogram of the forecasts.

    Bars are 1.96 binomial standard errors around a bin's mean score; a true model's bars mostly meet the diagonal.
    """
    p_correct, correct = predictions.p_correct, predictions.correct
    figure, (curve, counts) = _two_panels(title)
    bins = reliability(p_correct, correct)
    spread = _Z95 * np.sqrt(np.clip(bins.observed * (1.0 - bins.observed), 0.0, None) / bins.n_attempts)
    curve.plot([0, 1], [0, 1], color=_GREY, linewidth=1, label="perfectly calibrated")
    curve.vlines(bins.p_correct, bins.observed - spread, bins.observed + spread, color=_BLUE, linewidth=1)
    curve.plot(bins.p_correct, bins.observed, "o-", color=_BLUE, markersize=4, linewidth=1, label=_ece_label(calibration, len(predictions)))
    curve.set(ylabel="observed share correct", xlim=(0, 1), ylim=(0, 1))
    curve.legend(loc="upper left", frameon=False)
    counts.hist(p_correct, bins=_N_HISTOGRAM_BINS, range=(0.0, 1.0), color=_BLUE, alpha=0.7)
    counts.set(xlabel="forecast P(correct)", ylabel="attempts", xlim=(0, 1))
    figure.savefig(path, dpi=_DPI)


def plot_auc_by_attempt_number(predictions: Predictions, path: Path, *, title: str) -> None:
    """Write a PNG of the AUC among learners' first attempts, second attempts, ..., with intervals, above their counts.

    Bands whose AUC is undefined have no point.
    """
    figure, (curve, counts) = _two_panels(title)
    band = np.searchsorted(_BAND_STARTS, predictions.position, side="right") - 1  # (n,)
    counts.bar(range(len(_BAND_STARTS)), np.bincount(band, minlength=len(_BAND_STARTS)), color=_BLUE, alpha=0.7)
    for index in range(len(_BAND_STARTS)):
        _plot_auc(curve, index, predictions.where(band == index))
    curve.axhline(0.5, color=_GREY, linewidth=1, label="chance")
    pooled = auc(predictions.p_correct, predictions.correct)
    if pooled is not None:
        curve.axhline(pooled, color=_RED, linewidth=1, linestyle="--", label=f"all attempts: {pooled:.3f}")
    curve.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False)
    curve.set(ylabel="AUC")
    counts.set(xlabel="number of the learner's attempt", ylabel="attempts")
    counts.set_xticks(range(len(_BAND_STARTS)), _band_labels())
    figure.savefig(path, dpi=_DPI)


def _plot_auc(axes: Axes, index: int, band: Predictions) -> None:
    """A point and its 95 % interval at place `index`, or nothing where they are undefined."""
    value = auc(band.p_correct, band.correct)
    if value is None:
        return
    axes.plot(index, value, "o", color=_BLUE, markersize=5)
    rng = np.random.default_rng(0)
    spread = interval(bootstrap(band.p_correct, band.correct, band.learner, rng=rng, n_replicates=_N_BOOTSTRAP).auc)
    if spread is not None:
        axes.vlines(index, spread.low, spread.high, color=_BLUE, linewidth=1)


def _two_panels(title: str) -> tuple[Figure, tuple[Axes, Axes]]:
    from matplotlib.figure import Figure  # noqa: PLC0415 - 0.3 s, and only a report draws

    figure = Figure(figsize=(6.5, 7.5), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.set_title(title, loc="left")
    for axes in (upper, lower):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#edf2f7")
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8)
    lower.yaxis.set_major_formatter("{x:,.0f}")
    return figure, (upper, lower)


def _ece_label(calibration: Calibration, n_attempts: int) -> str:
    """The words for the curve.

    >>> _ece_label(Calibration(0.0312, 0.0221), 3543), _ece_label(Calibration(None, None), 0)
    ('model: ECE 0.031, 0.022 if perfect, n = 3,543', 'no attempts')
    """
    if calibration.ece_pooled is None:
        return "no attempts"
    return f"model: ECE {calibration.ece_pooled:.3f}, {calibration.ece_perfect:.3f} if perfect, n = {n_attempts:,}"


def _band_labels() -> list[str]:
    ends = [*(_BAND_STARTS[1:] - 1), None]
    return [_band_label(start, end) for start, end in zip(_BAND_STARTS, ends, strict=True)]


def _band_label(start: int, end: int | None) -> str:
    """The words for attempts `start` to `end`, None for no end.

    >>> _band_label(2, 2), _band_label(3, 5), _band_label(201, None)
    ('2', '3-5', '201+')
    """
    if end is None:
        return f"{start}+"
    return str(start) if start == end else f"{start}-{end}"
