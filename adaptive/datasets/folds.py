"""Train and test tables: by a fold column, by a seeded permutation of learners, or from two files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from adaptive.datasets.table import AttemptTable
from adaptive.errors import InvalidInput, Problem

__all__ = ["Fold", "column_folds", "file_fold", "learner_folds"]


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Attempts to fit on and attempts to score.

    Learners are disjoint, unless `known_learners`: then test learners start from their state after `train`, and test
    answers do not update it.
    """

    name: str
    train: AttemptTable
    test: AttemptTable
    known_learners: bool = False


def learner_folds(table: AttemptTable, n: int, seed: int = 0) -> tuple[Fold, ...]:
    """`n` folds of learners: place in `RandomState(seed).permutation(learners in file order)`, modulo `n`.

    >>> from adaptive.domain import Attempt
    >>> table = AttemptTable.from_attempts(Attempt(name, name, "q", ("s",), correct=1.0) for name in "abcde")
    >>> [fold.test.learner_ids for fold in learner_folds(table, 2)]
    [('b', 'c', 'e'), ('a', 'd')]
    """
    learner_ids = np.array(table.learner_ids, dtype=object)
    if n < 2:
        raise _refused("folds", "there must be at least 2 folds", n, "ask for 2 or more")
    if len(learner_ids) < n:
        raise _refused("learners", f"{n} folds need at least {n} learners", len(learner_ids), "ask for fewer folds or bring more learners")
    shuffled = np.random.RandomState(seed).permutation(learner_ids)
    return tuple(_apart(table, str(k), table.frame["learner_id"].is_in(list(shuffled[k::n]))) for k in range(n))


def column_folds(table: AttemptTable, column: str = "fold", test_value: str | None = None) -> tuple[Fold, ...]:
    """One fold that tests on `test_value` and trains on all others, or, without it, such a fold for each value.

    Raises InvalidInput where the column is missing or empty, the value unknown, or a learner on both sides.
    """
    if column not in table.frame.columns or table.frame[column].null_count() == len(table):
        raise _refused("fold column", "the attempts must say their fold", column, "map it: --map fold=<your column>")
    values = table.frame[column].cast(pl.String)
    known = values.drop_nulls().unique(maintain_order=True).sort().to_list()
    if test_value is not None and test_value not in known:
        raise _refused("test fold", f"it must be a value of {column!r}: {', '.join(known[:20])}", test_value, "name one of these")
    chosen = known if test_value is None else [test_value]
    return tuple(_disjoint(_apart(table, value, values.eq_missing(value))) for value in chosen)


def file_fold(train: AttemptTable, test: AttemptTable, *, known_learners: bool = False) -> Fold:
    """The split that two files make. Without `known_learners` no learner may be in both."""
    fold = Fold("test", train, test, known_learners)
    return fold if known_learners else _disjoint(fold)


def _apart(table: AttemptTable, name: str, in_test: pl.Series) -> Fold:
    fold = Fold(name, train=table.select((~in_test).to_numpy()), test=table.select(in_test.to_numpy()))
    if not len(fold.train):
        raise _refused(f"fold {name!r}", "some attempts must be left to train on", f"all {len(table)} in test", "bring another fold")
    return fold


def _disjoint(fold: Fold) -> Fold:
    """The fold itself. Raises where a learner is on both sides: the forecast would start without half of the history."""
    shared = set(fold.train.learner_ids).intersection(fold.test.learner_ids)
    if shared:
        raise _refused(
            f"fold {fold.name!r}",
            "no learner may be in train and in test",
            f"{len(shared)} learners, such as {min(shared)}",
            "split by learner, or say that learners are known: --known-learners",
        )
    return fold


def _refused(where: str, rule: str, value: object, way_out: str) -> InvalidInput:
    return InvalidInput("split into folds", [Problem(where, rule, str(value), way_out)])
