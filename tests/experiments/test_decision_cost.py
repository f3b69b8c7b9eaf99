"""The experiment on the cost of a decision, in its small form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_step_is_a_line_and_both_ways_find_an_item_of_the_highest_score() -> None:
    program = ROOT / "experiments" / "decision_cost" / "run.py"
    done = subprocess.run([sys.executable, program, "--smoke"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("numpy pass", "zone of kinds", "scoring", "decision, all items", "Engine.recommend"):
        assert sum(line.startswith(step + " ") for line in done.stdout.splitlines()) == 2
    assert done.stdout.count("in two stages as in one: 4 of 4 learners") == 2
