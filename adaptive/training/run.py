"""From attempts to a fitted, judged, saved and registered model, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, Fold, catalog_from_attempts, learner_folds
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.crossvalidation import Evaluation, Model, evaluate
from adaptive.evaluation.progress import Progress, silent
from adaptive.evaluation.report import figures, write_evaluation
from adaptive.models import Metadata, build_model
from adaptive.training.environment import environment
from adaptive.training.model_folder import require_room, write_model

if TYPE_CHECKING:
    from adaptive.training.tracking import RegisteredVersion

__all__ = ["TrainedModel", "TrainingRequest", "train"]

_N_FOLDS = 5
"""One learner in five is held out for the metrics of the manifest."""


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train and where to keep it.

    `at` (aware) is written down as the time of making. `register` is the name under which the model becomes champion,
    None for a run alone; `out` is a folder for a copy of the model; `tracking` names the MLflow store.

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

    def __post_init__(self) -> None:
        if self.register is not None and (not self.register or set("/:@") & set(self.register)):
            rule = "a registered name is not empty and has no '/', ':' or '@'"
            raise InvalidInput("training request", [Problem("register", rule, self.register, "choose another name")])


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fitted on all attempts; `evaluation` judges the same model fitted without the held-out learners."""

    model: Model
    evaluation: Evaluation
    run_id: str
    tracking_uri: str
    registered: RegisteredVersion | None


def train(table: AttemptTable, request: TrainingRequest, *, catalog: Catalog | None = None, progress: Progress = silent) -> TrainedModel:
    """Judge the model on held-out learners, fit it on all, save it as a folder, log the run, register the version.

    Without a catalogue the model is fitted without one, and its folder gets the items and skills of the attempts. The
    folder appears at `request.out` whole or not at all, and an interruption at any moment leaves no registered version.
    """
    from adaptive.training.tracking import Tracker  # noqa: PLC0415 - MLflow takes 1 s to import, and `resolve_model` may not need it

    fold = _hold_out(table, request.seed)
    build = partial(build_model, request.model, catalog)
    build()  # an unknown name is refused before anything is written, as is a taken folder
    if request.out is not None:
        require_room(request.out)
    known = catalog or catalog_from_attempts(table)
    tracker = Tracker.open(request.tracking)
    with tracker.run(request.model) as run, TemporaryDirectory() as scratch:
        evaluation = evaluate(build, [fold], data_sha256=table.data_sha256, seed=request.seed, progress=progress)
        model = _fit_on_all(build(), table, request.seed, progress)
        metrics = _held_out_metrics(evaluation)
        origin = {"data_sha256": table.data_sha256, "catalog_version": known.version}
        folder, report = request.out or Path(scratch) / "model", Path(scratch) / "evaluation"
        write_model(model, known, folder, metadata=Metadata(created=request.at, metrics=metrics, **origin))
        write_evaluation(evaluation, report)
        parameters = {"model": request.model, "seed": request.seed, "n_attempts": len(table), "n_learners": len(table.learner_ids)}
        run.log(parameters=parameters | _settings(model) | origin, metrics=metrics, tags=environment())
        run.log_folder(report, "evaluation")
        run.log_model(folder)
        registered = None if request.register is None else tracker.register(request.register, run)
    return TrainedModel(model, evaluation, run.run_id, tracker.uri, registered)


def _hold_out(table: AttemptTable, seed: int) -> Fold:
    """The first of five learner folds (of fewer where learners are fewer), of a table that has evidence."""
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
    return learner_folds(table, min(_N_FOLDS, n_learners), seed)[0]


def _fit_on_all(model: Model, table: AttemptTable, seed: int, progress: Progress) -> Model:
    stage = f"fitting on all {len(table):,} attempts"
    progress(stage, 0, 1)
    fitted = model.fit(table, seed=seed)
    progress(stage, 1, 1)
    return fitted


def _held_out_metrics(evaluation: Evaluation) -> dict[str, float]:
    """What is defined of the metrics of the held-out fold."""
    (held_out,) = evaluation.folds
    return {name: value for name, value in figures(held_out.metrics.summary, held_out.metrics.cost).items() if value is not None}


def _settings(model: Model) -> dict[str, object]:
    """The model's scalar settings, as parameters of the run."""
    settings = model.parameters().settings.items()
    return {f"setting.{name}": value for name, value in settings if isinstance(value, (bool, int, float, str))}
