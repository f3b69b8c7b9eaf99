from __future__ import annotations

import pytest

from adaptive.datasets import ColumnMap, Companion, read_attempts
from adaptive.datasets.columns.sources import Column
from adaptive.errors import InvalidInput

MAP = ColumnMap({"skill_ids": Column("tags")}, companions=(Companion("items.csv", key="item_id"),))


def read(folder, attempts, items):
    (folder / "a.csv").write_text(attempts, encoding="utf-8")
    (folder / "items.csv").write_text(items, encoding="utf-8")
    return read_attempts(folder / "a.csv", MAP)


def test_a_companion_adds_its_columns_by_key_and_keeps_the_order_of_rows(tmp_path):
    table, report = read(tmp_path, "learner_id,item_id,correct\nann,q2,1\nann,q1,0\nann,q9,1\n", "item_id,tags\nq1,s1\nq2,s2\nq2,s3\n")
    assert table.frame.select("row", "item_id", "skill_ids").rows() == [(0, "q2", ["s2"]), (1, "q1", ["s1"])]
    assert report.rejects.select("row", "column").rows() == [(2, "tags")]


def test_both_files_must_have_the_key(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, "learner_id,correct\nann,1\n", "name,tags\nq1,s1\n")
    assert [problem.where for problem in refused.value.problems] == [str(tmp_path / "a.csv"), str(tmp_path / "items.csv")]


def test_a_missing_companion_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("learner_id,item_id,correct\nann,q1,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"items\.csv has 1 problem"):
        read_attempts(tmp_path / "a.csv", MAP)
