"""The search for settings: seeded, gone on with, within its time, and never looking at whom it is not given."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from adaptive.datasets import AttemptTable, learner_folds
from adaptive.errors import InvalidInput
from adaptive.evaluation.crossvalidation import evaluate_fold
from adaptive.training.epochs import Epoch
from adaptive.training.search import TuningRequest
from adaptive.training.settings import read_settings
from adaptive.training.tuning import tune
from adaptive.training.tuning_report import FinishedTrial, Found


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture
def request_(small: type, uri: str, tmp_path: Path) -> TuningRequest:
    return TuningRequest("small", tmp_path / "search", datetime(2026, 3, 1, tzinfo=UTC), n_trials=8, seed=2, tracking=uri)


def settings_and_losses(found: Found) -> list[tuple[dict[str, float], float | None]]:
    return [(dict(trial.settings), trial.log_loss) for trial in found.trials]


def test_the_best_settings_are_those_of_least_log_loss_on_held_out_training_learners(
    table: AttemptTable, request_: TuningRequest, small: type, uri: str
) -> None:
    found = tune(table, request_)
    assert len(found.trials) == 8
    assert found.trials[0].settings == small().settings  # what the model has by itself is tried first
    assert len({tuple(trial.settings.values()) for trial in found.trials}) == 8  # no proposal is made twice
    whole = [trial for trial in found.trials if trial.log_loss is not None]
    best = min(whole, key=lambda trial: trial.log_loss)
    fold = learner_folds(table, 5, seed=2)[0]
    judged = evaluate_fold(small().with_settings(best.settings), fold, seed=2).metrics.summary
    assert (judged.log_loss, judged.auc) == (best.log_loss, best.auc)
    assert read_settings(request_.out / "best_settings.json", "small") == best.settings
    assert json.loads((request_.out / "best_settings.json").read_text())["held_out_log_loss"] == best.log_loss
    with (request_.out / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["log_loss"]) if row["log_loss"] else None for row in rows] == [trial.log_loss for trial in found.trials]
    assert (request_.out / "search.png").read_bytes().startswith(b"\x89PNG")
    assert set(found.importance) in (set(), set(small.search_space))


def test_each_trial_is_a_run_below_that_of_the_search(table: AttemptTable, request_: TuningRequest, uri: str) -> None:
    found = tune(table, replace(request_, n_trials=3))
    client = MlflowClient(uri)
    runs = client.search_runs([client.get_experiment_by_name("adaptive").experiment_id])
    search = next(run for run in runs if run.info.run_name == "tune small")
    trials = {run.info.run_name: run for run in runs if run.data.tags.get("mlflow.parentRunId") == search.info.run_id}
    assert sorted(trials) == ["trial 1", "trial 2", "trial 3"]
    assert trials["trial 1"].data.params["learning_rate"] == "0.1"
    assert trials["trial 1"].data.metrics["log_loss"] == found.trials[0].log_loss
    assert len(client.get_metric_history(trials["trial 1"].info.run_id, "fold 0/steps/log_loss")) == found.trials[0].n_epochs == 5
    assert search.data.metrics["log_loss"] == found.best.log_loss


def stop_at(trial: int, done: int) -> Callable[[Epoch], None]:
    """Ctrl-C in that epoch of that trial."""
    begun = 0

    def report(epoch: Epoch) -> None:
        nonlocal begun
        begun += epoch.done == 1
        if (begun, epoch.done) == (trial, done):
            raise KeyboardInterrupt

    return report


def test_an_interrupted_search_goes_on_as_one_in_one_go(table: AttemptTable, request_: TuningRequest, tmp_path: Path) -> None:
    """Interrupted in the first trial, and in the seventh, when trials no longer are at random."""
    whole = tune(table, replace(request_, out=tmp_path / "whole"))
    for trial in (1, 7):
        with pytest.raises(KeyboardInterrupt):
            tune(table, request_, epochs=stop_at(trial, 1))
    assert settings_and_losses(tune(table, request_)) == settings_and_losses(whole)


def test_more_trials_go_on_and_no_more_ends_at_once(table: AttemptTable, request_: TuningRequest) -> None:
    first = tune(table, replace(request_, n_trials=2))
    told: list[FinishedTrial] = []
    more = tune(table, replace(request_, n_trials=3), trials=told.append)
    assert settings_and_losses(more)[:2] == settings_and_losses(first)
    assert [trial.number for trial in told] == [3]
    assert tune(table, replace(request_, n_trials=3)).trials == more.trials


def test_the_minutes_end_a_search_in_the_middle_of_a_trial(
    table: AttemptTable, request_: TuningRequest, small: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "pause", 0.3)
    told: list[Epoch] = []
    with pytest.raises(InvalidInput, match="give more minutes"):
        tune(table, replace(request_, minutes=0.4 / 60), epochs=told.append)
    assert len(told) < 5  # the first trial has five epochs; it was given up once .4 s were over
    monkeypatch.setattr(small, "pause", 0.0)
    found = tune(table, replace(request_, n_trials=1, minutes=10.0))
    assert found.trials[0].settings == small().settings  # the trial that was cut is done again


def test_a_trial_that_would_likely_end_too_late_is_not_begun(
    table: AttemptTable, request_: TuningRequest, small: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small, "pause", 0.4)
    found = tune(table, replace(request_, n_trials=1))  # 2 s
    told: list[Epoch] = []
    again = tune(table, replace(request_, n_trials=5, minutes=1.0 / 60), epochs=told.append)
    assert (again.trials, told) == (found.trials, [])


def test_hopeless_trials_are_given_up_early(table: AttemptTable, request_: TuningRequest) -> None:
    """At a learning rate of 3 the noise of the steps grows without bound; 8 epochs are seen through by who is near the median."""
    found = tune(table, replace(request_, n_trials=18, fixed={"n_epochs": 8.0}))
    given_up = [trial for trial in found.trials if trial.log_loss is None]
    assert given_up
    assert all(2 <= trial.n_epochs <= 8 and trial.auc is None for trial in given_up)
    assert found.best.settings["n_epochs"] == 8.0
    assert found.trials[0].settings == {"learning_rate": 0.1}  # what is fixed is not searched, and the rest begins as it is


def test_all_folds_are_judged_on_where_asked(table: AttemptTable, request_: TuningRequest, small: type) -> None:
    found = tune(table, replace(request_, n_trials=1, n_folds=5))
    losses = [evaluate_fold(small(), fold, seed=2).metrics.summary.log_loss for fold in learner_folds(table, 5, seed=2)]
    assert found.best.log_loss == pytest.approx(sum(losses) / 5, abs=1e-12)  # the order of the sum
    assert found.trials[0].n_epochs == 25


def test_another_search_in_the_folder_is_left_alone(table: AttemptTable, request_: TuningRequest) -> None:
    tune(table, replace(request_, n_trials=1))
    with pytest.raises(InvalidInput, match=r"Got 'seed 2'; name another folder with --out"):
        tune(table, replace(request_, seed=5))
    with pytest.raises(InvalidInput, match="data_sha256"):
        tune(table.select_learners(table.learner_ids[:20]), request_)


def test_a_model_without_settings_is_refused_before_anything_is_written(table: AttemptTable, request_: TuningRequest) -> None:
    with pytest.raises(InvalidInput, match="which has none"):
        tune(table, replace(request_, model="logistic"))
    assert not request_.out.exists()
