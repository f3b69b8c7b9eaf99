"""The laboratory's programs on a small folder of `adaptive simulate`: what wrong edges cost, and the bars."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adaptive.evaluation.laboratory.cells import Size
from adaptive.evaluation.laboratory.entrants import DEFAULT_POLICY, entrants_of
from adaptive.evaluation.laboratory.matrix import Matrix
from adaptive.evaluation.laboratory.reporting import write_matrix
from adaptive.evaluation.laboratory.run import Run, run

ROOT = Path(__file__).resolve().parents[2]
WORLDS = ROOT / "tests" / "evaluation" / "laboratory" / "worlds.py"
SEEDS = (1000, 1001)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small family, the default policy with right and with wrong edges, two peers and the ceiling."""
    out = tmp_path_factory.mktemp("finished")
    names = tuple(entrant.name for entrant in entrants_of((DEFAULT_POLICY, "ceiling", "curriculum", "zpdes")))
    wanted = Run((f"{WORLDS}:Growing",), names, SEEDS, out, Size(10, 25, 5))
    run(Run(wanted.families, (DEFAULT_POLICY,), SEEDS, out, wanted.size, 0.15))
    write_matrix(Matrix(run(wanted)), out, about={"seeds": SEEDS, "learners": 10, "items": 25, "wrong_edges": 0.0, "trained_on": {}})
    return out


def printed(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "experiments" / "laboratory" / program), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_wrong_edges_cost_the_gap_closed_without_less_that_with_them(finished: Path) -> None:
    done = printed("wrong_edges.py", finished)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| `")]
    assert [row[:2] for row in rows] == [[f"| `{DEFAULT_POLICY}`", "growing"]]
    for row in rows:
        right, wrong, cost = (float(cell.split(" [")[0]) for cell in row[2:5])
        assert cost == pytest.approx(right - wrong, abs=0.011)  # of values to two digits
    assert printed("wrong_edges.py", finished, "--share", 0.3).returncode == 1


def test_the_report_holds_each_bar_of_the_page_against_what_was_measured(finished: Path) -> None:
    done = printed("report.py", finished)
    assert done.returncode == 0, done.stderr
    assert (finished / "report.md").read_text() == done.stdout
    assert "Development seeds 1000 to 1001" in done.stdout
    bars, measures = (
        {tuple(line.split(" | ")[:2]): line for line in table.splitlines() if line.startswith("| ")}
        for table in done.stdout.split("\n\n")[1:]
    )
    cells = json.loads((finished / "matrix.json").read_text())["cells"]
    ours, ceiling = cells[DEFAULT_POLICY]["growing"], cells["ceiling"]["growing"]
    of_cell = measures["| closed gap", "growing"]
    assert f" | >= {min(0.8, 0.95 * ceiling['closed_gap']):.3g} | " in of_cell
    assert ours["closed_gap"] == pytest.approx(float(of_cell.split(" | ")[3].split(" [")[0]), abs=0.0051)
    assert ("| **missed** |" in of_cell) == (ours["closed_gap"] < min(0.8, 0.95 * ceiling["closed_gap"]))
    wasted = ours["over_practice"] - cells["oracle"]["growing"]["over_practice"]
    assert float(measures["| over-practice less the oracle's", "growing"].split(" | ")[3].split(" [")[0]) == pytest.approx(
        wasted, abs=0.0051
    )
    named = {measure.removeprefix("| ") for measure, _ in bars}
    assert named >= {"smallest cell", "mean of cells", "closed gap less that of a peer", "retention gap, 14 days later"}
    assert named >= {"cost of 15% wrong prerequisites", "zone hit rate", "Z against truth, AUC", "coverage of 90 % intervals of m"}
    assert {of.split("`")[1] for measure, of in measures if "of a peer" in measure} == {"curriculum", "zpdes"}
    assert "Z against truth, AUC, elsewhere | growing | told" in printed("report.py", finished, "--fitted", "none").stdout


def test_the_search_keeps_what_is_best_on_other_seeds_too_and_goes_on_from_finished_cells(tmp_path: Path) -> None:
    command = ("tune_peers.py", "--small", "--peer", "curriculum", "--out", tmp_path)
    first, second = printed(*command), printed(*command)
    assert first.returncode == 0, first.stderr
    assert second.stdout == first.stdout
    rows = [line.split(" | ") for line in first.stdout.splitlines() if line.startswith("| in_a_row=")]
    assert [row[0] for row in rows] == [f"| in_a_row={n}" for n in (1, 2, 3, 4, 5, 6, 8, 10)]
    (best,) = (row for row in rows if "best" in row[-1])
    assert float(best[3]) >= max(float(row[3]) for row in rows) - 0.0211  # a tie, and three digits
    assert first.stdout.splitlines()[-1] in {"kept: curriculum:in_a_row=3", f"kept: curriculum:{best[0][2:]}"}
