"""The rules of the attempts table, each on a file small enough to read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets import ColumnMap, read_attempts
from adaptive.errors import InvalidInput
from tests.datasets.conftest import HEADER


def attempts_of(table):
    return [attempt for _, history in table.histories() for attempt in history]


def rejected(report):
    return report.rejects.select("row", "column", "value").rows()


def test_rows_become_attempts_in_file_order(read):
    table, report = read("bob,q2,s2; s1 ;s2,0", "ann,q1,s1,0.5")
    first, second = attempts_of(table)
    assert (first.learner_id, first.item_id, first.skill_ids, first.correct) == ("bob", "q2", ("s2", "s1"), 0.0)
    assert (first.attempt_id, first.occurred_at, first.sequence, second.attempt_id) == ("row-0", None, 0, "row-1")
    assert (report.n_rows, report.n_attempts, report.n_rejected) == (2, 2, 0)


def test_without_times_and_sequence_the_order_of_rows_holds(read):
    table, _ = read(*(f"ann,q{row},s1,1" for row in range(12)))
    assert [attempt.item_id for attempt in attempts_of(table)] == [f"q{row}" for row in range(12)]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("ann,q1,s1,yes", "correct", "yes"),
        ("ann,q1,s1,1.5", "correct", "1.5"),
        ("ann,q1,s1,nan", "correct", "nan"),
        ("ann,q1,s1,-inf", "correct", "-inf"),
        ("ann,q1,s1,", "correct", ""),
        ("ann,q1,s1", "correct", ""),
        (" ,q1,s1,1", "learner_id", " "),
        ("ann,,s1,1", "item_id", ""),
        ("ann,q1,;,1", "skill_ids", ";"),
    ],
)
def test_one_bad_row_is_rejected_and_the_others_go_on(read, line, column, value):
    table, report = read("ann,q1,s1,1", line, "ann,q2,s1,0")
    assert [attempt.item_id for attempt in attempts_of(table)] == ["q1", "q2"]
    assert rejected(report) == [(1, column, value)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("sequence", "first"),
        ("sequence", ""),
        ("study", "maybe"),
        ("attempt_number", "0"),
        ("attempt_number", "1.5"),
        ("hints_used", "-1"),
        ("response_ms", "fast"),
        ("attempt_id", ""),
        ("occurred_at", "2020-01-01T00:00:00"),
        ("occurred_at", "yesterday"),
        ("occurred_at", "1493778000000000"),
    ],
)
def test_optional_columns_keep_their_rules(read, column, cell):
    _, report = read("ann,q1,s1,1,1", f"ann,q1,s1,1,{cell}", columns=f"{HEADER},{column}")
    assert rejected(report) == [(1, column, cell)]


def test_a_row_that_breaks_two_rules_is_one_rejected_row_with_both(read):
    _, report = read("ann,q1,s1,1", ",q1,s1,yes")
    assert rejected(report) == [(1, "learner_id", ""), (1, "correct", "yes")]
    assert report.n_rejected == 1


def test_a_row_with_too_many_cells_is_rejected_under_its_own_number(read):
    table, report = read('ann,"q,1",s1,1', "ann,q1,s1,1,9", "", "ann,q2,s1,yes", "ann,q3,s1,1")
    assert report.rejects["row"].to_list() == [1, 2]
    assert "at most 4 cells" in report.rejects["rule"][0]
    assert [(attempt.item_id, attempt.attempt_id) for attempt in attempts_of(table)] == [("q,1", "row-0"), ("q3", "row-3")]


def test_blank_lines_are_no_rows(read):
    _, report = read("ann,q1,s1,1", "", "", "ann,q2,s1,1", "")
    assert (report.n_rows, report.n_rejected) == (2, 0)


def test_a_file_without_any_valid_row_is_refused_with_its_first_problems(read):
    with pytest.raises(InvalidInput, match="none of 30 rows is valid") as refused:
        read(*["ann,q1,s1,yes"] * 30)
    assert len(refused.value.problems) == 10


def test_each_missing_column_is_named_with_those_found(read):
    with pytest.raises(InvalidInput) as refused:
        read("ann,1", columns="user,correct", mapped="item_id=question")
    problems = {problem.where: problem for problem in refused.value.problems}
    assert set(problems) == {"learner_id", "item_id", "skill_ids"}
    assert str(problems["item_id"]) == (
        "item_id: the file must have the column 'question'. Got 'user, correct'; map it: --map item_id=<your column>."
    )


def test_mapped_and_ignored_columns_are_reported(read):
    _, report = read("ann,q1,s1,1,x", columns="user,item_id,skill_ids,correct,grade", mapped="learner_id=user")
    assert report.columns["learner_id"] == ("user",)
    assert report.ignored_columns == ("grade",)


def test_the_joined_skills_stand_in_for_a_missing_item(read):
    table, _ = read("ann,s2;s1,1", columns="learner_id,skill_ids,correct")
    assert attempts_of(table)[0].item_id == "s2;s1"


def test_a_study_row_needs_no_outcome_and_keeps_none(read):
    table, report = read("ann,q1,s1,,1", "ann,q1,s1,0,1", "ann,q1,s1,0,0", columns=f"{HEADER},study")
    assert [(attempt.correct, attempt.study) for attempt in attempts_of(table)] == [(None, True), (None, True), (0.0, False)]
    assert (report.n_study, report.n_evidence) == (2, 1)


def test_a_negative_duration_is_unknown_and_the_row_stays(read):
    table, report = read("ann,q1,s1,1,-1", "ann,q2,s1,1,900", columns=f"{HEADER},response_ms")
    assert [attempt.response_ms for attempt in attempts_of(table)] == [None, 900]
    assert report.emptied.select("row", "value").rows() == [(0, "-1")]


AT = datetime(2020, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["1577880000.25", "2020-01-01T12:00:00.25Z", "2020-01-01t12:00:00.250z", "2020-01-01 13:00:00.25+01:00", " 1577880000.25 "]
)
def test_times_are_unix_seconds_or_rfc_3339(read, cell):
    table, _ = read(f"ann,q1,s1,1,{cell}", columns=f"{HEADER},occurred_at")
    assert attempts_of(table)[0].occurred_at == AT


def test_units_and_missing_offsets_are_settings_of_the_map(read):
    columns = f"{HEADER},occurred_at"
    table, _ = read("ann,q1,s1,1,1577880000250", columns=columns, scale={"occurred_at": 1e-3})
    assert attempts_of(table)[0].occurred_at == AT
    table, _ = read("ann,q1,s1,1,2020-01-01 12:00:00.25", columns=columns, mapped="naive_times_are_utc=yes")
    assert attempts_of(table)[0].occurred_at == AT


def test_history_order_is_time_then_sequence_then_id(read):
    lines = ["ann,q1,s,1,20,1,b", "ann,q2,s,1,10,2,c", "bob,q3,s,1,5,0,d", "ann,q4,s,1,10,1,z", "ann,q5,s,1,10,1,a"]
    table, report = read(*lines, columns=f"{HEADER},occurred_at,sequence,attempt_id")
    assert [attempt.item_id for attempt in attempts_of(table)] == ["q5", "q4", "q2", "q1", "q3"]
    assert report.has_times


@pytest.mark.parametrize(
    ("columns", "tied"), [("sequence", "1"), ("occurred_at,sequence", "10,1")], ids=["sequence tied", "time and sequence tied"]
)
def test_rows_that_tie_keep_the_order_of_the_file_where_ids_are_made(read, columns, tied):
    table, _ = read(*(f"ann,q{row},s,{row % 2},{tied}" for row in range(25)), columns=f"{HEADER},{columns}")
    assert [attempt.item_id for attempt in attempts_of(table)] == [f"q{row}" for row in range(25)]


@given(st.lists(st.tuples(st.sampled_from(["5", "6", ""]), st.integers(-2, 2)), min_size=1, max_size=40))
def test_table_order_is_the_domains_order_and_rows_break_ties(tmp_path_factory, places):
    path = tmp_path_factory.mktemp("drawn") / "attempts.csv"
    lines = (f"ann,q{row},s,1,{at},{sequence}" for row, (at, sequence) in enumerate(places))
    path.write_text("\n".join([f"{HEADER},occurred_at,sequence", *lines]), encoding="utf-8")
    table, _ = read_attempts(path)
    slow = sorted(range(len(places)), key=lambda row: (int(places[row][0] or -1), places[row][1], row))
    assert table.frame["row"].to_list() == slow
    assert attempts_of(table) == sorted(attempts_of(table), key=lambda attempt: attempt.order_key)


def test_a_sequence_of_whole_floats_is_one_of_integers_to_the_last_digit(read):
    columns = f"{HEADER},sequence,attempt_id"
    table, _ = read("ann,q2,s,1,2.0,a", "ann,q1,s,1,1.0,b", "ann,q3,s,1,9007199254740993,c", columns=columns)
    assert [attempt.sequence for attempt in attempts_of(table)] == [1, 2, 2**53 + 1]
    assert rejected(read("ann,q1,s,1,1,a", "ann,q1,s,1,1.5,b", columns=columns)[1]) == [(1, "sequence", "1.5")]


def test_attempts_without_a_time_among_others_come_first_and_are_counted(read):
    table, report = read("ann,q1,s1,1,20", "ann,q2,s1,1,", columns=f"{HEADER},occurred_at")
    assert [attempt.item_id for attempt in attempts_of(table)] == ["q2", "q1"]
    assert report.n_untimed == 1


def test_a_column_of_empty_times_is_no_column_of_times(read):
    _, report = read("ann,q1,s1,1,", "ann,q1,s1,1,", columns=f"{HEADER},occurred_at")
    assert not report.has_times
    assert list(report.equal_rows) == [1]


def test_rows_per_skill_collapse_only_where_the_map_says_so(read):
    lines = ["ann,q1,s1,1", "ann,q1,s2,1", "bob,q1,s1,1", "ann,q1,s3,1", "ann,q1,s1,1", "ann,q1,s1,0"]
    table, report = read(*lines, mapped="collapse_repeated_rows=yes")
    ann = [(attempt.attempt_id, attempt.skill_ids, attempt.correct) for attempt in attempts_of(table) if attempt.learner_id == "ann"]
    assert ann == [("row-0", ("s1", "s2", "s3"), 1.0), ("row-4", ("s1",), 1.0), ("row-5", ("s1",), 0.0)]
    assert list(report.collapsed_rows) == [1, 3]
    assert len(read(*lines)[0]) == 6


def test_ids_and_times_tell_apart_what_looks_like_rows_per_skill(read):
    lines = ["ann,q1,s1,1,a,1", "ann,q1,s2,1,a,1", "ann,q1,s3,1,b,1", "ann,q1,s4,1,b,2"]
    columns = f"{HEADER},attempt_id,sequence"
    table, _ = read(*lines, columns=columns, mapped="collapse_repeated_rows=yes")
    assert [attempt.skill_ids for attempt in attempts_of(table)] == [("s1", "s2"), ("s3", "s4")]
    timed, _ = read("ann,q1,s1,1,5", "ann,q1,s2,1,5", "ann,q1,s3,1,6", columns=f"{HEADER},occurred_at", collapse_repeated_rows=True)
    assert [attempt.skill_ids for attempt in attempts_of(timed)] == [("s1", "s2"), ("s3",)]


CELLS = st.tuples(
    st.sampled_from(["ann", "bob", ""]),
    st.sampled_from(["q1", "q2"]),
    st.sampled_from(["s1", "s2", "s1;s2"]),
    st.sampled_from(["0", "1", "x"]),
    st.sampled_from(["5", "6", "", "soon"]),
)


@given(st.lists(CELLS, min_size=1, max_size=25), st.booleans(), st.booleans())
def test_every_row_is_an_attempt_or_accounted_for(tmp_path_factory, rows, timed, collapses):
    width = 5 if timed else 4
    path = tmp_path_factory.mktemp("drawn") / "attempts.csv"
    pl.DataFrame(
        [row[:width] for row in rows], schema=["learner_id", "item_id", "skill_ids", "correct", "occurred_at"][:width], orient="row"
    ).write_csv(path)
    try:
        table, report = read_attempts(path, ColumnMap(collapse_repeated_rows=collapses))
    except InvalidInput:
        assert all(row[0] == "" or row[3] == "x" or (timed and row[4] == "soon") for row in rows)
        return
    told = json.loads(report.to_json())
    gone = [*told["collapsed_rows"], *told["duplicate_rows"], *{reject["row"] for reject in told["rejected"]}]
    assert sorted([*gone, *table.frame["row"]]) == list(range(len(rows)))
    assert told["n_rows"] == len(rows)
    assert told["n_attempts"] == len(table)
