"""`adaptive simulate` from the command line to the matrix, with families of one's own."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from adaptive.cli.simulate import simulate
from adaptive.errors import AdaptiveError
from adaptive.evaluation.laboratory.reporting import WRITTEN

WORLDS = Path(__file__).parent.parent / "evaluation" / "laboratory" / "worlds.py"
SIZE = ("--learners", 10, "--seeds", 2, "--items", 25)


def run(*arguments: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich")
    app.command()(simulate)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


def test_families_of_ones_own_give_a_matrix_and_a_second_call_goes_on(tmp_path: Path) -> None:
    families = ("--family", f"{WORLDS}:Growing", "--family", f"{WORLDS}:Knowing")
    done = run(*families, "--policy", "zpdes", "--policy", "ceiling", "--policy", "curriculum:in_a_row=2", *SIZE, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert all((tmp_path / name).is_file() for name in WRITTEN)
    first = json.loads((tmp_path / "matrix.json").read_text())
    assert set(first["cells"]) == {"random", "ceiling", "zpdes", "curriculum:in_a_row=2", "oracle"}
    assert (first["families"], first["seeds"], first["learners"]) == (["growing", "knowing"], [1000, 1001], 10)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").rglob("*.json")}
    done = run(*families, "--policy", "zpdes", "--policy", "curriculum", *SIZE, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert all(path.stat().st_mtime_ns == at for path, at in written.items())
    second = json.loads((tmp_path / "matrix.json").read_text())
    assert second["cells"]["zpdes"] == first["cells"]["zpdes"]
    assert second["peers"] == ["zpdes", "curriculum"]  # in the order asked for


def test_what_cannot_run_is_refused_by_name_before_anything_does(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for arguments, words in (
        (("--family", "bkd"), ("bkd", "bkt")),
        (("--family", f"{WORLDS}:Growth"), ("Growth", "Growing")),
        (("--family", f"{WORLDS}:Growing", "--policy", "best"), ("best", "zpdes")),
    ):
        done = run(*arguments, *SIZE, "--out", out)
        assert isinstance(done.exception, AdaptiveError), done.output
        assert all(word in str(done.exception) for word in words)
    assert not out.exists()
    assert run("--family", f"{WORLDS}:Growing", "--learners", 2, "--out", out).exit_code == 2


def test_the_matrix_tells_the_share_of_wrong_edges_and_what_a_family_was_fitted_to(tmp_path: Path) -> None:
    for wrong, share in (((), 0.0), (("--wrong-edges", 0.5), 0.5)):
        done = run("--family", f"{WORLDS}:Growing", "--policy", "curriculum", *wrong, *SIZE, "--out", tmp_path)
        assert done.exit_code == 0, done.output
        matrix = json.loads((tmp_path / "matrix.json").read_text())
        assert (matrix["wrong_edges"], matrix["cells"]["oracle"]["growing"]["closed_gap"]) == (share, 1.0)
    done = run("--family", "deep", "--policy", "curriculum", *SIZE, "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "matrix.json").read_text())["trained_on"]["deep"]
