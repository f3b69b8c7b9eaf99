"""The public sets import with the counts that their publishers and the benchmark page state."""

from __future__ import annotations

import numpy as np
import pytest

from adaptive.datasets import column_folds, format_named, parse_map, read_attempts

pytestmark = pytest.mark.real_data

PLAIN = "learner_id=user,item_id=item,skill_ids=skills"
REPEATED_ROWS = "assist2009_expanded_rows/assist2009_pid_test1.csv"
AKT = format_named("akt").column_map


def counts(report):
    return report.n_learners, report.n_attempts, report.n_items, report.n_skills


def test_assistments_2009_has_its_published_counts(attempt_data):
    table, report = read_attempts(attempt_data / "attempts" / "assist2009_akt5_question.csv.xz", parse_map(PLAIN))
    assert counts(report) == (4150, 274561, 16891, 110)
    assert report.mean_correct == pytest.approx(0.662, abs=5e-4)  # stated to three digits
    assert report.n_rows == 274561
    assert [len(fold.test) for fold in column_folds(table)] == [52003, 51736, 57384, 55883, 57555]


def test_rows_repeated_per_skill_become_attempts(attempt_data):
    _, report = read_attempts(attempt_data / "attempts" / REPEATED_ROWS, AKT)
    assert (report.n_rows, report.n_attempts, len(report.collapsed_rows)) == (60915, 52003, 8912)


def test_collapsed_attempts_equal_the_prepared_set(attempt_data):
    """Fold 1 of the prepared file was made from the same rows by other hands: same attempts, in the same order."""
    collapsed, _ = read_attempts(attempt_data / "attempts" / REPEATED_ROWS, AKT)
    whole, _ = read_attempts(attempt_data / "attempts" / "assist2009_akt5_question.csv.xz", parse_map(PLAIN))
    (fold,) = column_folds(whole, test_value="1")
    columns = ["learner_id", "item_id", "skill_ids", "correct"]
    assert collapsed.frame.select(columns).equals(fold.test.frame.select(columns))


def test_study_rows_of_the_cloze_set_are_kept_and_not_scored(attempt_data):
    table, report = read_attempts(attempt_data / "attempts" / "lkt_cloze_memphis.csv.xz", parse_map(f"{PLAIN},occurred_at=t"))
    assert counts(report) == (478, 58316, 144, 36)
    assert (report.n_study, report.n_untimed, report.n_rejected) == (3194, 0, 0)
    codes = table.codes()
    assert np.isnan(codes.correct).sum() == report.n_study == (~codes.evidence).sum()


def test_statics_splits_by_its_fold_column(attempt_data):
    table, report = read_attempts(attempt_data / "attempts" / "statics2011_gervet_split.csv.xz", parse_map(PLAIN))
    assert counts(report) == (282, 189297, 1223, 98)
    (fold,) = column_folds(table, test_value="1")
    assert set(fold.train.learner_ids).isdisjoint(fold.test.learner_ids)


def test_eedi_takes_its_subjects_from_the_companion_file(attempt_data):
    folder = attempt_data / "attempts" / "eedi_csc311"
    sizes = {
        name: read_attempts(folder / f"{name}_data.csv", format_named("eedi-csc311").column_map)[1] for name in ("train", "valid", "test")
    }
    assert {name: (report.n_rows, report.n_attempts) for name, report in sizes.items()} == {
        "train": (56688, 56688),
        "valid": (7086, 7086),
        "test": (3543, 3543),
    }
    assert (sizes["train"].n_learners, sizes["train"].n_items) == (542, 1774)
