"""Is the AUC of every model .50 when the labels are shuffled? Anything else is a leak.

python experiments/shuffled_labels/run.py
"""

from __future__ import annotations

import os
from pathlib import Path

from adaptive.datasets import column_folds, parse_map, read_attempts
from adaptive.evaluation import evaluate_fold, shuffle_labels
from adaptive.models import MODELS, build_model

DATA = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data"))
FILE = DATA / "attempts" / "assist2009_akt5_question.csv.xz"
TOLERANCE = 0.01


def main() -> int:
    """The number of models outside .50 +- .01 on fold 1 of ASSISTments 2009."""
    if not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    table, _ = read_attempts(FILE, parse_map("learner_id=user,item_id=item,skill_ids=skills"))
    (fold,) = column_folds(shuffle_labels(table, seed=0), "fold", "1")
    outside = 0
    for name in MODELS:
        summary = evaluate_fold(build_model(name), fold).metrics.summary
        assert summary.auc is not None
        outside += abs(summary.auc - 0.5) > TOLERANCE
        interval = summary.auc_interval
        print(f"{name:10} AUC {summary.auc:.4f} ({interval.low:.4f}-{interval.high:.4f})" if interval else name, flush=True)
    return outside


if __name__ == "__main__":
    raise SystemExit(main())
