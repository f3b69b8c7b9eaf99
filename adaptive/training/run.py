"""From attempts to a fitted, judged, saved and registered model, in one call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, Fold, learner_folds
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.calibration import calibration
from adaptive.evaluation.crossvalidation import Evaluation, Model, judge_fold
from adaptive.evaluation.progress import Progress, silent
from adaptive.evaluation.report import figures, write_evaluation
from adaptive.models import Metadata, build_model, load_model
from adaptive.training.environment import environment
from adaptive.training.epochs import Epoch, EpochReport, unseen
from adaptive.training.fits import ALL, HELD_OUT, Fit, Fitter, Interrupted, WatchedFits, refreshed, require_refreshable
from adaptive.training.model_folder import known_catalog, require_room, write_model
from adaptive.training.settings import Settings, with_settings

if TYPE_CHECKING:
    from adaptive.training.tracking import RegisteredVersion, Run

__all__ = ["N_FOLDS", "TrainedModel", "TrainingRequest", "require_evidence", "train"]

N_FOLDS = 5
"""One learner in five is held out for the metrics of the manifest."""


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train and where to keep it.

    `at` (aware) is written down as the time of making. `register` is the name under which the model becomes champion,
    None for a run alone; `out` is a folder for a copy of the model; `tracking` names the MLflow store.

    `settings` are those of a TunableModel. `checkpoints` is a folder for what an interrupted fit leaves, None to keep
    nothing; `must_resume` refuses to begin anew. `start` is the folder of a fitted model of that name, which is then
    refreshed rather than fitted.

    >>> from datetime import UTC
    >>> TrainingRequest("logistic", at=datetime(2026, 1, 1, tzinfo=UTC), register="grade/4")
    Traceback (most recent call last):
        ...
    adaptive.errors.InvalidInput: training request has 1 problem:
      register: a registered name is not empty and has no '/', ':' or '@'. Got 'grade/4'; choose another name.
    """

    model: str
    at: datetime
    register: str | None = None
    out: Path | None = None
    tracking: str | None = None
    seed: int = 0
    settings: Settings = field(default_factory=dict)
    checkpoints: Path | None = None
    must_resume: bool = False
    start: Path | None = None

    def __post_init__(self) -> None:
        if self.register is not None and (not self.register or set("/:@") & set(self.register)):
            rule = "a registered name is not empty and has no '/', ':' or '@'"
            raise InvalidInput("training request", [Problem("register", rule, self.register, "choose another name")])

    def begin(self, catalog: Catalog | None) -> Model:
        """The model as the fit finds it. Raises for an unknown name or setting, or one that cannot be refreshed."""
        if self.start is None:
            return with_settings(build_model(self.model, catalog), self.settings)
        fitted, _ = load_model(self.start)
        require_refreshable(fitted)
        return fitted


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fitted on all attempts; `evaluation` judges the same model fitted without the held-out learners.

    `before` judges the model that was refreshed, as it was, on the same learners; None where it was fitted anew.
    """

    model: Model
    evaluation: Evaluation
    run_id: str
    tracking_uri: str
    registered: RegisteredVersion | None
    before: Evaluation | None = None


def train(
    table: AttemptTable,
    request: TrainingRequest,
    *,
    catalog: Catalog | None = None,
    progress: Progress = silent,
    epochs: EpochReport = unseen,
) -> TrainedModel:
    """Judge the model on held-out learners, fit it on all, save it as a folder, log the run, register the version.

    Without a catalogue the model is fitted without one, and its folder gets the items and skills of the attempts. The
    folder appears at `request.out` whole or not at all, and an interruption at any moment leaves no registered version.

    The epochs of a ResumableModel are told to `epochs` and logged as steps. Interrupted (KeyboardInterrupt), its fit leaves
    checkpoints in `request.checkpoints` (raises Interrupted, which names them); the same call goes on from there and gives
    the same parameters as one that was never interrupted. They are removed at the end.
    """
    from adaptive.training.tracking import Tracker  # noqa: PLC0415 - MLflow takes 1 s to import, and `resolve_model` may not need it

    fold = _hold_out(table, request.seed)
    begin = request.begin(catalog)  # an unknown name is refused before anything is written, as is a taken folder
    if request.out is not None:
        require_room(request.out)
    if request.must_resume:
        WatchedFits(_kept_in(request), request.seed).require(HELD_OUT, begin, fold.train)
    tracker = Tracker.open(request.tracking)
    with tracker.run(request.model) as run, _fits(request, run, progress, epochs) as fitter:
        before = _judge(Fit(begin, 0.0), fold, table, request.seed, progress) if request.start else None
        evaluation = _judge(fitter(HELD_OUT, begin, fold.train), fold, table, request.seed, progress)
        model = fitter(ALL, begin, table).model
        _log_and_save(run, request, model, table, known_catalog(table, catalog, request.start), evaluation, before)
        registered = None if request.register is None else tracker.register(request.register, run)
    return TrainedModel(model, evaluation, run.run_id, tracker.uri, registered, before)


@contextmanager
def _fits(request: TrainingRequest, run: Run, progress: Progress, epochs: EpochReport) -> Iterator[Fitter]:
    """How the models of the run are fitted. What is kept of the fits goes at the end, and stays after an interruption."""

    def report(epoch: Epoch) -> None:
        run.log_epoch(epoch)
        epochs(epoch)

    with TemporaryDirectory() as scratch:
        fits = WatchedFits(request.checkpoints or Path(scratch), request.seed, report, progress)
        try:
            yield refreshed(request.seed) if request.start else fits
        except KeyboardInterrupt as stop:
            if request.checkpoints and (kept := fits.kept()):
                raise Interrupted(kept) from stop
            raise
        fits.forget()


def _kept_in(request: TrainingRequest) -> Path:
    if request.checkpoints is None:
        rule = "to resume is to go on from a folder of checkpoints"
        raise InvalidInput("training request", [Problem("checkpoints", rule, "None", "name the folder")])
    return request.checkpoints


def _judge(fit: Fit, fold: Fold, table: AttemptTable, seed: int, progress: Progress) -> Evaluation:
    result = judge_fold(fit.model, fold, fit_seconds=fit.seconds, seed=seed, progress=progress)
    return Evaluation(fit.model.name, table.data_sha256, (result,), calibration(result.predictions))


def _log_and_save(
    run: Run,
    request: TrainingRequest,
    model: Model,
    table: AttemptTable,
    known: Catalog,
    evaluation: Evaluation,
    before: Evaluation | None,
) -> None:
    """The folder, and all that the run's page shows."""
    metrics = _held_out_metrics(evaluation)
    origin = {"data_sha256": table.data_sha256, "catalog_version": known.version}
    with TemporaryDirectory() as scratch:
        folder, report = request.out or Path(scratch) / "model", Path(scratch) / "evaluation"
        write_model(model, known, folder, metadata=Metadata(created=request.at, metrics=metrics, **origin))
        write_evaluation(evaluation, report)
        parameters = {"model": request.model, "seed": request.seed, "n_attempts": len(table), "n_learners": len(table.learner_ids)}
        if before is not None:
            metrics = metrics | {f"before.{name}": value for name, value in _held_out_metrics(before).items()}
        run.log(parameters=parameters | _settings(model) | origin, metrics=metrics, tags=environment())
        run.log_folder(report, "evaluation")
        run.log_model(folder)


def _hold_out(table: AttemptTable, seed: int) -> Fold:
    """The first of five learner folds (of fewer where learners are fewer), of a table that has evidence."""
    require_evidence(table)
    return learner_folds(table, min(N_FOLDS, len(table.learner_ids)), seed)[0]


def require_evidence(table: AttemptTable) -> None:
    """Refuse a table that no model can be fitted to and judged on: it needs two learners and an answer that counts."""
    n_learners = len(table.learner_ids)
    if n_learners < 2:
        problem = Problem(
            "learners", "a model is judged on learners it was not fitted on, so there must be two", str(n_learners), "bring more"
        )
        raise InvalidInput("training data", [problem])
    if not table.codes().evidence.any():
        rule = "a model is fitted on answers: first, unaided and no study"
        way_out = "map the outcome, --map correct=<your column>, or rename study, hints_used or attempt_number if these say something else"
        raise InvalidInput("training data", [Problem("attempts", rule, f"none of {len(table):,} attempts", way_out)])


def _held_out_metrics(evaluation: Evaluation) -> dict[str, float]:
    """What is defined of the metrics of the held-out fold."""
    (held_out,) = evaluation.folds
    return {name: value for name, value in figures(held_out.metrics.summary, held_out.metrics.cost).items() if value is not None}


def _settings(model: Model) -> dict[str, object]:
    """The model's scalar settings, as parameters of the run."""
    settings = model.parameters().settings.items()
    return {f"setting.{name}": value for name, value in settings if isinstance(value, (bool, int, float, str))}
