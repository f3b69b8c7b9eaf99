"""Names of models to folders."""

from pathlib import Path
from shutil import rmtree

import pytest

from adaptive.errors import ModelUnavailable
from adaptive.training.models import resolve_model
from adaptive.training.tracking import Tracker


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    uri = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"
    Tracker.open(uri)
    return uri


def test_a_folder_with_a_manifest_is_itself(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    assert resolve_model(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["", "no/such/folder"])
def test_a_folder_without_a_manifest_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"folder with a manifest.json"):
        resolve_model(str(tmp_path / name))


@pytest.mark.parametrize("uri", ["models:/m", "models:/m/latest", "models:/@champion", "models:m@champion", "models:/m@a/3"])
def test_a_malformed_name_is_told_the_two_forms(uri: str) -> None:
    with pytest.raises(ModelUnavailable, match="models:/NAME@champion or models:/NAME/3"):
        resolve_model(uri)


def test_asking_for_a_model_does_not_create_a_store(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="does not exist; train and register"):
        resolve_model("models:/m@champion", tracking=f"sqlite:///{tmp_path}/mlflow.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("uri", ["models:/m@champion", "models:/m/3"])
def test_a_model_that_was_never_registered_is_named_with_the_way_out(uri: str, store: str) -> None:
    with pytest.raises(ModelUnavailable, match="adaptive train FILE --model MODEL --register m"):
        resolve_model(uri, tracking=store)


def test_a_registered_model_whose_files_are_gone_is_unavailable(store: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    tracker = Tracker.open(store)
    with tracker.run("gone") as run:
        run.log_model(tmp_path)
    tracker.register("gone", run)
    rmtree(resolve_model("models:/gone@champion", tracking=store))
    with pytest.raises(ModelUnavailable, match="gone, champion"):
        resolve_model("models:/gone@champion", tracking=store)
