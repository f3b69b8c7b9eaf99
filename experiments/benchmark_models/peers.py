"""Peers in the same harness: other packages, each in its own environment, on the same folds, scored by the same code."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from data_sets import DataSet
from jobs import Job
from results import Run, write_run

from adaptive.datasets import AttemptTable, Fold
from adaptive.evaluation import Cost, FoldResult, Predictions, measure

__all__ = ["PEERS", "Peer", "environment_python", "run_peer"]

HERE = Path(__file__).resolve().parent
REQUIREMENTS = {name: HERE.parent / "peers" / file for name, file in (("pybkt", "requirements.txt"), ("torch", "requirements-torch.txt"))}
"""Of each environment: pyBKT needs older packages than the others."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "WANDB_MODE": "disabled"}


@dataclass(frozen=True, slots=True)
class Peer:
    """An adapter, its arguments, its environment and the sets for which it is made."""

    adapter: str
    environment: str
    suits: Callable[[DataSet], bool]
    arguments: tuple[str, ...] = ()

    @property
    def script(self) -> Path:
        return HERE / "adapters" / self.adapter


def _has_sequences(data_set: DataSet) -> bool:
    return not data_set.known_learners


def _has_known_learners(data_set: DataSet) -> bool:
    return data_set.known_learners


PEERS: Final[Mapping[str, Peer]] = {
    "pybkt": Peer("pybkt.py", "pybkt", _has_sequences),
    "pykt_dkt": Peer("deep.py", "torch", _has_sequences, ("dkt",)),
    "pykt_sakt": Peer("deep.py", "torch", _has_sequences, ("sakt",)),
    "pykt_akt": Peer("deep.py", "torch", _has_sequences, ("akt",)),
    "mirt_1pl": Peer("irt.py", "torch", _has_known_learners, ("mirt",)),
    "girth_1pl": Peer("irt.py", "torch", _has_known_learners, ("girth",)),
    "py_irt_1pl": Peer("irt.py", "torch", _has_known_learners, ("py_irt",)),
    "catsim_1pl": Peer("irt.py", "torch", _has_known_learners, ("catsim",)),
}
"""By the name that the table shows."""


def run_peer(job: Job, data_set: DataSet, sha256: str, out: Path, environments: Path, *, limit: float) -> str:
    """Run and score the peer; what went wrong in words, empty where nothing did. It has `limit` seconds."""
    peer = PEERS[job.model]
    (fold,) = (each for each in data_set.read() if each.name == job.fold)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _write(fold.train, folder / "train.csv")
        _write(fold.test, folder / "test.csv")
        meta = {"known_learners": fold.known_learners, "seed": job.seed, "seconds": limit}
        (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
        command = [environment_python(peer.environment, environments), peer.script, folder, *peer.arguments]
        try:
            done = subprocess.run(
                command,
                env=os.environ | ONE_THREAD,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            return f"FAILED: not done after {limit / 60:g} minutes (--peer-minutes)"
        if done.returncode:
            return "FAILED:\n" + done.stderr[-2000:]
        write_run(_scored(fold, folder, job, job.key(sha256)), job.path(out))
    return ""


def _scored(fold: Fold, folder: Path, job: Job, key: dict[str, object]) -> Run:
    cost = json.loads((folder / "cost.json").read_text(encoding="utf-8"))
    p_correct = pl.read_csv(folder / "forecasts.csv")["p_correct"].to_numpy().astype(np.float64)
    predictions = Predictions.of_table(fold.test, p_correct, before=fold.train if fold.known_learners else None)
    metrics = measure(fold.name, predictions, Cost(cost["fit_seconds"], None, cost["peak_mb"]), seed=job.seed)
    return Run(key, FoldResult(metrics, predictions), note=cost["note"])


def _write(table: AttemptTable, path: Path) -> None:
    """The attempts in history order; `scored` as evaluation scores them."""
    frame = table.frame.select(
        learner="learner_id",
        item="item_id",
        skills=pl.col("skill_ids").list.join(";"),
        correct="correct",
        seconds=pl.col("occurred_at").dt.epoch("us") / 1e6,
    )
    frame.with_columns(scored=pl.Series(table.codes().evidence).cast(pl.Int8)).write_csv(path)


def environment_python(name: str, environments: Path) -> Path:
    """The interpreter of an environment of that name, which is made where it does not exist."""
    folder, requirements = environments / name, REQUIREMENTS[name]
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making {folder} from {requirements.name}", flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    return python
