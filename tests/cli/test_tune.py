"""`adaptive tune` from the command line to the settings that `adaptive train` takes."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
import typer
from typer.testing import CliRunner, Result

from adaptive.cli.train import refresh, train
from adaptive.cli.tune import tune
from adaptive.datasets import ColumnMap, column_folds, parse_map, read_attempts
from adaptive.errors import AdaptiveError
from adaptive.models import load_model, registry


@pytest.fixture(autouse=True)
def small(small_model_script: Path, monkeypatch: pytest.MonkeyPatch) -> type:
    """The small model, known under its name for the test."""
    spec = importlib.util.spec_from_file_location("small_model", small_model_script)
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(registry, "MODELS", module.MODELS_WITH_SMALL)
    return module.SmallModel


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


def run(command: object, *arguments: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich")
    app.command()(command)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


def test_what_a_search_finds_is_what_train_takes(attempts: Path, store: str, tmp_path: Path) -> None:
    search = [attempts, "--model", "small", "--trials", 3, "--tracking", store, "--out", tmp_path / "search"]
    found = run(tune, *search)
    assert found.exit_code == 0, found.exception
    assert found.stderr.count("trial 3: log loss 0.") == 1
    assert f"--settings {tmp_path}/search/best_settings.json" in found.stdout
    best = json.loads((tmp_path / "search" / "best_settings.json").read_text())["settings"]
    options = ["--model", "small", "--tracking", store, "--checkpoints", tmp_path / "kept", "--out", tmp_path / "model"]
    trained = run(train, attempts, *options, "--settings", tmp_path / "search" / "best_settings.json", "--set", "n_epochs=2")
    assert trained.exit_code == 0, trained.exception
    assert load_model(tmp_path / "model")[0].settings == best | {"n_epochs": 2}
    assert "steps, epoch 2 of at most 2: log loss 0." in trained.stderr
    assert ", at most 0 s left" in trained.stderr
    refreshed = run(refresh, attempts, "--from", tmp_path / "model", "--tracking", store, "--out", tmp_path / "newer")
    assert refreshed.exit_code == 0, refreshed.exception
    assert "The model as it was" in refreshed.stdout
    assert load_model(tmp_path / "newer")[1].version != load_model(tmp_path / "model")[1].version


def test_the_test_fold_never_reaches_the_search(attempts: Path, store: str, tmp_path: Path) -> None:
    """The search is of the same attempts, by their hash, as the training side of the fold."""
    options = ["--model", "small", "--trials", 1, "--tracking", store, "--out", tmp_path / "search"]
    done = run(tune, attempts, *options, "--fold-column", "split", "--test-fold", 2)
    assert done.exit_code == 0, done.exception
    table, _ = read_attempts(attempts, parse_map("fold=split", ColumnMap()))
    training = column_folds(table, test_value="2")[0].train
    assert 0 < len(training) < len(table)
    assert json.loads((tmp_path / "search" / "best_settings.json").read_text())["data_sha256"] == training.data_sha256


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "oracle"], "Unknown model 'oracle'"),
        (["--model", "baseline"], "which has none"),
        (["--model", "small", "--set", "depth=3"], "Unknown setting of small 'depth'. Known: learning_rate (a number"),
        (["--model", "small", "--set", "n_epochs=2.5"], "whole number"),
    ],
)
@pytest.mark.parametrize("command", [tune, train])
def test_bad_settings_are_refused_before_the_file_is_read(
    attempts: Path, store: str, tmp_path: Path, command: object, options: list[str], message: str
) -> None:
    given = options if command is tune or "--set" in options else [*options, "--set", "depth=3"]
    done = run(command, attempts, *given, "--tracking", store, "--out", tmp_path / "out")
    assert isinstance(done.exception, AdaptiveError)
    assert message in str(done.exception)
    assert "reading" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_test_fold_without_its_column_is_wrong_usage(attempts: Path, store: str, tmp_path: Path) -> None:
    assert run(tune, attempts, "--model", "small", "--test-fold", 1, "--tracking", store, "--out", tmp_path / "out").exit_code == 2
    assert run(tune, attempts, "--model", "small", "--folds", 6, "--tracking", store, "--out", tmp_path / "out").exit_code == 2


def test_resuming_nothing_says_so(attempts: Path, store: str, tmp_path: Path) -> None:
    done = run(train, attempts, "--model", "small", "--tracking", store, "--checkpoints", tmp_path / "kept", "--resume")
    assert isinstance(done.exception, AdaptiveError)
    assert "leave --resume out to begin anew" in str(done.exception)


def test_a_model_that_cannot_be_refreshed_is_refused_before_the_file_is_read(attempts: Path, store: str, tmp_path: Path) -> None:
    assert run(train, attempts, "--model", "baseline", "--tracking", store, "--out", tmp_path / "model").exit_code == 0
    done = run(refresh, attempts, "--from", tmp_path / "model", "--tracking", store)
    assert "fit it anew: adaptive train FILE --model baseline" in str(done.exception)
    assert "reading" not in done.stderr
