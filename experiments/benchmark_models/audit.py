"""kt-audit over the splits and the kept predictions: overlap of train and test, alignment, degenerate predictions, a cheap tree.

    python experiments/benchmark_models/audit.py --peers DIR [--models a,b] [--sets a,b] [--folds 1] [--out out/benchmark_models]

Each finding is printed; exit code 1 where one is an error. kt-audit's tree takes at most 200,000 rows, so on larger folds the last training
learners are left out of what it sees, never a test row.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from data_sets import data_sets_of
from jobs import Job
from peers import PEERS, environment_python
from results import Run, read_run
from run import DATA, HERE

from adaptive.datasets import AttemptTable, Fold
from adaptive.models import MODELS

MOST_ROWS = 200_000
"""kt_audit.checks.baseline.MAX_ROWS of version 0.2.0."""


def main() -> int:
    options = _options()
    python = environment_python("torch", options.peers)
    failed = 0
    for name, data_set in data_sets_of(options.sets_file, options.data, options.sets).items():
        if data_set.missing:
            continue
        for fold in data_set.read():
            for model in options.models or [*MODELS, *PEERS]:
                path = Job(name, model, fold.name).path(options.out)
                if path.exists() and (not options.folds or fold.name in options.folds):
                    failed += audited(python, fold, read_run(path), f"{name} / {model} / fold {fold.name}")
    return int(failed > 0)


def audited(python: Path, fold: Fold, run: Run, title: str) -> bool:
    """Print the findings; whether one is an error."""
    auc = run.result.metrics.summary.auc
    reports = [
        kt_audit(python, predictions_of(fold, run), auc, "--no-temporal", "--no-multikc", "--no-baseline"),
        kt_audit(python, split_of(fold), auc, "--no-alignment", "--no-degenerate"),
    ]
    trees = "; ".join(f"{each['baseline_auc']:.4f}" for each in reports[1]["baselines"].values())
    print(f"{title}: AUC {auc or 0:.4f}, kt-audit's tree of depth 4 {trees or 'not fitted'}", flush=True)
    findings = [finding for report in reports for finding in report["findings"]]
    for finding in findings:
        print(f"    {finding['severity']}: {finding['check']}: {finding['message']} ({finding['count']})", flush=True)
    return any(finding["severity"] == "error" for finding in findings)


def kt_audit(python: Path, events: pl.DataFrame, auc: float | None, *flags: str) -> dict[str, Any]:  # Any: JSON
    """Its report on these events, with the AUC that we report."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        events.write_csv(folder / "events.csv")
        (folder / "config.json").write_text(json.dumps({"reported_auc": auc, "auc_tolerance": 1e-6}))
        command = [python, "-m", "kt_audit", "run", folder / "events.csv", "--config", folder / "config.json", "--out", folder / "report"]
        done = subprocess.run([*command, *flags], capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
        if not (folder / "report" / "report.json").exists():
            raise SystemExit(f"kt-audit could not read the events: {done.stderr[-1000:]}")
        return json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))


def predictions_of(fold: Fold, run: Run) -> pl.DataFrame:
    """The test attempts with their forecasts: every one is to be there once, and to give the AUC that we report."""
    predicted = pl.DataFrame({"row": run.result.predictions.row, "y_pred": run.result.predictions.p_correct})
    return _events(fold.test, "test").join(predicted, on="row", how="left", maintain_order="left").with_row_index("timestamp").drop("row")


def split_of(fold: Fold) -> pl.DataFrame:
    """The attempts of both sides; time is the place in the table, training first."""
    test = _events(fold.test, "test")
    train = _events(fold.train, "train").head(MOST_ROWS - test.height)
    return pl.concat([train, test]).with_row_index("timestamp").drop("row")


def _events(table: AttemptTable, split: str) -> pl.DataFrame:
    """Scored attempts under kt-audit's names; it takes bare numbers for no skills, so they get a letter."""
    scored = table.select(table.codes().evidence).frame
    return scored.select(
        "row",
        user_id="learner_id",
        item_id="item_id",
        split=pl.lit(split),
        kc_ids=pl.col("skill_ids").list.eval(pl.format("k{}", pl.element())).list.join("|").replace("", "none"),
        y_true=pl.col("correct").round().cast(pl.Int8),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = {"type": lambda text: text.split(","), "default": []}
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' environments")
    parser.add_argument("--models", **names)
    parser.add_argument("--sets", **names)
    parser.add_argument("--folds", **names)
    parser.add_argument("--sets-file", type=Path, default=HERE / "sets.toml")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=Path("out/benchmark_models"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
