"""Every model on every data set: one table, figures, and which targets are met.

    python experiments/benchmark_models/run.py                      all models, all sets that are present, all folds
    python experiments/benchmark_models/run.py --models bkt,stack --sets cloze
    python experiments/benchmark_models/run.py --peers DIR          also the peers, in their own environments under DIR
    python experiments/benchmark_models/run.py --curve 100,300,1000 --sets assist2009   also learning curves
    python experiments/benchmark_models/run.py --summary            only the table and the figures of what is there

A run can be stopped (Ctrl-C) and started again: results stand until the data or the model's code change. `--keep` also keeps those of
earlier code, `--again` none. Results lie in --out (default out/benchmark_models): runs/ has predictions and stays out of the repository,
summary/ has aggregates only. Exit code 1 where a run failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

from data_sets import DataSet, data_sets_of
from figures import plot_all
from jobs import Job
from peers import PEERS, run_peer
from results import read_run
from small import write_small
from summary import lines_of, write_tables

from adaptive.models import MODELS

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ADAPTIVE_DATA_DIR", HERE.parents[2] / "shared" / "data")) / "attempts"


def main() -> int:
    options = _options()
    if options.small:
        options.sets_file, options.data = write_small(options.out / "small")
    data_sets = {name: each for name, each in data_sets_of(options.sets_file, options.data, options.sets).items() if _present(each)}
    fold_names = {name: [fold.name for fold in each.read()] for name, each in data_sets.items()}
    jobs = planned(options, data_sets, fold_names)
    failed = 0 if options.summary else run_all(jobs, data_sets, options)
    lines = lines_of(options.out, data_sets, jobs, {name: len(names) for name, names in fold_names.items()})
    if not lines:
        print(f"no results in {options.out}")
        return 1
    print(write_tables(lines, data_sets, options.out / "summary"))
    figures = plot_all(lines, options.out / "summary")
    print(f"wrote results.md, results.csv, results.json and {len(figures)} figures to {options.out / 'summary'}; {failed} runs failed")
    return int(failed > 0)


def planned(options: argparse.Namespace, data_sets: Mapping[str, DataSet], fold_names: Mapping[str, Sequence[str]]) -> list[Job]:
    """The jobs, set by set, all models of a fold before the next fold: a stopped run has comparable folds."""
    jobs = []
    for name, data_set in data_sets.items():
        folds = [fold for fold in fold_names[name] if not options.folds or fold in options.folds]
        jobs += [Job(name, model, fold, seed=options.seed) for fold, model in product(folds, options.models)]
        jobs += [Job(name, peer, fold, seed=options.seed) for fold, peer in product(folds, options.peer) if PEERS[peer].suits(data_set)]
        if options.curve and not data_set.known_learners:
            jobs += [
                Job(name, model, folds[0], n, options.seed) for model, n in product(options.curve_models or options.models, options.curve)
            ]
    return jobs


def run_all(jobs: Sequence[Job], data_sets: Mapping[str, DataSet], options: argparse.Namespace) -> int:
    """The number of runs that failed; each is told and the others go on."""
    sha256 = {name: data_set.sha256() for name, data_set in data_sets.items()}
    waiting = [job for job in jobs if options.again or not job.standing(options.out, sha256[job.data_set], keep=options.keep)]
    print(f"{len(jobs)} runs, {len(jobs) - len(waiting)} of them stand", flush=True)
    failed = 0
    for place, job in enumerate(waiting, start=1):
        begun = time.perf_counter()
        try:
            error = _run(job, data_sets[job.data_set], sha256[job.data_set], options)
        except KeyboardInterrupt:
            print(f"stopped at {job}; the same command goes on from here")
            raise SystemExit(130) from None
        failed += error != ""
        told = error or _told(options.out, job)
        print(f"[{place}/{len(waiting)}] {job}: {told} ({time.perf_counter() - begun:.0f} s)", flush=True)
    return failed


def _run(job: Job, data_set: DataSet, sha256: str, options: argparse.Namespace) -> str:
    """Run the job in a process of its own; what went wrong in words, empty where nothing did."""
    limit = options.limit_minutes * 60
    if job.model in PEERS:
        return run_peer(job, data_set, sha256, options.out, options.peers, limit=options.peer_minutes * 60)
    request = {
        "sets": str(options.sets_file),
        "folder": str(options.data),
        "out": str(options.out),
        "data_sha256": sha256,
        "job": asdict(job),
    }
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "request.json"
        asked.write_text(json.dumps(request), encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, HERE / "one_fold.py", asked], stderr=subprocess.PIPE, text=True, check=False, timeout=limit
            )
        except subprocess.TimeoutExpired:
            return f"FAILED: not done after {options.limit_minutes:g} minutes (--limit-minutes)"
    return "" if done.returncode == 0 else "FAILED:\n" + done.stderr[-2000:]


def _told(out: Path, job: Job) -> str:
    metrics = read_run(job.path(out)).result.metrics
    auc, loss = (f"{value:.4f}" if value is not None else "undefined" for value in (metrics.summary.auc, metrics.summary.log_loss))
    return f"AUC {auc}, log loss {loss}, fit {metrics.cost.fit_seconds:.1f} s"


def _present(data_set: DataSet) -> bool:
    if data_set.missing:
        print(f"{data_set.name} is left out: {data_set.missing[0]} is absent (ADAPTIVE_DATA_DIR names the folder of real data)")
    return not data_set.missing


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = {"type": lambda text: [part for part in text.split(",") if part], "default": []}
    parser.add_argument("--models", **names, help=f"of {', '.join(MODELS)} (default: all; '-' for none)")
    parser.add_argument("--sets", **names, help="data sets by name (default: all of the file that are present)")
    parser.add_argument("--sets-file", type=Path, default=HERE / "sets.toml", help="describes the data sets")
    parser.add_argument("--data", type=Path, default=DATA, help="folder in which their files are sought")
    parser.add_argument("--folds", **names, help="only these folds of each set")
    parser.add_argument(
        "--curve", type=lambda text: [int(part) for part in text.split(",")], default=[], help="training learners of each point"
    )
    parser.add_argument("--curve-models", **names, help="models that learning curves are drawn of (default: --models)")
    parser.add_argument("--peers", type=Path, default=None, help="folder of the peers' environments, made there where they do not exist")
    parser.add_argument("--peer", **names, help=f"of {', '.join(PEERS)} (default with --peers: all)")
    parser.add_argument("--peer-minutes", type=float, default=5.0, help="a peer's run is ended after this long")
    parser.add_argument("--limit-minutes", type=float, default=60.0, help="a model's run is ended after this long")
    parser.add_argument("--out", type=Path, default=Path("out/benchmark_models"))
    parser.add_argument("--seed", type=int, default=0, help="of fits and intervals; folds have their own")
    parser.add_argument("--again", action="store_true", help="run what stands, too")
    parser.add_argument("--keep", action="store_true", help="let results of earlier code stand")
    parser.add_argument("--summary", action="store_true", help="run nothing: tables and figures of the results that are there")
    parser.add_argument("--small", action="store_true", help="two folds of a small generated class instead of the real data")
    options = parser.parse_args()
    options.models = [] if options.models == ["-"] else options.models or list(MODELS)
    options.peer = options.peer or (list(PEERS) if options.peers else [])
    for unknown in {*options.models, *options.curve_models} - set(MODELS) | set(options.peer) - set(PEERS):
        parser.error(f"unknown model {unknown!r}; known are {', '.join([*MODELS, *PEERS])}")
    if options.peer and not (options.peers or options.summary):
        parser.error("--peer needs --peers DIR, the folder of their environments")
    return options


if __name__ == "__main__":
    sys.exit(main())
