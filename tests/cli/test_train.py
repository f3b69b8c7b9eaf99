"""`adaptive train` from the command line to the registry."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from adaptive.catalog import write_catalog
from adaptive.cli.train import train
from adaptive.datasets import catalog_from_attempts, read_attempts
from adaptive.errors import AdaptiveError
from adaptive.models import load_model
from adaptive.training import resolve_model


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


def run(*arguments: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich")
    app.command()(train)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


def test_a_model_is_trained_registered_and_found_again(attempts: Path, store: str, tmp_path: Path) -> None:
    done = run(attempts, "--model", "logistic", "--register", "maths", "--tracking", store, "--out", tmp_path / "model")
    assert done.exit_code == 0
    assert "models:/maths@champion is version 1\n" in done.stdout
    assert "held out" in done.stdout
    registered, copied = resolve_model("models:/maths@champion", tracking=store), tmp_path / "model"
    assert load_model(registered)[1] == load_model(copied)[1]
    assert load_model(copied)[1].metrics["log_loss"] > 0
    again = run(attempts, "--model", "baseline", "--register", "maths", "--tracking", store)
    assert "models:/maths@champion is version 2, in place of version 1" in again.stdout


def test_a_catalogue_comes_along(attempts: Path, store: str, tmp_path: Path) -> None:
    table, _ = read_attempts(attempts)
    write_catalog(catalog_from_attempts(table), tmp_path / "catalog")
    done = run(attempts, "--model", "baseline", "--catalog", tmp_path / "catalog", "--tracking", store, "--out", tmp_path / "model")
    assert done.exit_code == 0
    assert json.loads((tmp_path / "model" / "catalog" / "catalog.json").read_text())["scale"] == "logit"
    assert "champion" not in done.stdout  # nothing was to be registered


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "oracle"], "Unknown model 'oracle'"),
        (["--model", "baseline", "--register", "a/b"], "choose another name"),
        (["--model", "baseline", "--catalog", "no/such/folder"], "no/such/folder"),
    ],
)
def test_bad_input_is_refused_before_the_file_is_read(attempts: Path, store: str, options: list[str], message: str) -> None:
    done = run(attempts, *options, "--tracking", store)
    assert isinstance(done.exception, AdaptiveError)
    assert message in str(done.exception)
    assert "reading" not in done.stderr


def test_an_output_below_a_file_is_refused_before_the_attempts_are_read(attempts: Path, store: str) -> None:
    done = run(attempts, "--model", "baseline", "--tracking", store, "--out", attempts / "model")
    assert isinstance(done.exception, AdaptiveError)
    assert "can be made and written to" in str(done.exception)
    assert "reading" not in done.stderr


def test_a_negative_seed_is_wrong_usage(attempts: Path, store: str) -> None:
    assert run(attempts, "--model", "baseline", "--tracking", store, "--seed", "-1").exit_code == 2


def test_a_file_of_one_learner_is_refused(store: str, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("learner_id,skill_ids,correct\nann,fractions,1\nann,fractions,0\n")
    done = run(path, "--model", "baseline", "--tracking", store)
    assert isinstance(done.exception, AdaptiveError)
    assert "Got '1'; bring more" in str(done.exception)


def test_model_list_and_help(attempts: Path) -> None:
    assert "logistic" in run("--model", "list").stdout
    assert "adaptive train attempts.csv --model logistic --register maths" in " ".join(run("--help").stdout.split())
