"""Is the BKT fit at least as likely as pyBKT's, skill by skill, under the same constraints and from the same starts?

python experiments/bkt_parity/run.py [--peers DIR] [--starts N] [--all]

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
import venv
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adaptive.datasets import AttemptTable, column_folds, parse_map, read_attempts
from adaptive.models.bkt.em import Prior, expect, fit_em
from adaptive.models.bkt.parameters import DAY_ZERO, BktParameters, BktSettings
from adaptive.models.bkt.sequences import Sequences, pack
from adaptive.models.columns import skill_entries
from adaptive.protocols import Floats

HERE = Path(__file__).resolve().parent
FILE = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data")) / "attempts" / "assist2009_akt5_question.csv.xz"
ALLOWED = 1e-4
"""Nats an attempt by which a skill may fall below pyBKT's."""
N_LARGEST, N_MIDDLE, N_SMALLEST, LEAST_ATTEMPTS = 2, 6, 14, 30
"""Skills that are compared unless all are: those practised most, those in the middle, and the smallest of at least so many attempts."""
SMALLEST_PROBABILITY = 1e-9
"""Where pyBKT's 0 and 1 are cut off, for both: an impossible answer has no likelihood."""
AS_IT_SHIPS = BktSettings(
    shrinkage=0.0,
    guess_max=1.0 - SMALLEST_PROBABILITY,
    slip_max=1.0 - SMALLEST_PROBABILITY,
    least=SMALLEST_PROBABILITY,
    n_iterations=2000,
    tolerance=1e-9,
)
"""Maximum likelihood without bounds, as pyBKT fits it: each skill keeps the best of its starts after ten rounds."""
EACH_START_TO_ITS_END = BktSettings(
    shrinkage=0.0,
    guess_max=1.0 - SMALLEST_PROBABILITY,
    slip_max=1.0 - SMALLEST_PROBABILITY,
    least=SMALLEST_PROBABILITY,
    n_trial_rounds=2000,
    n_iterations=1,
    tolerance=1e-9,
)
"""The same, but no start is given up: what pyBKT does with its restarts."""
SAME_RESTARTS = "each start to its end"
WORSE_THAN_A_COIN = -1.0
"""Nats an attempt; a coin has -.693. Only certainties that answers contradict lie below."""


def main() -> int:
    """1 where a skill falls more than ALLOWED below pyBKT with the same restarts."""
    options = _options()
    if not FILE.exists():
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data")
        return 1
    table = chosen_skills(one_skill_a_row(), everything=options.all)
    skill_ids, sequences = packed(table)
    n_attempts = np.bincount(sequences.skill, minlength=len(skill_ids))
    theirs = fitted_by_pybkt(table, options.peers, options.starts)
    starts = [columns_of([theirs[id_]["starts"][i] for id_ in skill_ids]) for i in range(options.starts)]
    of_peer = by_skill(sequences, BktParameters(*columns_of([theirs[id_]["values"] for id_ in skill_ids]), np.zeros(len(skill_ids))))
    gains = {
        name: (by_skill(sequences, ours(sequences, len(skill_ids), starts, settings)) - of_peer) / n_attempts
        for name, settings in (("as it ships", AS_IT_SHIPS), (SAME_RESTARTS, EACH_START_TO_ITS_END))
    }
    told = pl.DataFrame({"skill": skill_ids, "attempts": n_attempts, "pyBKT": of_peer / n_attempts, **gains}).sort(
        "attempts", descending=True
    )
    with pl.Config(tbl_rows=-1, float_precision=6, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(told.sort("attempts", descending=True))
    seconds = sum(theirs[id_]["seconds"] for id_ in skill_ids)
    print(f"{len(skill_ids)} skills, {n_attempts.sum()} attempts, {options.starts} starts; pyBKT took {seconds:.0f} s in one process")
    sound = of_peer / n_attempts > WORSE_THAN_A_COIN
    print(f"pyBKT calls some of the answers impossible in {int((~sound).sum())} skills, left out of the means")
    for name, gain in gains.items():
        below = int((gain < -ALLOWED).sum())
        in_all = (gain * n_attempts)[sound].sum() / n_attempts[sound].sum()
        print(f"{name}: worst {gain.min():+.6f} nats an attempt, in the mean {in_all:+.6f}, skills below by more than {ALLOWED}: {below}")
    return int((gains[SAME_RESTARTS] < -ALLOWED).any())


def one_skill_a_row() -> AttemptTable:
    """Folds 2 to 5 of ASSISTments 2009, an attempt repeated for each of its skills: each skill is fitted by itself."""
    table, _ = read_attempts(FILE, parse_map("learner_id=user,item_id=item,skill_ids=skills"))
    (fold,) = column_folds(table, "fold", "1")
    return AttemptTable.from_columns(
        fold.train.frame.explode("skill_ids").with_columns(skill_ids=pl.concat_list("k" + pl.col("skill_ids")))
    )


def chosen_skills(table: AttemptTable, *, everything: bool) -> AttemptTable:
    """The rows of the largest, middle and smallest skills, or of all."""
    skill = table.frame["skill_ids"].list.first()
    ids = skill.value_counts().filter(pl.col("count") >= LEAST_ATTEMPTS).sort("count", "skill_ids", descending=True)["skill_ids"].to_list()
    middle = len(ids) // 2 - N_MIDDLE // 2
    kept = ids if everything else [*ids[:N_LARGEST], *ids[middle : middle + N_MIDDLE], *ids[-N_SMALLEST:]]
    return AttemptTable.from_columns(table.frame.filter(skill.is_in(kept)))


def packed(table: AttemptTable) -> tuple[tuple[str, ...], Sequences]:
    codes = table.codes()
    entries = skill_entries(codes)
    return entries.skill_ids, pack(codes, entries)


def ours(sequences: Sequences, n_skills: int, starts: list[tuple[Floats, ...]], settings: BktSettings) -> BktParameters:
    return fit_em(sequences, Prior(DAY_ZERO.take(np.zeros(n_skills, dtype=np.int64)), 0.0), settings, starts)


def by_skill(sequences: Sequences, parameters: BktParameters) -> Floats:
    """(n_skills,) log likelihood of each skill's attempts, by the package's exact forward pass."""
    return expect(sequences, parameters).log_likelihood


def columns_of(values: list[list[float]]) -> tuple[Floats, ...]:
    """(p_init, p_learn, guess, slip), each (n_skills,), away from 0 and 1."""
    return tuple(np.clip(np.array(values).T, SMALLEST_PROBABILITY, 1.0 - SMALLEST_PROBABILITY))


def fitted_by_pybkt(table: AttemptTable, peers: Path, n_starts: int) -> dict[str, Any]:  # Any: JSON
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "attempts.csv", Path(folder) / "fitted.json"
        columns = {
            "user_id": pl.col("learner_id"),
            "skill_name": pl.col("skill_ids").list.first(),
            "correct": pl.col("correct").cast(pl.Int64),
        }
        table.frame.select(**columns).with_row_index("order_id").write_csv(source)
        subprocess.run([peers / "bin" / "python", HERE / "fit_pybkt.py", source, target, str(n_starts)], check=True)
        return json.loads(target.read_text(encoding="utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, default=None, help="virtual environment with experiments/peers/requirements.txt")
    parser.add_argument("--starts", type=int, default=5, help="random starts, drawn by pyBKT (its default: 5)")
    parser.add_argument("--all", action="store_true", help="every skill of at least 30 attempts, half an hour or more")
    options = parser.parse_args()
    options.peers = options.peers or Path(tempfile.mkdtemp(prefix="peers-"))
    if not (options.peers / "bin" / "python").exists():
        venv.create(options.peers, with_pip=True)
        requirements = HERE.parent / "peers" / "requirements.txt"
        subprocess.run([options.peers / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return options


if __name__ == "__main__":
    sys.exit(main())
