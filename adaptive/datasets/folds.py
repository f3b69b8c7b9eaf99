"""Train and test tables: by a fold column, by a seeded permutation of learners, or from two files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import polars as pl

from adaptive.datasets.table import AttemptTable
from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Ints

__all__ = ["Fold", "Folds", "column_folds", "file_fold", "learner_folds"]


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


@dataclass(frozen=True, slots=True, eq=False)
class Folds(Sequence[Fold]):
    """Folds of one table, each made when it is asked for: the tables of one fold are in memory at a time.

    `tested_in` is (n_rows,), the place in `names` of the fold that tests the row, -1 where none does.
    """

    table: AttemptTable
    names: tuple[str, ...]
    tested_in: Ints

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Fold: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fold, ...]: ...
    def __getitem__(self, index: int | slice) -> Fold | tuple[Fold, ...]:
        """The fold at that place, or those of a slice."""
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        place = range(len(self))[index]
        in_test = self.tested_in == place
        return Fold(self.names[place], train=self.table.select(~in_test), test=self.table.select(in_test))


def learner_folds(table: AttemptTable, n: int, seed: int = 0) -> Folds:
    """`n` folds of learners: place in `RandomState(seed).permutation(learners in file order)`, modulo `n`.

    >>> from adaptive.domain import Attempt
    >>> table = AttemptTable.from_attempts(Attempt(name, name, "q", ("s",), correct=1.0) for name in "abcde")
    >>> [fold.test.learner_ids for fold in learner_folds(table, 2)]
    [('b', 'c', 'e'), ('a', 'd')]
    """
    n_learners = len(table.learner_ids)
    if n < 2:
        raise _refused("folds", "there must be at least 2 folds", n, "ask for 2 or more")
    if n_learners < n:
        raise _refused("learners", f"{n} folds need at least {n} learners", n_learners, "ask for fewer folds or bring more learners")
    fold_of_learner = np.empty(n_learners, dtype=np.int64)
    fold_of_learner[np.random.RandomState(seed).permutation(n_learners)] = np.arange(n_learners) % n
    learner = table.frame["learner_id"].rle_id().to_numpy()  # (n_rows,): learners lie together, in file order
    return Folds(table, tuple(map(str, range(n))), fold_of_learner[learner])


def column_folds(table: AttemptTable, column: str = "fold", test_value: str | None = None) -> Folds:
    """One fold that tests on `test_value` and trains on all others, or, without it, such a fold for each value.

    Raises InvalidInput where the column is missing or empty, the value unknown, or a learner on both sides.
    """
    if column not in table.frame.columns or table.frame[column].null_count() == len(table):
        raise _refused("fold column", "the attempts must say their fold", column, "map it: --map fold=<your column>")
    values = table.frame[column].cast(pl.String)
    known = values.drop_nulls().unique().sort().to_list()
    if test_value is not None and test_value not in known:
        raise _refused("test fold", f"it must be a value of {column!r}: {', '.join(known[:20])}", test_value, "name one of these")
    names = known if test_value is None else [test_value]
    tested_in = values.replace_strict(names, range(len(names)), default=-1, return_dtype=pl.Int64)
    _check_apart(table, tested_in, names)
    return Folds(table, tuple(names), tested_in.to_numpy())


def file_fold(train: AttemptTable, test: AttemptTable, *, known_learners: bool = False) -> Fold:
    """The split that two files make. Without `known_learners` no learner may be in both."""
    shared = set(train.learner_ids).intersection(test.learner_ids)
    if shared and not known_learners:
        raise _overlapping("test", sorted(shared), "split by learner, or say that learners are known: --known-learners")
    return Fold("test", train, test, known_learners)


def _check_apart(table: AttemptTable, tested_in: pl.Series, names: list[str]) -> None:
    """Raises where a fold leaves nothing to train on, or has a learner on both sides."""
    if tested_in.n_unique() == 1:
        raise _refused(f"fold {names[0]!r}", "some attempts must be left to train on", f"all {len(table)} in test", "bring another fold")
    sides = table.frame.select("learner_id", fold=tested_in).group_by("learner_id", maintain_order=True).agg(pl.col("fold").unique().sort())
    torn = sides.filter(pl.col("fold").list.len() > 1)
    if torn.height:
        name, way_out = names[torn["fold"].list.max().item(0)], "give each learner one fold, or make them: --folds N"
        raise _overlapping(name, torn["learner_id"].sort().to_list(), way_out)


def _overlapping(name: str, learner_ids: list[str], way_out: str) -> InvalidInput:
    """The error for learners on both sides, whose forecast would start without half of their history."""
    return _refused(
        f"fold {name!r}",
        "no learner may be in train and in test",
        f"{len(learner_ids)} learners, such as {learner_ids[0]}",
        way_out,
    )


def _refused(where: str, rule: str, value: object, way_out: str) -> InvalidInput:
    return InvalidInput("split into folds", [Problem(where, rule, str(value), way_out)])
