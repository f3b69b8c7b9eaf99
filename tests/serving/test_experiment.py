"""The experiment that serves what was evaluated, in its small form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_served_forecasts_equal_evaluated_ones() -> None:
    program = ROOT / "experiments" / "served_equals_evaluated" / "run.py"
    done = subprocess.run(
        [sys.executable, program, "--small", "--learners", "1", "--models", "bkt"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "final states equal: True" in done.stdout
