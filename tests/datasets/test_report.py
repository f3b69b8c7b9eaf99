from __future__ import annotations

import json

import pytest

from adaptive.datasets import ColumnMap, parse_map, read_attempts


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "a.csv"
    lines = [f"ann,q{row},s1,{'1' if row % 2 else 'x'},{row},-1" for row in range(2400)]
    lines += ["ann,q1,s1,1,1,5", "ann,q1,s2,1,1,5", "ann,q5,s1,1,,5"]
    path.write_text("\n".join(["user,item_id,skill_ids,correct,occurred_at,response_ms", *lines]), encoding="utf-8")
    return read_attempts(path, parse_map("learner_id=user"))[1]


def test_the_json_has_every_row_number(report):
    told = json.loads(report.to_json())
    assert [reject["row"] for reject in told["rejected"]] == list(range(0, 2400, 2))
    assert told["rejected"][0] | {"row": 0} == {
        "row": 0,
        "column": "correct",
        "rule": "an outcome is 0, 1 or a fraction between",
        "value": "x",
        "way_out": "write 1 for correct, 0 for not",
    }
    assert (told["duplicate_rows"], told["differing_rows"], told["n_rejected"]) == ([2400, 2401], [2401], 1200)
    assert len(told["emptied"]) == 2400
    assert told["columns"]["learner_id"] == ["user"]


def test_the_page_counts_each_rule_and_samples_its_rows(report):
    page = report.render()
    assert "2,403 rows read, 1,201 attempts kept" in page
    assert "learner_id = user, item_id" in page
    assert "rejected: 1,200 rows\n    correct: an outcome is 0, 1 or a fraction between: 1,200 (rows 0, 2, 4, 6, 8, ...)" in page
    assert "duplicates dropped: 2 (rows 2400, 2401)" in page
    assert "without a time, placed before the others: 1" in page
    assert "cell emptied, row kept: response_ms: a negative duration is unknown: 2,400" in page


def test_rejects_are_listed_one_by_one_up_to_a_thousand(report):
    lines = list(report.reject_lines())
    assert lines[0] == "rejected row 0, correct: an outcome is 0, 1 or a fraction between. Got 'x'; write 1 for correct, 0 for not."
    assert (len(lines), lines[-1]) == (1001, "rejected 200 more")


def test_a_table_of_study_rows_alone_has_no_share_of_correct_answers(tmp_path):
    (tmp_path / "a.csv").write_text("learner_id,skill_ids,correct,study\nann,s,,1\n", encoding="utf-8")
    report = read_attempts(tmp_path / "a.csv", ColumnMap())[1]
    assert report.mean_correct is None
    assert "correct," not in report.render().splitlines()[1]


@pytest.mark.parametrize(
    ("columns", "order"),
    [
        ("", "rows"),
        (",sequence", "sequence, then of rows"),
        (",sequence,attempt_id", "sequence, then of attempt_id"),
        (",attempt_id", "rows"),
    ],
)
def test_the_page_says_what_orders_attempts_without_times(tmp_path, columns, order):
    (tmp_path / "a.csv").write_text(f"learner_id,skill_ids,correct{columns}\nann,s,1{',1' * columns.count(',')}\n", encoding="utf-8")
    assert f"; no times: order is that of {order}\n" in read_attempts(tmp_path / "a.csv")[1].render()
