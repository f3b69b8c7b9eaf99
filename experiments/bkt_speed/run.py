"""How much faster than pyBKT is the BKT fit, on the same rows, at which likelihood?

python experiments/bkt_speed/run.py [--peers DIR] [--how serial] [--pyro]

DIR is the peers' virtual environment, made there from experiments/peers/requirements.txt unless it exists (default: a
temporary folder, thrown away afterwards).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from fit_pyro import by_skill, fit_pyro, log_likelihood

from adaptive.datasets import AttemptTable, column_folds, parse_map, read_attempts
from adaptive.models.bkt.em import Prior, fit_em
from adaptive.models.bkt.parameters import DAY_ZERO, BktParameters, BktSettings
from adaptive.models.bkt.sequences import Sequences, pack
from adaptive.models.columns import skill_entries

HERE = Path(__file__).resolve().parent
FILE = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data")) / "attempts" / "assist2009_akt5_question.csv.xz"
LIKE_PYBKT = BktSettings(shrinkage=0.0, guess_max=0.9999, slip_max=0.9999, n_iterations=500, tolerance=1e-7)
"""Maximum likelihood without bounds, as pyBKT fits it."""
TO_REACH = 20.0


def main() -> int:
    """1 where the fit is less than 20 times as fast as pyBKT's, or less likely."""
    options = _options()
    if not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    table = combinations_as_skills(training_rows())
    began, began_cpu = time.perf_counter(), time.process_time()
    skill_ids, sequences = packed(table)
    ours = fit_em(sequences, Prior(DAY_ZERO.take(np.zeros(len(skill_ids), dtype=np.int64)), 0.0), LIKE_PYBKT)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    likelihood = log_likelihood(sequences, ours)
    print(f"{len(skill_ids)} skills, {sequences.n_sequences} sequences, {len(sequences.entry)} attempts")
    print(f"ours             {seconds:8.2f} s, {cpu:8.2f} s of processor   log likelihood {likelihood:.5f} an attempt", flush=True)
    if options.pyro:
        for rounds in (100, 300):
            pyro_seconds, values = fit_pyro(sequences, len(skill_ids), rounds=rounds)
            print(f"Pyro, {rounds} steps  {pyro_seconds:8.2f} s   log likelihood {log_likelihood(sequences, values):.5f}", flush=True)

    peers = {how: fitted_by_pybkt(table, options.peers, how) for how in options.how}
    gains = []
    for how, found in peers.items():
        theirs = as_parameters(found["skills"], skill_ids)
        sound = ~np.isnan(by_skill(sequences, theirs))  # pyBKT divides by zero on some skills, and has no answer there
        n = np.bincount(sequences.skill, minlength=len(skill_ids))[sound].sum()
        our_share, their_share = (by_skill(sequences, values)[sound].sum() / n for values in (ours, theirs))
        gains.append(our_share - their_share)
        told = f"log likelihood {their_share:.5f}, ours {our_share:.5f}, on {sound.sum()} skills"
        print(f"pyBKT, {how:8}  {found['seconds']:8.2f} s, {found['cpu']:8.2f} s of processor   {told}", flush=True)
    ratio, cpu_ratio = (min(found[key] for found in peers.values()) / own for key, own in (("seconds", seconds), ("cpu", cpu)))
    print(f"ratio to the fastest: {ratio:.0f}x, of processor time {cpu_ratio:.0f}x (to reach: {TO_REACH:.0f}x)")
    print(f"log likelihood: {min(gains):+.5f} an attempt")
    return int(min(ratio, cpu_ratio) < TO_REACH or min(gains) < 0.0)


def training_rows() -> AttemptTable:
    """Folds 2 to 5 of ASSISTments 2009."""
    table, _ = read_attempts(FILE, parse_map("learner_id=user,item_id=item,skill_ids=skills"))
    (fold,) = column_folds(table, "fold", "1")
    return fold.train


def combinations_as_skills(table: AttemptTable) -> AttemptTable:
    """Each combination of skills becomes one skill, as pyBKT reads the set."""
    return AttemptTable.from_columns(table.frame.with_columns(skill_ids=pl.concat_list("k" + pl.col("skill_ids").list.join("_"))))


def packed(table: AttemptTable) -> tuple[tuple[str, ...], Sequences]:
    codes = table.codes()
    entries = skill_entries(codes)
    return entries.skill_ids, pack(codes, entries)


def fitted_by_pybkt(table: AttemptTable, peers: Path, how: str) -> dict[str, Any]:  # Any: JSON
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "attempts.csv", Path(folder) / "fitted.json"
        columns = {
            "user_id": pl.col("learner_id"),
            "skill_name": pl.col("skill_ids").list.first(),
            "correct": pl.col("correct").cast(pl.Int64),
        }
        table.frame.select(**columns).with_row_index("order_id").write_csv(source)
        subprocess.run([peers / "bin" / "python", HERE / "fit_pybkt.py", source, target, how], check=True)
        return json.loads(target.read_text(encoding="utf-8"))


def as_parameters(fitted: dict[str, dict[str, float]], skill_ids: tuple[str, ...]) -> BktParameters:
    """pyBKT's values in the package's order; its skills are those of the rows, without forgetting."""
    columns = [np.clip([fitted[id_][name] for id_ in skill_ids], 1e-9, 1 - 1e-9) for name in ("prior", "learns", "guesses", "slips")]
    return BktParameters(*columns, np.zeros(len(skill_ids)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, default=None, help="virtual environment with experiments/peers/requirements.txt")
    parser.add_argument(
        "--how", nargs="+", choices=["parallel", "serial"], default=["parallel", "serial"], help="pyBKT's pool, one process, or both"
    )
    parser.add_argument("--pyro", action="store_true", help="also climb the likelihood by gradients")
    options = parser.parse_args()
    options.peers = options.peers or Path(tempfile.mkdtemp(prefix="peers-"))
    if not (options.peers / "bin" / "python").exists():
        venv.create(options.peers, with_pip=True)
        requirements = HERE.parent / "peers" / "requirements.txt"
        subprocess.run([options.peers / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
