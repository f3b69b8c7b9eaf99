"""What does each part of the core bring? Each is left out in turn, and all that remains is fitted again.

    python experiments/core_ablations/run.py [--small] [--sets a,b] [--folds 1] [--parts TEXT]

AUC and log loss on test learners, and how much they change, with 95 % intervals by resampling learners: the same for both models.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from parts import PARTS, Without

from adaptive.catalog import mathematics_catalog
from adaptive.datasets import Fold, generated_class
from adaptive.evaluation.bootstrap import Interval, bootstrap, interval
from adaptive.evaluation.metrics import auc, log_loss
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Codes, Floats

HERE = Path(__file__).resolve().parent
SETS = ("assist2009", "statics2011", "cloze")


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a model without a part to the whole: below 0 in AUC and above 0 in log loss the part helps."""

    auc: float
    log_loss: float
    auc_interval: Interval | None
    log_loss_interval: Interval | None

    @classmethod
    def of(cls, without: Floats, whole: Floats, codes: Codes) -> Difference:
        """Both forecasts (n_scored,) of the same rows; resamples are the same, so that the intervals are of the difference."""
        is_scored = _scored(codes)
        correct, learner = codes.correct[is_scored], codes.learner[is_scored]
        found = [(auc(p, correct), log_loss(p, correct)) for p in (without, whole)]
        drawn = [bootstrap(p, correct, learner, rng=np.random.default_rng(0)) for p in (without, whole)]
        (auc_without, loss_without), (auc_whole, loss_whole) = found
        if auc_without is None or auc_whole is None or loss_without is None or loss_whole is None:
            raise ValueError("A difference takes right and wrong answers. Got a test fold of one kind only; take another fold.")
        return cls(
            auc_without - auc_whole,
            loss_without - loss_whole,
            interval(drawn[0].auc - drawn[1].auc),
            interval(drawn[0].log_loss - drawn[1].log_loss),
        )

    def told(self) -> str:
        """Two cells."""
        return f"{self.auc:+.4f} {_ends(self.auc_interval)} | {self.log_loss:+.4f} {_ends(self.log_loss_interval)}"


def main() -> int:
    """0; the tables are the answer."""
    options = _options()
    for name, fold in _small_folds() if options.small else _folds(options.sets, options.folds):
        print(f"\n## {name}, fold {fold.name}: {len(fold.train):,} attempts fitted, {len(fold.test):,} judged")
        train, test = fold.train.codes(), fold.test.codes()
        begun = time.perf_counter()
        whole = Without().fitted(train, None)
        p_whole, score = forecasts(whole, test), test.correct[_scored(test)]
        print(f"whole: AUC {auc(p_whole, score):.4f}, log loss {log_loss(p_whole, score):.4f}, fit {time.perf_counter() - begun:.0f} s")
        print(f"hyperparameters {json.dumps({k: round(v, 4) for k, v in whole.hyperparameters._asdict().items()})}\n")
        print("| without | AUC | log loss | AUC less whole | log loss less whole |\n|---|---|---|---|---|", flush=True)
        for part, without in PARTS.items():
            if options.parts in part and changes_something(without, train):
                p_without = forecasts(without.fitted(train, whole), without.codes(test))
                difference = Difference.of(p_without, p_whole, test)
                print(f"| {part} | {auc(p_without, score):.4f} | {log_loss(p_without, score):.4f} | {difference.told()} |", flush=True)
    return 0


def changes_something(without: Without, codes: Codes) -> bool:
    """Whether the table has what the part needs: times, or items of several skills."""
    if "weakest" in without.off:
        return bool((np.diff(codes.skill_start) > 1).any())
    needs_times = without.drops_times or any(name.endswith("forgetting") for name in without.off)
    return not needs_times or not bool(np.isnan(codes.seconds).all())


def forecasts(model: StateSpaceIrt, codes: Codes) -> Floats:
    """(n_scored,) P(correct) before each piece of evidence."""
    return np.asarray(model.table_logits(codes).p_correct[_scored(codes)], dtype=np.float64)


def _scored(codes: Codes) -> NDArray[np.bool_]:
    return codes.evidence & ~np.isnan(codes.correct)


def _ends(ends: Interval | None) -> str:
    return "" if ends is None else f"({ends.low:+.4f} to {ends.high:+.4f})"


def _folds(names: Sequence[str], n_folds: int) -> Iterator[tuple[str, Fold]]:
    """The first folds of the benchmark's sets."""
    sys.path.insert(0, str(HERE.parent / "benchmark_models"))
    from data_sets import data_sets_of  # noqa: PLC0415 - a module of the benchmark, found through the path above

    folder = Path(os.environ.get("ADAPTIVE_DATA_DIR", HERE.parents[2] / "shared" / "data")) / "attempts"
    for name, data_set in data_sets_of(HERE.parent / "benchmark_models" / "sets.toml", folder, names).items():
        for fold in list(data_set.read())[:n_folds]:
            yield name, fold


def _small_folds() -> Iterator[tuple[str, Fold]]:
    """Two generated classes of 20 learners."""
    train, test = (generated_class(mathematics_catalog(), n_learners=20, n_sessions=3, seed=seed).table for seed in (1, 2))
    yield "generated", Fold("1", train, test)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a generated class")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=SETS, help=f"of {', '.join(SETS)}")
    parser.add_argument("--folds", type=int, default=1, help="folds of each set, the first of them")
    parser.add_argument("--parts", default="", help="only parts with this text in their name")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
