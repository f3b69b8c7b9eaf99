"""Runs and registered versions in a real SQLite store."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from adaptive.errors import StorageUnavailable
from adaptive.training.models import resolve_model
from adaptive.training.tracking import CHAMPION, Run, Tracker, tracking_uri


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture(scope="module")
def tracker(uri: str) -> Tracker:
    return Tracker.open(uri)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "a model"
    path.mkdir()
    (path / "manifest.json").write_text(str(tmp_path))
    return path


def logged(tracker: Tracker, folder: Path) -> Run:
    with tracker.run("logistic") as run:
        run.log(parameters={"seed": 3}, metrics={"auc": 0.75, "auc_low": None}, tags={"python": "3.11"})
        run.log_model(folder)
    return run


def test_a_run_keeps_parameters_metrics_tags_and_the_model_as_plain_files(tracker: Tracker, folder: Path) -> None:
    run = logged(tracker, folder)
    kept = tracker.client.get_run(run.run_id)
    assert kept.info.status == "FINISHED"
    assert kept.data.params == {"seed": "3"}
    assert kept.data.metrics == {"auc": 0.75}  # an undefined figure is left out, not made up
    assert kept.data.tags["python"] == "3.11"
    assert [each.path for each in tracker.client.list_artifacts(run.run_id, "model")] == ["model/manifest.json"]


def test_artefacts_lie_beside_the_sqlite_file(tracker: Tracker, folder: Path) -> None:
    run = logged(tracker, folder)
    store = Path(tracker.uri.removeprefix("sqlite:///")).parent
    assert (store / "mlartifacts" / run.run_id / "artifacts" / "model" / "manifest.json").is_file()


def test_a_registered_model_is_found_by_alias_and_by_number(tracker: Tracker, uri: str, folder: Path) -> None:
    first = tracker.register("grade 4", logged(tracker, folder))
    (folder / "manifest.json").write_text("second")
    second = tracker.register("grade 4", logged(tracker, folder))
    assert (first.version, first.replaced) == ("1", None)
    assert (second.version, second.replaced) == ("2", "1")
    contents = {
        name: (resolve_model(name, tracking=uri) / "manifest.json").read_text()
        for name in ("models:/grade 4@champion", "models:/grade 4/1")
    }
    assert contents == {"models:/grade 4@champion": "second", "models:/grade 4/1": str(folder.parent)}


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_a_run_that_ends_early_says_so(tracker: Tracker, error: type[BaseException], status: str) -> None:
    started: list[Run] = []

    def stop() -> None:
        with tracker.run("stops") as run:
            started.append(run)
            raise error

    with pytest.raises(error):
        stop()
    assert tracker.client.get_run(started[0].run_id).info.status == status


@pytest.mark.parametrize("had_champion", [False, True])
@pytest.mark.parametrize("step", ["create_registered_model", "create_model_version", "set_registered_model_alias"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_an_interrupted_registration_leaves_the_registry_as_it_was(
    tracker: Tracker, folder: Path, monkeypatch: pytest.MonkeyPatch, had_champion: bool, step: str, done: bool
) -> None:
    """Ctrl-C just before and just after each of MLflow's three steps, on a name that is new and on one with a champion."""
    name, real, is_interrupted = f"{step} {done} {had_champion}", getattr(MlflowClient, step), []
    if had_champion:
        tracker.register(name, logged(tracker, folder))

    def interrupt(*arguments: object) -> object:
        if is_interrupted:  # taking back may need the same step
            return real(*arguments)
        is_interrupted.append(True)
        if done:
            real(*arguments)
        raise KeyboardInterrupt

    run = logged(tracker, folder)
    monkeypatch.setattr(MlflowClient, step, interrupt)
    if step == "create_registered_model" and had_champion:
        assert tracker.register(name, run).version == "2"  # the name exists, so the step is not taken
        return
    with pytest.raises(KeyboardInterrupt):
        tracker.register(name, run)
    assert [version.version for version in tracker.client.search_model_versions(f"name='{name}'")] == [1] * had_champion
    assert [model.aliases for model in tracker.client.search_registered_models(f"name='{name}'")] == [{CHAMPION: 1}] * had_champion


@pytest.mark.parametrize("uri", ["sqlite:////proc/none/mlflow.db", "carrier-pigeon://coop"])
def test_a_store_that_cannot_be_opened_is_named(uri: str) -> None:
    with pytest.raises(StorageUnavailable, match=f"Got {uri}: .*; name another with --tracking"):
        Tracker.open(uri)


def test_a_store_that_refuses_to_write_is_named(tracker: Tracker, folder: Path) -> None:
    def log_twice() -> None:
        with tracker.run("twice") as run:
            run.log(parameters={"seed": 1}, metrics={}, tags={})
            run.log(parameters={"seed": 2}, metrics={}, tags={})  # MLflow refuses to change a parameter

    with pytest.raises(StorageUnavailable, match="Changing param values is not allowed"):
        log_twice()


def test_the_store_is_the_given_one_then_the_environments_then_the_working_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///env.db")
    assert [tracking_uri("sqlite:///given.db"), tracking_uri()] == ["sqlite:///given.db", "sqlite:///env.db"]
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert tracking_uri() == "sqlite:///mlflow.db"
