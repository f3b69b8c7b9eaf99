from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from adaptive.datasets import AttemptTable, column_folds, file_fold, learner_folds
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput

LEARNERS = [f"l{i}" for i in (9, 3, 7, 1, 4, 0, 8)]


def table_of(learners, folds=None):
    built = AttemptTable.from_attempts(
        Attempt(f"{learner}-{i}", learner, "q", ("s",), correct=1.0, sequence=i) for i in range(3) for learner in learners
    )
    fold = pl.Series("fold", folds or [None] * len(built), dtype=pl.String)
    return AttemptTable.from_columns(built.frame.with_columns(fold))


def test_learner_folds_are_the_published_permutation_modulo_n():
    permutation = np.random.RandomState(4).permutation(len(LEARNERS))
    slow = [{LEARNERS[index] for place, index in enumerate(permutation) if place % 3 == k} for k in range(3)]
    assert [set(fold.test.learner_ids) for fold in learner_folds(table_of(LEARNERS), 3, seed=4)] == slow


def test_each_attempt_is_tested_once_and_trained_on_otherwise():
    table = table_of(LEARNERS)
    folds = learner_folds(table, 3, seed=0)
    assert sorted(row for fold in folds for row in fold.test.frame["row"]) == list(range(len(table)))
    for fold in folds:
        assert not set(fold.train.learner_ids) & set(fold.test.learner_ids)
        assert len(fold.train) + len(fold.test) == len(table)


@pytest.mark.parametrize(("n", "learners", "said"), [(5, ["ann"], "need at least 5 learners"), (1, LEARNERS, "at least 2 folds")])
def test_too_few_learners_or_folds_are_refused(n, learners, said):
    with pytest.raises(InvalidInput, match=said):
        learner_folds(table_of(learners), n)


def test_a_fold_column_tests_one_value_or_each_in_turn():
    table = table_of(["ann", "bob"], ["1"] * 3 + ["2"] * 3)
    (fold,) = column_folds(table, "fold", "2")
    assert (fold.name, fold.train.learner_ids, fold.test.learner_ids) == ("2", ("ann",), ("bob",))
    assert [fold.name for fold in column_folds(table)] == ["1", "2"]


def test_attempts_without_a_fold_train():
    (fold,) = column_folds(table_of(["ann", "bob"], [None] * 3 + ["2"] * 3))
    assert fold.train.learner_ids == ("ann",)


@pytest.mark.parametrize(
    ("folds", "column", "test_value", "said"),
    [
        (None, "fold", "1", "must say their fold"),
        (["1"] * 6, "set", "1", "must say their fold"),
        (["1"] * 3 + ["2"] * 3, "fold", "3", "a value of 'fold': 1, 2. Got '3'"),
        (["1"] * 6, "fold", "1", "left to train on"),
        (["1", "2", "1", "1", "1", "1"], "fold", "2", "no learner may be in train and in test. Got '1 learners, such as ann'"),
    ],
)
def test_a_fold_column_that_cannot_split_is_refused(folds, column, test_value, said):
    with pytest.raises(InvalidInput, match=said):
        column_folds(table_of(["ann", "bob"], folds), column, test_value)


def test_a_learner_in_two_folds_is_told_what_a_column_can_do():
    with pytest.raises(InvalidInput, match="give each learner one fold, or make them: --folds N") as refused:
        column_folds(table_of(["ann", "bob"], ["1", "2", "1", "1", "1", "1"]), "fold", "2")
    assert "--known-learners" not in str(refused.value)


def test_two_files_share_learners_only_when_these_are_known():
    ann, both = table_of(["ann"]), table_of(["ann", "bob"])
    with pytest.raises(InvalidInput, match="--known-learners"):
        file_fold(both, ann)
    assert file_fold(both, ann, known_learners=True).known_learners
    assert file_fold(both.select_learners(["bob"]), ann).test is ann


def test_folds_are_a_sequence_made_on_demand():
    folds = learner_folds(table_of(LEARNERS), 3)
    assert [fold.name for fold in folds] == ["0", "1", "2"]
    assert [fold.name for fold in folds[1:]] == ["1", "2"]
    assert folds[-1].test.learner_ids == folds[2].test.learner_ids
    with pytest.raises(IndexError):
        folds[3]
