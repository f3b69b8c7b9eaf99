"""Training end to end, with real models in a real SQLite store; and what an interruption leaves."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.figure
import numpy as np
import pytest
from mlflow import MlflowClient

from adaptive.catalog import Catalog, read_catalog
from adaptive.datasets import AttemptTable, catalog_from_attempts, learner_folds
from adaptive.domain import Attempt, Item, Skill
from adaptive.errors import InvalidInput, StorageUnavailable, UnknownName
from adaptive.evaluation.crossvalidation import evaluate_fold
from adaptive.models import build_model, forecast, load_model
from adaptive.training.models import resolve_model
from adaptive.training.run import TrainedModel, TrainingRequest, train

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODELS = ["baseline", "logistic", "bkt"]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture(scope="module", params=MODELS)
def trained(request: pytest.FixtureRequest, table: AttemptTable, uri: str) -> TrainedModel:
    return train(table, TrainingRequest(request.param, at=AT, register=request.param, tracking=uri, seed=4))


def test_the_champion_serves_what_was_fitted_on_all_attempts(trained: TrainedModel, table: AttemptTable) -> None:
    served, manifest = load_model(resolve_model(f"models:/{trained.model.name}@champion", tracking=trained.tracking_uri))
    fitted = build_model(trained.model.name).fit(table, seed=4)
    for _, history in table.histories():
        assert np.array_equal(forecast(served, history), forecast(fitted, history))
    assert (manifest.created, manifest.data_sha256) == (AT, table.data_sha256)


def test_metrics_are_those_of_learners_held_out(trained: TrainedModel, table: AttemptTable) -> None:
    held_out = evaluate_fold(build_model(trained.model.name), learner_folds(table, 5, seed=4)[0], seed=4).metrics.summary
    _, manifest = load_model(resolve_model(f"models:/{trained.model.name}@champion", tracking=trained.tracking_uri))
    assert trained.evaluation.folds[0].metrics.summary == held_out
    assert manifest.metrics["auc"] == held_out.auc
    assert manifest.metrics["auc_low"] == held_out.auc_interval.low


def test_the_run_says_what_it_was_made_of(trained: TrainedModel, table: AttemptTable) -> None:
    client = MlflowClient(trained.tracking_uri)
    run = client.get_run(trained.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["model"] == trained.model.name
    assert run.data.params["seed"] == "4"
    assert run.data.params["data_sha256"] == table.data_sha256
    assert run.data.params["catalog_version"] == catalog_from_attempts(table).version
    assert run.data.metrics["log_loss"] == trained.evaluation.folds[0].metrics.summary.log_loss
    assert {"python", "numpy", "platform"} <= set(run.data.tags)
    names = {artifact.path for artifact in client.list_artifacts(trained.run_id, "evaluation")}
    assert names == {f"evaluation/{name}" for name in ("auc_by_attempt.png", "metrics.json", "predictions.csv", "reliability.png")}


def test_a_model_folder_holds_its_catalogue_and_nothing_that_unpickles(trained: TrainedModel, table: AttemptTable) -> None:
    folder = resolve_model(f"models:/{trained.model.name}@champion", tracking=trained.tracking_uri)
    assert read_catalog(folder / "catalog") == catalog_from_attempts(table)
    assert json.loads((folder / "manifest.json").read_text())["catalog_version"] == catalog_from_attempts(table).version
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} <= {".json", ".npz", ".csv"}
    with zipfile.ZipFile(folder / "arrays.npz") as arrays:
        for name in arrays.namelist():
            assert np.load(arrays.open(name), allow_pickle=False) is not None


def test_training_again_moves_the_champion_and_names_the_one_before(table: AttemptTable, uri: str) -> None:
    first, second = (train(table, TrainingRequest("baseline", at=AT, register="twice", tracking=uri)).registered for _ in range(2))
    assert (first.version, first.replaced, second.version, second.replaced) == ("1", None, "2", "1")


def test_without_a_name_the_run_is_kept_and_nothing_registered(table: AttemptTable, uri: str, tmp_path: Path) -> None:
    before = names_registered(uri)
    trained = train(table, TrainingRequest("baseline", at=AT, out=tmp_path / "model", tracking=uri))
    assert trained.registered is None
    assert names_registered(uri) == before
    assert load_model(resolve_model(str(tmp_path / "model")))[1].name == "baseline"


def test_a_given_catalogue_reaches_the_model_and_its_folder(table: AttemptTable, uri: str, tmp_path: Path) -> None:
    derived = catalog_from_attempts(table)
    catalog = Catalog("school", "logit", (*derived.skills, Skill("new")), (*derived.items, Item("new item", ("new",), difficulty=4.0)))
    trained = train(table, TrainingRequest("baseline", at=AT, out=tmp_path / "model", tracking=uri), catalog=catalog)
    assert read_catalog(tmp_path / "model" / "catalog") == catalog
    items = catalog.item_columns
    p_new = trained.model.predict(trained.model.initial_state(), items, None).p_correct[items.item_ids.index("new item")]
    assert p_new < 0.2  # 4 logits above the population; without the catalogue it would be near the mean of all, .5


def names_registered(uri: str) -> set[str]:
    return {model.name for model in MlflowClient(uri).search_registered_models()}


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (build_model("baseline").__class__, "fit"),
        (np, "savez_compressed"),
        (matplotlib.figure.Figure, "savefig"),
        (MlflowClient, "log_batch"),
        (MlflowClient, "log_artifacts"),
        (MlflowClient, "create_registered_model"),
        (MlflowClient, "create_model_version"),
        (MlflowClient, "set_registered_model_alias"),
    ],
)
def test_an_interruption_leaves_no_half_written_model_and_no_version(
    owner: object, name: str, table: AttemptTable, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the fit, while saving, drawing, logging and registering: the folder is absent or loads, the registry as before."""
    registered, out = names_registered(uri), tmp_path / "model"
    monkeypatch.setattr(owner, name, interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(table, TrainingRequest("baseline", at=AT, register="never", out=out, tracking=uri))
    monkeypatch.undo()
    assert names_registered(uri) == registered
    assert list(tmp_path.iterdir()) in ([], [out])
    if out.exists():
        assert load_model(out)[1].name == "baseline"
        assert read_catalog(out / "catalog").items
    assert MlflowClient(uri).search_runs([experiment_id(uri)], order_by=["start_time DESC"])[0].info.status == "KILLED"


def experiment_id(uri: str) -> str:
    return MlflowClient(uri).get_experiment_by_name("adaptive").experiment_id


def test_bad_requests_are_refused_before_anything_is_written(table: AttemptTable, tmp_path: Path) -> None:
    uri, taken = f"sqlite:///{tmp_path}/mlflow.db", tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    one = table.select_learners(table.learner_ids[:1])
    for expected, message, given, request in (
        (InvalidInput, "there must be two. Got '1'", one, TrainingRequest("baseline", at=AT, tracking=uri)),
        (InvalidInput, "there must be two. Got '0'", AttemptTable.from_attempts([]), TrainingRequest("baseline", at=AT, tracking=uri)),
        (UnknownName, "Known: baseline", table, TrainingRequest("oracle", at=AT, tracking=uri)),
        (InvalidInput, "name another folder", table, TrainingRequest("baseline", at=AT, out=taken, tracking=uri)),
    ):
        with pytest.raises(expected, match=message.replace("(", r"\(")):
            train(given, request)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken"]
    assert (taken / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("given", [{"study": True, "correct": None}, {"hints_used": 1}, {"attempt_number": 2}], ids=str)
def test_attempts_without_any_evidence_are_refused_with_the_way_out(given: dict[str, object], tmp_path: Path) -> None:
    attempts = (Attempt(f"a{row}", f"l{row % 4}", "q", ("s",), **{"correct": 1.0, **given}) for row in range(12))
    with pytest.raises(InvalidInput, match=r"Got 'none of 12 attempts'; map the outcome, --map correct="):
        train(AttemptTable.from_attempts(attempts), TrainingRequest("baseline", at=AT, tracking=f"sqlite:///{tmp_path}/mlflow.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_opened_is_known_before_the_fit(table: AttemptTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_model("baseline").__class__, "fit", interrupt)
    with pytest.raises(StorageUnavailable):
        train(table, TrainingRequest("baseline", at=AT, tracking="sqlite:////proc/none/mlflow.db"))


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a@b"])
def test_a_name_that_no_registry_takes_is_refused_at_once(name: str) -> None:
    with pytest.raises(InvalidInput, match="choose another name"):
        TrainingRequest("baseline", at=AT, register=name)
