"""Figures of a matrix: gap closed by family, mastery over attempts by ability fifth, and zone hit rate.

Figures are drawn on matplotlib's Agg canvas without pyplot, so nothing is left open and no display is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adaptive.evaluation.laboratory.matrix import Matrix, Summary
from adaptive.evaluation.laboratory.metrics import CURVE_EVERY, N_FIFTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_closed_gap", "plot_mastery", "plot_zone_hit"]

_DPI = 150
_COLUMNS = 3
_BLUE, _GREY = "#2b6cb0", "#a0aec0"
_FIFTHS = ("weakest fifth", "second", "third", "fourth", "strongest fifth")


def plot_closed_gap(matrix: Matrix, path: Path) -> None:
    """Write a PNG: a panel a family, a row a policy, the closed gap with its 95 % interval; 0 is random, 1 the oracle."""
    rows = [name for name in matrix.rows if name not in ("random", "oracle")]
    figure, panels = _panels(len(matrix.families), 0.12 * sum(2 + name.count(",") + name.count(":") for name in rows) + 1.0)
    for panel, (axes, family) in enumerate(zip(panels, matrix.families, strict=False)):
        axes.set_title(family, loc="left", fontsize=9)
        for end in (0.0, 1.0):
            axes.axvline(end, color=_GREY, linewidth=1)
        for place, name in enumerate(reversed(rows)):
            _plot_gap(axes, place, matrix.summary(name, family) if (name, family) in matrix.cells else None)
        _name_rows(axes, rows[::-1], panel)
        axes.set_xlabel("share of the gap from random to oracle", fontsize=8)
    figure.savefig(path, dpi=_DPI)


def plot_mastery(matrix: Matrix, path: Path, *, name: str) -> None:
    """Write a PNG: a panel a family, true mastery over attempts by fifth of what learners began with, against random."""
    figure, panels = _panels(len(matrix.families), 2.6)
    for axes, family in zip(panels, matrix.families, strict=False):
        axes.set_title(family, loc="left", fontsize=9)
        for row, style in (("random", "--"), (name, "-")):
            curves = np.mean([cell.mastered for cell in matrix.cells[row, family]], axis=0)  # (n_fifths, n_points)
            for fifth, curve in enumerate(curves):
                shade = 0.25 + 0.75 * fifth / (N_FIFTHS - 1)
                label = f"{row}, {_FIFTHS[fifth]}" if fifth in (0, N_FIFTHS - 1) and len(curves) == N_FIFTHS else None
                axes.plot(np.arange(len(curve)) * CURVE_EVERY, curve, style, color=_BLUE, alpha=shade, linewidth=1, label=label)
        axes.set(ylim=(0.0, 1.0))
        axes.set_xlabel("attempts", fontsize=8)
    panels[0].set_ylabel("share of skills truly mastered", fontsize=8)
    panels[0].legend(frameon=False, fontsize=6, loc="upper left")
    figure.savefig(path, dpi=_DPI)


def plot_zone_hit(matrix: Matrix, path: Path) -> None:
    """Write a PNG: a panel a family, a bar a policy, the share of items whose true gain was at least half the best."""
    rows = list(reversed(matrix.rows))
    figure, panels = _panels(len(matrix.families), 0.12 * sum(2 + name.count(",") + name.count(":") for name in rows) + 1.0)
    for panel, (axes, family) in enumerate(zip(panels, matrix.families, strict=False)):
        axes.set_title(family, loc="left", fontsize=9)
        hits = [matrix.summary(name, family).zone_hit if (name, family) in matrix.cells else None for name in rows]
        axes.barh(range(len(rows)), [hit or 0.0 for hit in hits], color=_BLUE, height=0.6)
        _name_rows(axes, rows, panel)
        axes.set(xlim=(0.0, 1.0))
        axes.set_xlabel("zone hit rate", fontsize=8)
    figure.savefig(path, dpi=_DPI)


def _plot_gap(axes: Axes, place: int, summary: Summary | None) -> None:
    if summary is None or summary.closed_gap is None:
        return
    axes.plot(summary.closed_gap, place, "o", color=_BLUE, markersize=4)
    if summary.low is not None and summary.high is not None:
        axes.hlines(place, summary.low, summary.high, color=_BLUE, linewidth=1)


def _name_rows(axes: Axes, rows: Sequence[str], panel: int) -> None:
    """Names at the first panel of a line alone, since rows are the same in all; settings in lines of their own."""
    axes.set_ylim(-0.6, len(rows) - 0.4)
    names = [name.replace(":", ":\n").replace(",", ",\n") for name in rows]
    axes.set_yticks(range(len(rows)), names if panel % _COLUMNS == 0 else [""] * len(rows), fontsize=7)


def _panels(n: int, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with at least n panels; those beyond are empty."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - 0.3 s, and only a report draws

    n_rows = -(-n // _COLUMNS)
    figure = Figure(figsize=(4.0 * min(n, _COLUMNS), height * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, min(n, _COLUMNS), squeeze=False)
    panels: list[Axes] = list(grid.ravel())
    for i, axes in enumerate(panels):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=7)
        axes.set_visible(i < n)
    return figure, panels
