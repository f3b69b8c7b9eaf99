"""Run by run.py, a process a fold, so that peak memory is this run's alone: fit, judge and price one model on one fold.

python one_fold.py REQUEST.json   (sets, folder, job, out)
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from data_sets import curve_fold, data_sets_of
from jobs import Job
from results import Run, write_run

from adaptive.datasets import Fold
from adaptive.evaluation import fit_timed, judge_fold, serving_cost
from adaptive.models import build_model


def main(request: dict[str, str], job: Job) -> None:
    data_set = data_sets_of(Path(request["sets"]), Path(request["folder"]))[job.data_set]
    (fold,) = (each for each in data_set.read() if each.name == job.fold)
    out = Path(request["out"])
    run = judged(fold if job.n_learners is None else curve_fold(fold, job.n_learners), job, job.key(request["data_sha256"]))
    write_run(run, job.path(out))


def judged(fold: Fold, job: Job, key: dict[str, object]) -> Run:
    fitted, seconds = fit_timed(build_model(job.model), fold, seed=job.seed)
    result = judge_fold(fitted, fold, fit_seconds=seconds, seed=job.seed)  # which reads the peak before serving is priced
    loss = fitted.training_log_loss
    return Run(key, result, serving_cost(fitted, fold.test), None if math.isnan(loss) else loss)


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    main(asked, Job(**asked.pop("job")))
