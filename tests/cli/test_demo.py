"""The demo runs from nothing to a plan, and never touches a folder that is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from adaptive.cli.demo import demo
from adaptive.cli.main import app
from adaptive.errors import InvalidInput
from adaptive.models import load_model
from adaptive.storage import Store


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "[made] here"  # a space, and what looks like markup
    result = CliRunner().invoke(app, ["demo", "--folder", str(folder), "--learners", "12"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_the_whole_path_is_told(ran: tuple[Path, str]) -> None:
    folder, told = ran
    for part in ("1  A generated class", "log loss", "P(mastered)", "placed, then planned", "make serve", "mlflow ui", folder.name):
        assert part in told


def test_what_it_leaves_can_be_served(ran: tuple[Path, str]) -> None:
    folder, _ = ran
    _, manifest = load_model(folder / "model")
    store = Store.open(f"sqlite:///{folder / 'adaptive.db'}")
    with store.unit("default", write=False) as unit:
        assert unit.n_attempts("ann") == 10
        assert {decision.model_version for decision in unit.decisions("ann")} == {manifest.version}
        assert unit.plan("demo-plan").steps
    store.close()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("irreplaceable")
    with pytest.raises(InvalidInput, match="name another folder"):
        demo(folder=tmp_path, learners=12, seed=0)
    assert (tmp_path / "thesis.txt").read_text() == "irreplaceable"
