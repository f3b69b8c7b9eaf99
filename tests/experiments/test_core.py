"""The experiments on the core in their small forms: they run, and say what they are for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(experiment: str, *options: str) -> str:
    program = ROOT / "experiments" / experiment / "run.py"
    done = subprocess.run([sys.executable, program, "--small", *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n ").split("|")]


def test_a_part_that_is_left_out_has_its_differences_with_intervals() -> None:
    out = _run("core_ablations", "--parts", "item")
    lines = [_cells(line) for line in out.splitlines() if "(" in line and line.startswith("| ")]
    assert {cells[0] for cells in lines} == {"forgetting of items", "item memory", "item shrinkage", "item variance in forecasts"}
    for _, _, _, by_auc, by_loss in lines:
        for text in (by_auc, by_loss):
            difference, low, high = map(float, re.findall(r"[+-]\d\.\d+", text))
            assert low <= difference <= high, text


BY_TIME = (
    *("skill_forgetting", "skill_form_forgetting", "memory_forgetting", "form_forgetting"),
    *("recent_right", "recent_wrong", "recent_exposure", "spacing", "massing"),
)
"""Hyperparameters that read the clock; at 0 nothing does."""


def test_without_forgetting_times_change_nothing_and_sure_items_have_no_variance() -> None:
    sys.path.insert(0, str(ROOT / "experiments" / "core_ablations"))
    try:
        from parts import PARTS, Without  # noqa: PLC0415 - a module of the experiment, found through the path above
    finally:
        sys.path.pop(0)
    from adaptive.catalog import mathematics_catalog  # noqa: PLC0415
    from adaptive.datasets import generated_class  # noqa: PLC0415

    codes = generated_class(mathematics_catalog(), n_learners=6, n_sessions=2).table.codes()
    timeless = Without(dict.fromkeys(BY_TIME, 0.0)).fitted(codes, None)
    dropped = PARTS["forgetting (times dropped)"]
    assert timeless.table_logits(codes).mean.tolist() == timeless.table_logits(dropped.codes(codes)).mean.tolist()
    alike = PARTS["discrimination"].fitted(codes, None)
    assert not alike.fitted.bank.log_discrimination.any()
    sure = PARTS["item variance in forecasts"].fitted(codes, None)
    assert sure.fitted.bank.variance.max() == 0.0


def test_the_filter_is_closer_to_exact_inference_than_the_bar_in_static_worlds() -> None:
    """Four learners; at full size the mean distance is .012, a quarter of the bar."""
    lines = [_cells(line) for line in _run("core_adf", "--worlds", "static").splitlines() if line.startswith("| ")]
    static = {cells[0]: float(cells[2]) for cells in lines if cells[1] == "as shipped" and "static" in cells[0]}
    assert static["2 skills, static"] < 0.05
    assert static["4 skills, static"] < 0.05
    assert static["2 skills, static, pairs"] < 0.05  # .09 where the soft minimum of the means stands for its mean
    assert len(static) == 6


@pytest.mark.slow
def test_recovery_tells_agreement_and_coverage() -> None:
    out = _run("core_recovery")
    shares = [float(text) for text in re.findall(r"90 % interval of [a-z ]+: (\d\.\d+)", out)]
    assert len(shares) == 5
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert float(re.findall(r"attempts: r (\d\.\d+)", out)[0]) > 0.8


@pytest.mark.slow
def test_the_fast_fit_is_told_beside_nuts() -> None:
    out = _run("core_nuts")
    assert re.search(r"^\| ability_sd \|.*[+-]\d+\.\d+ \|$", out, re.MULTILINE)
    assert float(re.findall(r"difficulties: r (\d\.\d+)", out)[0]) > 0.8
