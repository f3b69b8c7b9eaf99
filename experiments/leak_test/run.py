"""Does collapsing rows that repeat an answer once per skill take away the false part of the AUC?

python experiments/leak_test/run.py
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from adaptive.datasets import format_named, learner_folds, read_attempts
from adaptive.evaluation import evaluate, mean_of_folds
from adaptive.models import build_model

DATA = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data"))
FILE = DATA / "attempts" / "assist2009_expanded_rows" / "assist2009_pid_test1.csv"
N_FOLDS, SEED = 5, 0


def main() -> int:
    """0 where the figures could be made."""
    if not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    published = format_named("akt").column_map
    for label, column_map in (("rows as published", replace(published, collapse_repeated_rows=False)), ("attempts", published)):
        table, report = read_attempts(FILE, column_map)
        folds = learner_folds(table, N_FOLDS, SEED)
        evaluation = evaluate(partial(build_model, "logistic"), folds, data_sha256=table.data_sha256, seed=SEED)
        summary, _ = mean_of_folds([fold.metrics for fold in evaluation.folds])
        aucs = ", ".join(f"{fold.metrics.summary.auc:.4f}" for fold in evaluation.folds)
        print(f"{label:18} {report.n_rows:,} rows -> {len(table):,} scored; logistic AUC {summary.auc:.4f} (folds {aucs})", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
