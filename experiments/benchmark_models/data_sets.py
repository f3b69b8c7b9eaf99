"""The data sets of the benchmark: each a table of `sets.toml`, read and split as `adaptive evaluate` does it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from adaptive.cli.split import SplitOptions, split_of
from adaptive.cli.table_options import column_map_of
from adaptive.datasets import AttemptTable, Fold, read_attempts

__all__ = ["DataSet", "curve_fold", "data_sets_of"]

FOLD_SEED = 0
"""Of the permutation that makes folds of learners (benchmarks, "Protocols")."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A set with its split and its targets; the other fields are the options of `adaptive evaluate`."""

    name: str
    title: str
    folder: Path
    protocol: str = ""
    target_auc: float | None = None
    target_auc_of: Mapping[str, float] = field(default_factory=dict)
    file: str | None = None
    train_file: str | None = None
    test_file: str | None = None
    known_learners: bool = False
    folds: int | None = None
    fold_column: str | None = None
    test_fold: str | None = None
    format: str | None = None
    map: str | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of attempts."""
        return tuple(self.folder / name for name in (self.file, self.train_file, self.test_file) if name)

    @property
    def missing(self) -> tuple[Path, ...]:
        return tuple(path for path in self.paths if not path.exists())

    def sha256(self) -> str:
        """Names the files' content and how they are read and split: results of equal names may be compared."""
        settings = [self.known_learners, self.folds, self.fold_column, self.test_fold, self.format, self.map]
        digest = hashlib.sha256(repr(settings).encode())
        for path in self.paths:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def target(self, model: str) -> float | None:
        """The AUC that this model is to reach here."""
        return self.target_auc_of.get(model, self.target_auc)

    def read(self) -> Sequence[Fold]:
        """The folds, made when they are asked for."""
        file, train, test = (self.folder / name if name else None for name in (self.file, self.train_file, self.test_file))
        options = SplitOptions(file, self.folds, self.fold_column, self.test_fold, train, test, self.known_learners, FOLD_SEED)
        return split_of(options).folds(self._table)[0]

    def _table(self, path: Path, *, fold_column: str | None = None) -> AttemptTable:
        return read_attempts(path, column_map_of(self.format, self.map, fold_column=fold_column))[0]


def data_sets_of(path: Path, folder: Path, wanted: Iterable[str] = ()) -> dict[str, DataSet]:
    """The sets of a file by name, all or those wanted. Raises SystemExit with the known names, or the known keys."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    keys = {each.name for each in fields(DataSet)} - {"name", "folder"}
    for name, table in tables.items():
        if unknown := sorted(set(table) - keys):
            raise SystemExit(f"{path}: set {name!r} has {', '.join(unknown)}; known are {', '.join(sorted(keys))}")
    if unknown := sorted(set(wanted) - set(tables)):
        raise SystemExit(f"{path} has no set {', '.join(unknown)}; it has {', '.join(tables)}")
    return {name: DataSet(name=name, folder=folder, **tables[name]) for name in (list(wanted) or tables)}


def curve_fold(fold: Fold, n_learners: int) -> Fold:
    """The fold with the first `n_learners` training learners of a seeded order: smaller ones are part of larger ones."""
    if n_learners > len(fold.train.learner_ids):
        raise SystemExit(
            f"a learning curve asks for {n_learners:,} training learners; fold {fold.name} has {len(fold.train.learner_ids):,}"
        )
    order = np.random.RandomState(FOLD_SEED).permutation(len(fold.train.learner_ids))[:n_learners]
    return replace(fold, train=fold.train.select_learners(fold.train.learner_ids[place] for place in order))
