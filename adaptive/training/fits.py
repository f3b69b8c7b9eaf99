"""The fits of one run: watched epoch by epoch, kept in checkpoints, gone on with after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from adaptive.datasets import AttemptTable
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.crossvalidation import Model
from adaptive.evaluation.progress import Progress, silent
from adaptive.models.fitting import RefreshableModel, ResumableModel
from adaptive.protocols import Parameters
from adaptive.training.checkpoints import Checkpoint, CheckpointFile
from adaptive.training.epochs import Epoch, EpochReport, unseen

__all__ = ["ALL", "HELD_OUT", "Fit", "Fitter", "Interrupted", "WatchedFits", "refreshed", "require_refreshable"]

HELD_OUT = "held-out"
"""The fit that is judged: without the learners held out."""

ALL = "all"
"""The fit that is kept: on all attempts."""


class Fit(NamedTuple):
    """A fitted model and the seconds that it took, those before an interruption included."""

    model: Model
    seconds: float


Fitter = Callable[[str, Model, AttemptTable], Fit]
"""How a model comes to be fitted: HELD_OUT or ALL, the model to begin from, the attempts."""


class Interrupted(KeyboardInterrupt):
    """An interruption after which the same call goes on from `checkpoints`."""

    def __init__(self, checkpoints: tuple[Path, ...]) -> None:
        super().__init__(f"checkpoints are kept: {', '.join(map(str, checkpoints))}")
        self.checkpoints = checkpoints


@dataclass(slots=True)
class WatchedFits:
    """Fits resumable models under the eyes of `report` with a checkpoint after each epoch in `folder`; others plainly.

    A fit that ended is kept too, until `forget`, so that a run interrupted in its second fit does not repeat the first.
    """

    folder: Path
    seed: int
    report: EpochReport = unseen
    progress: Progress = silent
    _files: list[CheckpointFile] = field(default_factory=list)

    def __call__(self, fit: str, model: Model, attempts: AttemptTable) -> Fit:
        """The model fitted to these attempts: from the checkpoint of the same fit, where there is one."""
        stage = f"fitting on {_WORDS[fit]}, {len(attempts):,} attempts"
        self.progress(stage, 0, 1)
        done = self._watched(fit, model, attempts) if isinstance(model, ResumableModel) else self._plain(model, attempts)
        self.progress(stage, 1, 1)
        return done

    def require(self, fit: str, model: Model, attempts: AttemptTable) -> None:
        """Refuse to begin anew: raises InvalidInput where there is no checkpoint of this fit, and says what the others differ in."""
        rule = "--resume goes on from a checkpoint of the same model, settings, attempts and seed"
        if not isinstance(model, ResumableModel):
            raise _refused(rule, f"{model.name}, which fits in one go and keeps none", "leave --resume out")
        file = CheckpointFile.of(self.folder, fit, model, attempts, self.seed)
        if file.read() is None:
            others = (f"{name} of another {' and '.join(different)}" for name, different in file.others().items())
            raise _refused(rule, "; ".join(others) or f"none in {self.folder}", "leave --resume out to begin anew, or name --checkpoints")

    def kept(self) -> tuple[Path, ...]:
        """The checkpoints of this run that are there."""
        return tuple(file.path for file in self._files if file.path.exists())

    def forget(self) -> None:
        """Remove the checkpoints of this run."""
        for file in self._files:
            file.remove()

    def _watched(self, fit: str, model: ResumableModel[object], attempts: AttemptTable) -> Fit:
        file = CheckpointFile.of(self.folder, fit, model, attempts, self.seed)
        self._files.append(file)
        watcher = _Watcher(file, self.report, file.read())
        if watcher.last is not None and watcher.last.is_fitted:
            watcher.tell_again(watcher.last)
            return Fit(type(model).from_parameters(watcher.last.parameters), watcher.last.seconds)
        fitted = model.fit_observed(attempts, seed=self.seed, observer=watcher)
        seconds = watcher.seconds()
        watcher.keep(fitted.parameters(), is_fitted=True)
        return Fit(fitted, seconds)

    def _plain(self, model: Model, attempts: AttemptTable) -> Fit:
        start = perf_counter()
        fitted = model.fit(attempts, seed=self.seed)
        return Fit(fitted, perf_counter() - start)


_WORDS: Mapping[str, str] = {HELD_OUT: "four learners in five", ALL: "all learners"}


class _Watcher:
    """The observer of one fit."""

    def __init__(self, file: CheckpointFile, report: EpochReport, last: Checkpoint | None) -> None:
        self.last = last
        self._kept = None if last is None else last.parameters
        self._file, self._report = file, report
        self._epochs: list[Epoch] = []
        self._before, self._start = 0.0, perf_counter()

    def epoch(self, stage: str, done: int, of: int, measures: Mapping[str, float]) -> None:
        """Told to the report, and written down in the next checkpoint in place of the same epoch, where it is done again."""
        epoch = Epoch(self._file.fit, stage, done, of, dict(measures))
        self._epochs = [before for before in self._epochs if before.stage != stage or before.done < done] + [epoch]
        self._report(epoch)

    def save(self, checkpoint: Parameters) -> None:
        """Kept in the file, with the epochs so far."""
        self._kept = checkpoint
        self.keep(checkpoint, is_fitted=False)

    def restore(self) -> Parameters | None:
        """The last checkpoint, of this run or of one interrupted, whose epochs are told again."""
        if self.last is not None and not self._epochs:
            self.tell_again(self.last)
            self._before = self.last.seconds
        return self._kept

    def tell_again(self, interrupted: Checkpoint) -> None:
        """The epochs of an interrupted run, to the report."""
        self._epochs = list(interrupted.epochs)
        for epoch in self._epochs:
            self._report(epoch)

    def seconds(self) -> float:
        """Of this fit so far, those before the interruption included."""
        return self._before + perf_counter() - self._start

    def keep(self, parameters: Parameters, *, is_fitted: bool) -> None:
        self._file.write(Checkpoint(parameters, tuple(self._epochs), self.seconds(), is_fitted))


def refreshed(seed: int) -> Fitter:
    """A fitter that brings a fitted model up to date, where the model can."""

    def refresh(_: str, model: Model, attempts: AttemptTable) -> Fit:
        start = perf_counter()
        fitted = require_refreshable(model).refresh(attempts, seed=seed)
        return Fit(fitted, perf_counter() - start)

    return refresh


def require_refreshable(model: Model) -> RefreshableModel[object]:
    """The model, where it can be refreshed. Raises InvalidInput where it can only be fitted anew."""
    if not isinstance(model, RefreshableModel):
        rule = "a model is refreshed that can take new attempts without fitting all of it again"
        raise InvalidInput("refresh", [Problem("model", rule, model.name, f"fit it anew: adaptive train FILE --model {model.name}")])
    return model


def _refused(rule: str, value: str, way_out: str) -> InvalidInput:
    return InvalidInput("checkpoint", [Problem("--resume", rule, value, way_out)])
