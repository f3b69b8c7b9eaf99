"""What a search found, as files: the best settings, every trial, and a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from adaptive.training.settings import write_settings

__all__ = ["BEST_FILE", "FIGURE_FILE", "TRIALS_FILE", "BestTrial", "FinishedTrial", "Found", "write_found"]

BEST_FILE: Final = "best_settings.json"
TRIALS_FILE: Final = "trials.csv"
FIGURE_FILE: Final = "search.png"
_BLUE, _GREY, _RED = "#2b6cb0", "#a0aec0", "#c53030"
_DPI: Final = 120


@dataclass(frozen=True, slots=True)
class FinishedTrial:
    """Settings that were tried, and what they reached on held-out training learners; None where the trial was given up early."""

    number: int
    settings: Mapping[str, float]
    log_loss: float | None
    auc: float | None
    seconds: float
    n_epochs: int


@dataclass(frozen=True, slots=True)
class Found:
    """A search as it stands. `fixed` settings were not searched; `importance` sums to 1, empty with few trials."""

    model: str
    data_sha256: str
    n_folds: int
    fixed: Mapping[str, float]
    trials: tuple[FinishedTrial, ...]
    importance: Mapping[str, float]

    @property
    def best(self) -> BestTrial | None:
        """The trial of least log loss, the first of equals; None where none ended.

        >>> one = FinishedTrial(1, {"n": 3.0}, 0.6, 0.7, 1.0, 0)
        >>> Found("small", "", 1, {}, (one,), {}).best.settings
        {'n': 3.0}
        """
        judged = [
            BestTrial(trial.number, {**self.fixed, **trial.settings}, trial.log_loss, trial.auc)
            for trial in self.trials
            if trial.log_loss is not None and trial.auc is not None
        ]
        return min(judged, key=lambda trial: trial.log_loss, default=None)


@dataclass(frozen=True, slots=True)
class BestTrial:
    """The trial whose settings are written, those that were fixed included."""

    number: int
    settings: Mapping[str, float]
    log_loss: float
    auc: float


def write_found(found: Found, out: Path) -> None:
    """Write the three files; without a trial that ended there is nothing to write."""
    if found.best is None:
        return
    rows = [
        {"trial": t.number, "log_loss": t.log_loss, "auc": t.auc, "seconds": t.seconds, "epochs": t.n_epochs, **t.settings}
        for t in found.trials
    ]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(out / TRIALS_FILE)
    _plot(found, out / FIGURE_FILE)
    reached = {"held_out_log_loss": found.best.log_loss, "held_out_auc": found.best.auc, "trial": found.best.number}
    origin = {"n_trials": len(found.trials), "n_folds": found.n_folds, "data_sha256": found.data_sha256}
    write_settings(out / BEST_FILE, found.model, found.best.settings, **reached, **origin)


def _plot(found: Found, path: Path) -> None:
    """Log loss by trial with the best so far; below, the share of each setting."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - 0.3 s, and only a report draws

    figure = Figure(figsize=(7, 6), layout="constrained")
    history, shares = figure.subplots(2, 1, height_ratios=[3, 2])
    whole = [(trial.number, trial.log_loss) for trial in found.trials if trial.log_loss is not None]
    number, loss = (np.array(column) for column in zip(*whole, strict=True))
    history.plot(number, loss, "o", color=_BLUE, markersize=4, label="trial")
    history.step(number, np.minimum.accumulate(loss), where="post", color=_RED, linewidth=1, label="best so far")
    given_up = [trial.number for trial in found.trials if trial.log_loss is None]
    history.plot(given_up, [loss.max()] * len(given_up), "x", color=_GREY, markersize=5, label="given up early")
    history.set(xlabel="trial", ylabel="log loss, held-out training learners")
    history.set_title(f"{found.model}: {len(found.trials)} trials", loc="left")
    history.legend(frameon=False)
    names = list(found.importance)[::-1]
    shares.barh(names, [found.importance[name] for name in names], color=_BLUE)
    shares.set(
        xlabel="share in what tells good trials from others" if names else "too few trials to tell which setting matters", xlim=(0, 1)
    )
    for axes in (history, shares):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=_DPI)
