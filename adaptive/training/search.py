"""What a search for settings is asked, and what one trial of it does: fit on most training learners, judge on the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple, Protocol

import numpy as np

from adaptive.datasets import AttemptTable, Fold
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.crossvalidation import Model
from adaptive.evaluation.metrics import auc, log_loss
from adaptive.evaluation.predictions import Predictions
from adaptive.models import forecast
from adaptive.models.fitting import FitObserver, ResumableModel, TunableModel
from adaptive.protocols import Parameters
from adaptive.training.epochs import Epoch, EpochReport, unseen
from adaptive.training.run import N_FOLDS

__all__ = ["BudgetSpent", "Deadline", "Hopeless", "Judged", "Trial", "TuningRequest", "day_zero_settings", "judged_on_held_out"]

_STAGES_A_FOLD: Final = 100
_EPOCHS_A_STAGE: Final = 100_000
"""Epochs of different folds and stages are told apart by their step, so that only equals are compared."""


class BudgetSpent(Exception):
    """The minutes are over in the middle of a trial."""


class Hopeless(Exception):
    """A trial that is worse than most were at this epoch."""


@dataclass(frozen=True, slots=True)
class TuningRequest:
    """Which model's settings to search, how long, and where to keep what is found.

    `n_trials` is the number of finished trials of the whole search, earlier sessions included; `minutes` (None: no limit)
    is that of this session. `n_folds` of five learner folds judge each trial.

    >>> TuningRequest("recurrent", Path("out"), datetime(2026, 1, 1), n_folds=6)
    Traceback (most recent call last):
        ...
    adaptive.errors.InvalidInput: tuning request has 1 problem:
      folds: a trial is judged on 1 to 5 of the five folds. Got '6'; ask for fewer.
    """

    model: str
    out: Path
    at: datetime
    n_trials: int = 20
    minutes: float | None = None
    n_folds: int = 1
    seed: int = 0
    tracking: str | None = None
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.n_folds <= N_FOLDS:
            rule = f"a trial is judged on 1 to {N_FOLDS} of the five folds"
            raise InvalidInput("tuning request", [Problem("folds", rule, str(self.n_folds), "ask for fewer")])


class Trial(Protocol):
    """What a search hears of a trial while it runs."""

    def report(self, log_loss: float, step: int) -> None:
        """The log loss of an epoch."""

    def should_prune(self) -> bool:
        """Whether to give it up."""


class Deadline:
    """When a session of a search ends.

    >>> Deadline(None).is_past(), Deadline(0.0).is_past()
    (False, True)
    """

    def __init__(self, minutes: float | None) -> None:
        self._end = None if minutes is None else monotonic() + 60.0 * minutes

    def is_past(self, *, needed: float = 0.0) -> bool:
        """Whether what takes `needed` seconds more would end too late."""
        return self._end is not None and monotonic() + needed >= self._end


@dataclass(slots=True)
class _TrialObserver:
    """Tells the search of each epoch, and ends the fit where it is hopeless or the time is over. Keeps no checkpoint."""

    trial: Trial
    deadline: Deadline
    fold: int
    name: str
    show: EpochReport
    _stages: list[str] = field(default_factory=list)

    def epoch(self, stage: str, done: int, of: int, measures: Mapping[str, float]) -> None:
        self.show(Epoch(self.name, stage, done, of, dict(measures)))
        if self.deadline.is_past():
            raise BudgetSpent
        if stage not in self._stages:
            self._stages.append(stage)
        step = (self.fold * _STAGES_A_FOLD + self._stages.index(stage)) * _EPOCHS_A_STAGE + done
        if "log_loss" in measures:
            self.trial.report(measures["log_loss"], step)
            if self.trial.should_prune():
                raise Hopeless

    def save(self, checkpoint: Parameters) -> None:
        """A trial is repeated, not resumed."""

    def restore(self) -> Parameters | None:
        """Always from the beginning."""
        return None


class Judged(NamedTuple):
    """What a trial reached on learners that it was not fitted on: means over the folds."""

    log_loss: float
    auc: float


def judged_on_held_out(
    model: Model, folds: Sequence[Fold], trial: Trial, *, seed: int, deadline: Deadline, show: EpochReport = unseen
) -> Judged:
    """The model fitted on each fold's training learners and judged on the others. Raises BudgetSpent or Hopeless."""
    figures = []
    for place, fold in enumerate(folds):
        observer = _TrialObserver(trial, deadline, place, f"fold {fold.name}", show)
        fitted = _fitted(model, fold.train, seed, observer)
        if deadline.is_past():
            raise BudgetSpent
        figures.append(_judge(fitted, fold))
    return Judged(*(float(np.mean(column)) for column in zip(*figures, strict=True)))


def _fitted(model: Model, attempts: AttemptTable, seed: int, observer: FitObserver) -> Model:
    if isinstance(model, ResumableModel):
        return model.fit_observed(attempts, seed=seed, observer=observer)
    return model.fit(attempts, seed=seed)


def _judge(fitted: Model, fold: Fold) -> Judged:
    p_correct = np.concatenate([forecast(fitted, history) for _, history in fold.test.histories()])
    scored = Predictions.of_table(fold.test, p_correct)
    loss, area = log_loss(scored.p_correct, scored.correct), auc(scored.p_correct, scored.correct)
    if loss is None or area is None:
        rule = "the held-out learners must have right and wrong answers that count"
        raise InvalidInput("search", [Problem(f"fold {fold.name}", rule, f"{len(scored)} of one kind", "bring more learners")])
    return Judged(loss, area)


def day_zero_settings(model: TunableModel[object], fixed: Collection[str]) -> dict[str, float] | None:
    """What the model has by itself of the settings that are searched, where it says all and they lie in their ranges.

    The first to try. They are looked for among its parameters' settings, and in each group of these.
    """
    settings = model.parameters().settings
    groups = [settings, *(group for group in settings.values() if isinstance(group, Mapping))]
    stated = {name: group[name] for group in groups for name in model.search_space if name in group}
    searched = {name: each for name, each in model.search_space.items() if name not in fixed}
    is_whole = all(name in stated and each.low <= stated[name] <= each.high for name, each in searched.items())
    return {name: float(stated[name]) for name in searched} if is_whole else None
