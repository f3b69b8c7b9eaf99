"""The benchmark harness in its small form: what it runs, what it keeps, what it writes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "experiments" / "benchmark_models" / "run.py"


def run(out: Path, *arguments: str) -> str:
    command = [sys.executable, PROGRAM, "--small", "--out", out, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models on the first fold, and a learning curve of one."""
    out = tmp_path_factory.mktemp("benchmark")
    printed = run(out, "--models", "baseline,bkt", "--folds", "0", "--curve", "4", "--curve-models", "baseline")
    assert "3 runs, 0 of them stand" in printed
    return out


def test_the_table_has_each_model_with_its_figures_and_targets(out: Path) -> None:
    with (out / "summary" / "results.csv").open() as file:
        rows = {(row["model"], row["n_learners"]): row for row in csv.DictReader(file)}
    assert set(rows) == {("baseline", ""), ("bkt", ""), ("baseline", "4")}
    bkt = rows["bkt", ""]
    assert float(bkt["auc_low"]) < float(bkt["auc"]) < float(bkt["auc_high"])
    assert min(float(bkt[name]) for name in ("fit_seconds", "update_us", "predict_10k_ms", "peak_mb", "state_bytes", "model_bytes")) > 0
    below = float(rows["baseline", ""]["log_loss"]) - float(bkt["log_loss"])
    assert below > 0
    assert f"log loss met (baseline is {below:.4f} above)" in bkt["targets"]
    assert "only 1 of 2 folds" in bkt["targets"]


def test_the_written_auc_is_that_of_the_kept_predictions(out: Path) -> None:
    import numpy as np  # noqa: PLC0415 - only this test reads arrays

    with np.load(out / "runs" / "generated" / "bkt" / "fold-0.npz") as stored:
        expected = roc_auc_score(stored["correct"], stored["p_correct"])
    found = {row["model"]: row for row in json.loads((out / "summary" / "results.json").read_text()) if row["n_learners"] is None}
    assert found["bkt"]["auc"] == pytest.approx(expected, abs=1e-12)


def test_only_aggregates_are_in_the_summary(out: Path) -> None:
    """60 attempts of 12 learners were scored: nothing in the summary has that many entries."""
    names = {path.name for path in (out / "summary").iterdir()}
    assert names == {
        "results.md",
        "results.csv",
        "results.json",
        "reliability_generated.png",
        "auc_against_cost_generated.png",
        "learning_curves_generated.png",
    }
    assert len((out / "summary" / "results.csv").read_text().splitlines()) == 4


def test_what_stands_is_not_run_again_until_its_code_changes(out: Path) -> None:
    (path,) = (out / "runs" / "generated" / "bkt").glob("*.json")
    document = json.loads(path.read_text())
    document["key"]["code_sha256"] = "of an earlier day"
    path.write_text(json.dumps(document))
    arguments = ("--models", "baseline,bkt", "--folds", "0")
    assert "2 runs, 2 of them stand" in run(out, *arguments, "--keep")
    printed = run(out, *arguments)
    assert "2 runs, 1 of them stand" in printed
    assert "[1/1] generated / bkt / fold 0" in printed
