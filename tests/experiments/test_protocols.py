"""The benchmark's splits of the real sets, read again from the raw files by the standard library."""

from __future__ import annotations

import csv
import importlib.util
import lzma
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

pytestmark = pytest.mark.real_data

FOLDER = Path(__file__).resolve().parents[2] / "experiments" / "benchmark_models"


@pytest.fixture(scope="module")
def data_sets() -> ModuleType:
    """The experiment's module, which is not part of the package."""
    spec = importlib.util.spec_from_file_location("benchmark_data_sets", FOLDER / "data_sets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


def raw(path: Path) -> list[dict[str, str]]:
    with lzma.open(path, "rt") as file:
        return list(csv.DictReader(file))


def test_cloze_has_five_folds_of_permuted_learners(attempt_data: Path, data_sets: ModuleType) -> None:
    """RandomState(0) permutes the learners in file order; place modulo 5 is the fold."""
    cloze = data_sets.data_sets_of(FOLDER / "sets.toml", attempt_data / "attempts", ["cloze"])["cloze"]
    learners = list(dict.fromkeys(row["user"] for row in raw(attempt_data / "attempts" / "lkt_cloze_memphis.csv.xz")))
    permuted = [learners[place] for place in np.random.RandomState(0).permutation(len(learners))]
    folds = cloze.read()
    assert len(folds) == 5
    for place, fold in enumerate(folds):
        assert set(fold.test.learner_ids) == set(permuted[place::5])
        assert set(fold.train.learner_ids) == set(permuted) - set(permuted[place::5])


def test_statics_trains_on_fold_0_and_tests_on_fold_1(attempt_data: Path, data_sets: ModuleType) -> None:
    statics = data_sets.data_sets_of(FOLDER / "sets.toml", attempt_data / "attempts", ["statics2011"])["statics2011"]
    rows = raw(attempt_data / "attempts" / "statics2011_gervet_split.csv.xz")
    (fold,) = statics.read()
    for table, value in ((fold.train, "0"), (fold.test, "1")):
        assert sorted(table.rows.tolist()) == [place for place, row in enumerate(rows) if row["fold"] == value]


def test_eedi_tests_known_learners_on_its_given_file(attempt_data: Path, data_sets: ModuleType) -> None:
    eedi = data_sets.data_sets_of(FOLDER / "sets.toml", attempt_data / "attempts", ["eedi"])["eedi"]
    (fold,) = eedi.read()
    assert (len(fold.train), len(fold.test), fold.known_learners) == (56_688, 3_543, True)
