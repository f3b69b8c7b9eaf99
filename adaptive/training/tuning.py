"""A search for a model's settings: optuna proposes, learners held out of the training attempts judge, MLflow keeps each trial.

The only module that speaks to optuna. The search is a file, so that an interrupted one goes on: each proposal depends on the
seed and on the trials that ended, and on nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np
import optuna
from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, Fold, learner_folds
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.crossvalidation import Model
from adaptive.models import build_model
from adaptive.models.fitting import TunableModel
from adaptive.training.environment import environment
from adaptive.training.epochs import Epoch, EpochReport, unseen
from adaptive.training.run import N_FOLDS, require_evidence
from adaptive.training.search import BudgetSpent, Deadline, Hopeless, Judged, TuningRequest, day_zero_settings, judged_on_held_out
from adaptive.training.settings import require_tunable, with_settings
from adaptive.training.tracking import Run, Tracker
from adaptive.training.tuning_report import BEST_FILE, FIGURE_FILE, TRIALS_FILE, FinishedTrial, Found, write_found

__all__ = ["STUDY_FILE", "TrialReport", "tune"]

STUDY_FILE: Final = "study.journal"
"""All trials, in optuna's journal format: JSON lines that are only ever appended to."""

TrialReport = Callable[[FinishedTrial], None]
"""Called after each trial."""

_STARTUP_TRIALS: Final = 5
"""Trials that end before others are held against their median: optuna's default."""

_WARMUP_EPOCHS: Final = 2
"""Epochs that each trial gets: what a network forecasts after one says little of its settings."""

_ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED)


def tune(
    table: AttemptTable,
    request: TuningRequest,
    *,
    catalog: Catalog | None = None,
    epochs: EpochReport = unseen,
    trials: TrialReport = lambda _: None,
) -> Found:
    """The settings with the least log loss on held-out training learners, after `request.n_trials` trials or its minutes.

    `table` is of training learners alone: whoever is to judge the result must not be in it. Writes `best_settings.json`,
    `trials.csv` and `search.png` into `request.out`, beside the search itself; called again it goes on from there, and an
    interrupted search proposes what one in one go would. Raises InvalidInput where `request.out` holds another search, or
    no trial ended in time.
    """
    require_evidence(table)
    model = require_tunable(with_settings(build_model(request.model, catalog), request.fixed))
    folds = learner_folds(table, min(N_FOLDS, len(table.learner_ids)), request.seed)[: request.n_folds]
    deadline, tracker = Deadline(request.minutes), Tracker.open(request.tracking)
    study = _study(request, model, table)
    with tracker.run(f"tune {request.model}") as run:
        run.log(parameters=_identity(request, model, table) | {"n_trials": request.n_trials}, metrics={}, tags=environment())
        search = _Search(study, model, folds, request, deadline, tracker, run, epochs)
        search.go_on(trials)
        found = Found(request.model, table.data_sha256, request.n_folds, dict(request.fixed), tuple(_finished(study)), _importance(study))
        if found.best is None:
            rule, way_out = "a search needs a trial that ends in its time", "give more minutes and call again"
            raise InvalidInput("search", [Problem("minutes", rule, f"none in {request.minutes}", way_out)])
        write_found(found, request.out)
        run.log(parameters={}, metrics={"log_loss": found.best.log_loss, "auc": found.best.auc}, tags={})
        for name in (BEST_FILE, TRIALS_FILE, FIGURE_FILE):
            run.log_file(request.out / name)
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """A session of a search."""

    study: optuna.Study
    model: TunableModel[object]
    folds: Sequence[Fold]
    request: TuningRequest
    deadline: Deadline
    tracker: Tracker
    run: Run
    epochs: EpochReport

    def go_on(self, report: TrialReport) -> None:
        """Trials until there are enough or the time is over. A trial that would likely end too late is not begun."""
        while (n_ended := len(_finished(self.study))) < self.request.n_trials:
            if self.deadline.is_past(needed=self._usual_seconds()):
                return
            # A sampler's generator begins anew in each session; seeded by the trials that ended, proposals are those of one go.
            sampler_seed = int(np.random.SeedSequence([self.request.seed, n_ended]).generate_state(1)[0])
            self.study.sampler = TPESampler(seed=sampler_seed, n_startup_trials=_STARTUP_TRIALS)
            trial = self.study.ask()
            try:
                self._try(trial, report)
            except BudgetSpent:
                self.study.tell(trial, state=TrialState.FAIL)
                return
            except BaseException:
                self.study.tell(trial, state=TrialState.FAIL)  # not an answer about the settings: they are proposed again
                raise

    def _try(self, trial: optuna.Trial, report: TrialReport) -> None:
        settings = {name: _suggested(trial, name, self.model) for name in self.model.search_space if name not in self.request.fixed}
        start = perf_counter()
        with self.tracker.run(f"trial {len(_finished(self.study)) + 1}", parent=self.run) as run:
            run.log(parameters=settings, metrics={}, tags={})
            judged = self._judged(trial, self.model.with_settings(settings), run)
            run.log(parameters={}, metrics=judged._asdict() if judged else {}, tags={"pruned": str(judged is None).lower()})
        trial.set_user_attr("seconds", perf_counter() - start)
        if judged is None:
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            trial.set_user_attr("auc", judged.auc)
            self.study.tell(trial, judged.log_loss)
        report(_finished(self.study)[-1])

    def _judged(self, trial: optuna.Trial, model: Model, run: Run) -> Judged | None:
        """What the trial reached, None where it was given up."""

        def show(epoch: Epoch) -> None:
            run.log_epoch(epoch)
            self.epochs(epoch)

        try:
            return judged_on_held_out(model, self.folds, trial, seed=self.request.seed, deadline=self.deadline, show=show)
        except Hopeless:
            return None

    def _usual_seconds(self) -> float:
        seconds = [trial.seconds for trial in _finished(self.study) if trial.log_loss is not None]
        return median(seconds) if seconds else 0.0


def _study(request: TuningRequest, model: TunableModel[object], table: AttemptTable) -> optuna.Study:
    """The search in the folder, made where there is none. Raises InvalidInput where it is another."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    request.out.mkdir(parents=True, exist_ok=True)
    pruner = MedianPruner(n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=_WARMUP_EPOCHS)
    storage = JournalStorage(JournalFileBackend(str(request.out / STUDY_FILE)))
    study = optuna.create_study(storage=storage, study_name="adaptive", pruner=pruner, load_if_exists=True)
    identity = _identity(request, model, table)
    if "identity" not in study.user_attrs:
        study.set_user_attr("identity", identity)
        first = day_zero_settings(model, request.fixed)
        if first is not None:
            study.enqueue_trial(first)
    kept = study.user_attrs["identity"]
    different = [f"{name} {kept.get(name)}" for name, value in identity.items() if kept.get(name) != value]
    if different:
        rule = "a search goes on with the same model, attempts, folds, seed and ranges"
        raise InvalidInput("search", [Problem(str(request.out), rule, ", ".join(different), "name another folder with --out")])
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):  # of a session that was killed
        study.tell(trial.number, state=TrialState.FAIL)
    _ask_again(study)
    return study


def _ask_again(study: optuna.Study) -> None:
    """Day-zero settings whose trial was interrupted, to be tried first once more."""
    began = study.get_trials(deepcopy=False)
    is_waiting = any(trial.state == TrialState.WAITING for trial in began)
    given = [trial.system_attrs["fixed_params"] for trial in began if "fixed_params" in trial.system_attrs]
    if given and not is_waiting and not _finished(study):
        study.enqueue_trial(given[0])


def _identity(request: TuningRequest, model: TunableModel[object], table: AttemptTable) -> dict[str, Any]:  # Any: JSON values
    """What must not change while a search goes on."""
    ranges = {name: [each.low, each.high, each.log, each.integer] for name, each in model.search_space.items()}
    return {
        "model": request.model,
        "data_sha256": table.data_sha256,
        "n_folds": request.n_folds,
        "seed": request.seed,
        "fixed": json.dumps(dict(request.fixed), sort_keys=True),
        "ranges": json.dumps(ranges, sort_keys=True),
    }


def _suggested(trial: optuna.Trial, name: str, model: TunableModel[object]) -> float:
    searched = model.search_space[name]
    if searched.integer:
        return float(trial.suggest_int(name, int(searched.low), int(searched.high), log=searched.log))
    return trial.suggest_float(name, searched.low, searched.high, log=searched.log)


def _finished(study: optuna.Study) -> list[FinishedTrial]:
    """Trials that ended, given-up ones too, in order."""
    ended = study.get_trials(deepcopy=False, states=_ENDED)
    return [_as_finished(number, trial) for number, trial in enumerate(ended, start=1)]


def _as_finished(number: int, trial: FrozenTrial) -> FinishedTrial:
    is_whole = trial.state == TrialState.COMPLETE
    return FinishedTrial(
        number=number,
        settings={name: float(value) for name, value in trial.params.items()},
        log_loss=trial.value if is_whole else None,
        auc=trial.user_attrs["auc"] if is_whole else None,
        seconds=trial.user_attrs["seconds"],
        n_epochs=len(trial.intermediate_values),
    )


def _importance(study: optuna.Study) -> dict[str, float]:
    """Share of each setting in what tells good trials from others (PED-ANOVA, Watanabe et al. 2023); empty with too few trials."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances  # noqa: PLC0415 - scikit-learn takes seconds to load

    values = {trial.value for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))}
    if len(values) < _STARTUP_TRIALS:
        return {}
    return dict(get_param_importances(study, evaluator=PedAnovaImportanceEvaluator()))
