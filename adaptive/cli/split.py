"""Which attempts a model is fitted on and which it is judged on, as the options of `adaptive evaluate` say it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from adaptive.datasets import AttemptTable, Fold

__all__ = ["ColumnSplit", "FileSplit", "LearnerSplit", "Split", "SplitOptions", "split_of"]

Read = Callable[..., "AttemptTable"]
"""Reads a file; `fold_column` names its column of folds."""

_CANONICAL = "fold"


@dataclass(frozen=True, slots=True)
class LearnerSplit:
    """`--folds N`: random folds of learners."""

    file: Path
    n_folds: int
    seed: int

    def folds(self, read: Read) -> tuple[Sequence[Fold], str]:
        """The folds, and the hash of the attempts."""
        from adaptive.datasets import learner_folds

        table = read(self.file)
        return learner_folds(table, self.n_folds, self.seed), table.data_sha256


@dataclass(frozen=True, slots=True)
class ColumnSplit:
    """`--fold-column C --test-fold V`; without V each value is tested in turn."""

    file: Path
    fold_column: str | None
    test_fold: str | None

    def folds(self, read: Read) -> tuple[Sequence[Fold], str]:
        """The folds, and the hash of the attempts."""
        from adaptive.datasets import column_folds

        table = read(self.file, fold_column=None if self.fold_column == _CANONICAL else self.fold_column)
        return column_folds(table, test_value=self.test_fold), table.data_sha256


@dataclass(frozen=True, slots=True)
class FileSplit:
    """`--train-file A --test-file B [--known-learners]`: the split that two files make."""

    train_file: Path
    test_file: Path
    known_learners: bool

    def folds(self, read: Read) -> tuple[Sequence[Fold], str]:
        """The one fold, and a hash of both files' attempts."""
        from adaptive.datasets import file_fold

        train, test = read(self.train_file), read(self.test_file)
        both = hashlib.sha256(f"{train.data_sha256}{test.data_sha256}".encode()).hexdigest()
        return [file_fold(train, test, known_learners=self.known_learners)], both


Split = LearnerSplit | ColumnSplit | FileSplit


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """What was given on the command line; None where nothing was."""

    file: Path | None
    n_folds: int | None
    fold_column: str | None
    test_fold: str | None
    train_file: Path | None
    test_file: Path | None
    known_learners: bool
    seed: int


def split_of(given: SplitOptions) -> Split:
    """The one split that the options name. Raises a usage error where they name none, or two."""
    by_column = given.fold_column is not None or given.test_fold is not None
    by_files = given.train_file is not None or given.test_file is not None
    if [by_column, by_files, given.n_folds is not None].count(True) != 1 or (given.known_learners and not by_files):
        raise _usage("give one of: --folds N; --fold-column with --test-fold; --train-file with --test-file (and --known-learners)")
    if given.train_file is not None and given.test_file is not None and given.file is None:
        return FileSplit(given.train_file, given.test_file, given.known_learners)
    if given.file is None or by_files:
        raise _usage("give FILE with --folds or --fold-column, or no FILE but both --train-file and --test-file")
    if given.n_folds is not None:
        return LearnerSplit(given.file, given.n_folds, given.seed)
    return ColumnSplit(given.file, given.fold_column, given.test_fold)


def _usage(message: str) -> typer.BadParameter:
    return typer.BadParameter(message, param_hint="--folds")
