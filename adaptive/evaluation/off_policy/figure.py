"""The figure of an off-policy evaluation: estimates with their intervals, above how weights are spread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adaptive.evaluation.off_policy.estimators import ESTIMATORS, LOGGED
from adaptive.evaluation.off_policy.evaluating import RewardResult
from adaptive.evaluation.off_policy.matching import Matched

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_evaluation"]

_BLUE, _GREY, _RED = "#2b6cb0", "#a0aec0", "#c53030"
_DPI = 150
_N_BINS = 40


def plot_evaluation(matched: Matched, results: Mapping[str, RewardResult], path: Path, *, title: str) -> None:
    """Write a PNG: a panel of estimates per reward (thick 90 %, thin 95 %), and the weights of all decisions."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - 0.3 s, and only a report draws

    told = {name: result for name, result in results.items() if result.estimates}
    figure = Figure(figsize=(7.0, 2.4 * (len(told) + 1)), layout="constrained")
    panels = figure.subplots(len(told) + 1, 1, squeeze=False)[:, 0]
    for axes, (name, result) in zip(panels, told.items(), strict=False):
        _plot_estimates(axes, result)
        axes.set_title(f"{title}: {name}", loc="left", fontsize=9)
    _plot_weights(panels[-1], matched)
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.savefig(path, dpi=_DPI)


def _plot_estimates(axes: Axes, result: RewardResult) -> None:
    names = [*ESTIMATORS, LOGGED]
    for place, name in enumerate(reversed(names)):
        each, colour = result.estimates[name], _GREY if name in {LOGGED, "dm"} else _BLUE
        for level, width in ((0.95, 1), (0.90, 3)):
            ends = each.intervals[level]
            if ends is not None:
                axes.hlines(place, *ends, color=colour, linewidth=width)
        axes.plot(each.value, place, "o", color=colour, markersize=5)
    axes.axvline(result.estimates[LOGGED].value, color=_RED, linewidth=1, linestyle="--")
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.set_xlabel("value (dashed: what the log's own policy brought)", fontsize=8)


def _plot_weights(axes: Axes, matched: Matched) -> None:
    weight = matched.choices.weight
    axes.hist(np.log10(np.maximum(weight, _LEAST)), bins=_N_BINS, color=_BLUE, alpha=0.7)
    axes.axvline(0.0, color=_RED, linewidth=1, linestyle="--")
    axes.set_xlabel(f"log10 weight of a decision ({np.mean(weight == 0.0):.0%} are 0, shown at {_LEAST:g})", fontsize=8)
    axes.set_ylabel("decisions", fontsize=8)


_LEAST = 1e-3
"""Weights below do not matter beside each other."""
