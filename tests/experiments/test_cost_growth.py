"""The experiment on growing costs, in its small form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_cell_is_a_line_and_cells_that_are_there_are_not_measured_again(tmp_path: Path) -> None:
    program = ROOT / "experiments" / "cost_growth" / "run.py"
    command = [sys.executable, program, "--models", "baseline", "--attempts", "500,1000", "--skills", "5", "--out", tmp_path]
    first, second = (subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    lines = [line for line in first.stdout.splitlines() if line.startswith("| baseline")]
    assert [line.split(" | ")[1:3] for line in lines] == [["5", "500"], ["5", "1,000"]]
    assert "the fit of 1,000 after 500 attempts takes" in first.stdout
    assert "done" in first.stdout
    assert "done" not in second.stdout
    assert lines == [line for line in second.stdout.splitlines() if line.startswith("| baseline")]
    assert (tmp_path / "cost_growth.png").stat().st_size > 1000
