"""Does the server give the very forecasts that evaluation measured, through a crash, retries and any order?

python experiments/served_equals_evaluated/run.py [--models logistic bkt] [--learners 20] [--small]

`--small` takes a generated class in place of ASSISTments 2009.
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx
import numpy as np

from adaptive.catalog import Catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.datasets import (
    Fold,
    catalog_from_attempts,
    column_folds,
    generated_class,
    learner_folds,
    parse_map,
    read_attempts,
    write_attempts,
)
from adaptive.domain import Attempt
from adaptive.engine import Engine
from adaptive.models import Metadata, build_model, load_model
from adaptive.storage import Store
from adaptive.training.model_folder import write_model

ADAPTIVE = str(Path(sys.executable).with_name("adaptive"))
DATA = Path(os.environ.get("ADAPTIVE_DATA_DIR", "../shared/data"))
FILE = DATA / "attempts" / "assist2009_akt5_question.csv.xz"
MAP = "learner_id=user,item_id=item,skill_ids=skills"
TEST_FOLD = "1"
TOLERANCE = 1e-6
RETRY_EVERY = 10
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Source:
    """A file of attempts, how `adaptive evaluate` is told to fold it, and the fold that is served."""

    file: Path
    options: tuple[str, ...]
    fold: Fold
    catalog: Catalog

    @classmethod
    def assistments(cls) -> Source:
        """ASSISTments 2009: the four other folds train, fold 1 is served. No times."""
        table, _ = read_attempts(FILE, parse_map(MAP))
        (fold,) = column_folds(table, test_value=TEST_FOLD)
        options = ("--map", MAP, "--fold-column", "fold", "--test-fold", TEST_FOLD)
        return cls(FILE, options, fold, catalog_from_attempts(table))

    @classmethod
    def generated(cls, folder: Path) -> Source:
        """A class of 40 generated learners with times; the first of five folds is served."""
        catalog = mathematics_catalog()
        table = generated_class(catalog, n_learners=40, seed=0).table
        write_attempts(table, folder / "attempts.parquet")
        return cls(folder / "attempts.parquet", ("--folds", "5"), learner_folds(table, 5)[0], catalog)


@dataclass(frozen=True)
class Trial:
    """One model to serve, the attempts of a few learners it was not fitted on, and the folder of its files."""

    name: str
    source: Source
    asked: Sequence[tuple[int, Attempt]]
    folder: Path

    @property
    def model(self) -> Path:
        return self.folder / self.name

    def database(self, name: str) -> str:
        return f"sqlite:///{self.folder / f'{self.name}-{name}.db'}"


@dataclass
class Figures:
    """What happened while serving."""

    differences: list[float] = field(default_factory=list)
    attempt_ms: list[float] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)


@contextmanager
def server(trial: Trial, database: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """`adaptive serve` in a process of its own, on a free port."""
    command = [ADAPTIVE, "serve", "--port", "0", "--model", str(trial.model), "--db", database]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        with httpx.Client(base_url=process.stdout.readline().split()[2], timeout=60) as client:
            yield process, client
    finally:
        process.terminate()
        process.wait()


def asked_attempts(fold: Fold, n_learners: int) -> list[tuple[int, Attempt]]:
    """(row, attempt) of the first learners, in turn as in a class: the first attempt of each, then the second of each, ..."""
    rows = iter(fold.test.frame["row"].to_list())
    histories = [[(next(rows), attempt) for attempt in history] for _, history in fold.test.histories()]
    return [each for turn in zip_longest(*histories[:n_learners]) for each in turn if each is not None]


def evaluated(trial: Trial) -> dict[int, float]:
    """`adaptive evaluate`'s predictions.csv: row to p_correct."""
    out = trial.folder / f"{trial.name}-evaluated"
    command = ["evaluate", trial.source.file, *trial.source.options, "--model", trial.name, "--out", out]
    subprocess.run([ADAPTIVE, *map(str, command)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with (out / "predictions.csv").open(encoding="utf-8") as lines:
        return {int(line["row"]): float(line["p_correct"]) for line in csv.DictReader(lines)}


def body_of(attempt: Attempt, n: int) -> dict[str, Any]:
    """The n-th attempt as an app sends it; where the data has no times, a second after the one before."""
    at = attempt.occurred_at or START + timedelta(seconds=n)
    return {
        "attempt_id": attempt.attempt_id,
        "learner_id": attempt.learner_id,
        "item_id": attempt.item_id,
        "occurred_at": at.isoformat(),
        "outcome": {"study": True} if attempt.study else {"score": attempt.correct},
        "sequence": attempt.sequence,
    }


def post_share(client: httpx.Client, trial: Trial, expected: dict[int, float], share: range, figures: Figures) -> None:
    """Ask for the forecast, then post the answer; every tenth attempt is sent again."""
    for n in share:
        row, attempt = trial.asked[n]
        body = body_of(attempt, n)
        asked = {"learner_id": attempt.learner_id, "item_ids": [attempt.item_id], "at": body["occurred_at"]}
        served = post(client, "/v1/predictions", asked)["predictions"][0]["p_correct"]
        if row in expected:  # study rows are not scored
            figures.differences.append(abs(served - expected[row]))
        started = perf_counter()
        figures.applied.append(post(client, "/v1/attempts", body)["applied"])
        figures.attempt_ms.append(1e3 * (perf_counter() - started))
        if n % RETRY_EVERY == 0:
            figures.applied.append(post(client, "/v1/attempts", body)["applied"])


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(path, json=body).raise_for_status().json()
    return answer


def run_trial(trial: Trial) -> bool:
    """Fit, evaluate, serve; print the figures; whether every one is as claimed."""
    figures, n, half = Figures(), len(trial.asked), len(trial.asked) // 2
    expected = evaluated(trial)
    fitted = build_model(trial.name).fit(trial.source.fold.train, seed=0)
    write_model(fitted, trial.source.catalog, trial.model, metadata=Metadata(datetime.now(UTC)))
    with server(trial, trial.database("forward")) as (process, client):
        post_share(client, trial, expected, range(half), figures)
        process.send_signal(signal.SIGKILL)
    with server(trial, trial.database("forward")) as (_, client):
        post_share(client, trial, expected, range(half, n), figures)
    with server(trial, trial.database("backward")) as (_, client):
        backward = [post(client, "/v1/attempts", body_of(trial.asked[i][1], i))["applied"] for i in reversed(range(n))]
    forward_states, backward_states = (states(trial, name) for name in ("forward", "backward"))
    worst, n_new, n_retried = max(figures.differences), figures.applied.count("appended"), figures.applied.count("duplicate")
    p50, p95 = np.percentile(figures.attempt_ms, [50, 95])
    print(f"{trial.name}: {n} attempts of {len(forward_states)} learners; killed (SIGKILL) and restarted after {half}")
    print(f"  largest |served - evaluated| of {len(figures.differences)}: {worst:.3g}; {n_new} recorded, {n_retried} of them sent twice")
    print(f"  POST /v1/attempts: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    equal = forward_states == backward_states
    print(f"  posted in reverse order ({backward.count('refolded')} refolded): final states equal: {equal}", flush=True)
    return worst <= TOLERANCE and n_new == n and equal


def states(trial: Trial, database: str) -> dict[str, Any]:
    """Each learner's stored state and its version; a replay of the log equals each."""
    model, manifest = load_model(trial.model)
    store = Store.open(trial.database(database))
    try:
        engine = Engine(store, model, trial.source.catalog, manifest.version)
        stale = engine.stale_learners("default")
        assert stale == (), f"states that a replay does not give: {stale}"
        with store.unit("default", write=False) as unit:
            learner_ids = tuple(unit.learners())
        snapshots = [engine.snapshot("default", learner_id) for learner_id in learner_ids]
    finally:
        store.close()
    return {snapshot.learner_id: (snapshot.state_version, dict(snapshot.state)) for snapshot in snapshots if snapshot is not None}


def main() -> int:
    """0 where every figure is as claimed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--models", nargs="+", default=["logistic", "bkt"])
    arguments.add_argument("--learners", type=int, default=20)
    arguments.add_argument("--small", action="store_true")
    chosen = arguments.parse_args()
    if not (chosen.small or FILE.exists()):
        print(f"needs {FILE.name}: set ADAPTIVE_DATA_DIR to the folder of real data, or give --small")
        return 1
    with TemporaryDirectory() as folder:
        source = Source.generated(Path(folder)) if chosen.small else Source.assistments()
        asked = asked_attempts(source.fold, chosen.learners)
        held = [run_trial(Trial(name, source, asked, Path(folder))) for name in chosen.models]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
