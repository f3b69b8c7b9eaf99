"""The same attempts from every kind of file, and what a broken file says."""

from __future__ import annotations

import gzip
import json
import lzma
from datetime import time

import polars as pl
import pytest

from adaptive.datasets import AttemptTable, ColumnMap, read_attempts
from adaptive.datasets.layouts.delimited import DelimitedText
from adaptive.datasets.layouts.four_lines import FourLines
from adaptive.datasets.layouts.learner_files import LearnerFiles
from adaptive.errors import InvalidInput, UnknownName

CSV = b"learner_id,item_id,skill_ids,correct,note\nann,q1,s1;s2,1,x\nbob,q2,s1,0,\n"
NDJSON = b"""
{"learner_id": "ann", "item_id": "q1", "skill_ids": ["s1", "s2"], "correct": true, "note": {"a": 1}}

{"learner_id": "bob", "item_id": "q2", "skill_ids": "s1", "correct": 0}
"""


def read(path, content, **settings):
    path.write_bytes(content)
    return read_attempts(path, ColumnMap(**settings))


def seen(table):
    return table.frame.select("learner_id", "item_id", "skill_ids", "correct", "row").rows()


EXPECTED = [("ann", "q1", ["s1", "s2"], 1.0, 0), ("bob", "q2", ["s1"], 0.0, 1)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("A.CSV", b"\xef\xbb\xbf" + CSV.replace(b"\n", b"\r\n")),
        ("a.tsv", CSV.replace(b",", b"\t")),
        ("a.csv.gz", gzip.compress(CSV, mtime=0)),
        ("a.csv.xz", lzma.compress(CSV)),
        ("a.ndjson", NDJSON),
        ("a.jsonl.xz", lzma.compress(NDJSON)),
    ],
)
def test_every_text_layout_gives_the_same_attempts(tmp_path, name, content):
    table, report = read(tmp_path / name, content)
    assert seen(table) == EXPECTED
    assert report.ignored_columns == ("note",)


def test_parquet_is_read_with_the_types_that_it_carries(tmp_path):
    frame = pl.DataFrame(
        {
            "learner_id": [7.0, 8.0],  # as pandas writes integers beside a missing one
            "item_id": [1, 2],
            "skill_ids": [["s1", "s2"], ["s1"]],
            "correct": [True, False],
            "occurred_at": pl.Series([0, 1_500_000]).cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Berlin"),
            "response_ms": [float("nan"), 900.0],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    table, report = read_attempts(tmp_path / "a.parquet")
    assert table.frame.select("learner_id", "item_id", "correct", "response_ms").rows() == [("7", "1", 1.0, None), ("8", "2", 0.0, 900)]
    assert table.codes().seconds.tolist() == [-3600.0, -3598.5]
    assert report.n_rejected == 0


@pytest.mark.parametrize(("column", "values"), [("learner_id", [["ann"]]), ("occurred_at", [time(9)]), ("correct", [[1]])])
def test_a_column_of_another_kind_is_refused_by_name(tmp_path, column, values):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"learner_id": ["ann"], "skill_ids": ["s"], "correct": [1], column: values}).write_parquet(path)
    with pytest.raises(InvalidInput, match=f"{column}: a column holds texts, numbers or times"):
        read_attempts(path)


def test_not_a_number_among_float_ids_is_an_empty_id(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"learner_id": [7.5, float("nan")], "skill_ids": ["s", "s"], "correct": [1, 1]}).write_parquet(path)
    table, report = read_attempts(path)
    assert table.learner_ids == ("7.5",)
    assert report.rejects["row"].to_list() == [1]


def test_typed_times_without_a_zone_need_the_claim_that_they_are_utc(tmp_path):
    path = tmp_path / "a.parquet"
    columns = {"learner_id": ["ann"], "skill_ids": ["s"], "correct": [1]}
    pl.DataFrame({**columns, "occurred_at": pl.Series([1_000]).cast(pl.Datetime("ms"))}).write_parquet(path)
    with pytest.raises(InvalidInput, match="a time carries its offset"):
        read_attempts(path)
    assert read_attempts(path, ColumnMap(naive_times_are_utc=True))[0].codes().seconds.tolist() == [1.0]


def test_other_encodings_are_a_setting_of_the_layout(tmp_path):
    table, _ = read(tmp_path / "a.csv", CSV.replace(b"ann", b"ren\xe9"), layout=DelimitedText(encoding="latin-1"))
    assert table.learner_ids == ("rené", "bob")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "it must hold rows. Got '0 bytes'"),
        ("a.csv", b"learner_id,skill_ids,correct\n", "it must hold rows. Got 'a header alone'"),
        ("a.csv.xz", lzma.compress(CSV)[:-20], "it must be a complete .xz stream"),
        ("a.csv.xz", b"plain text", "it must be a complete .xz stream"),
        ("a.csv.gz", gzip.compress(CSV, mtime=0)[:-9], "it must be a complete .gz stream"),
        ("a.csv.gz", b"plain text", "it must be a complete .gz stream"),
        ("a.csv", CSV.replace(b"ann", b"\xff"), "its text must be utf-8. Got \"byte b'\\\\xff' in line 2\""),
        ("a.csv", CSV + b'cy,"q3,s1,1,\n', "quotes must close"),
        ("a.csv", CSV.replace(b"note", b"correct"), "column names must differ. Got 'correct'"),
        ("a.parquet", b"PAR1 no", "it must be a complete Parquet file"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path, name, content, said):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path / name, content)
    assert said in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet", "folder.csv"])
def test_a_missing_file_and_a_folder_are_refused(tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidInput, match="a file that can be read"):
        read_attempts(tmp_path / name)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_blank_lines_are_no_rows_but_stay_inside_quotes(tmp_path, ending):
    lines = [
        b"",
        b"learner_id,item_id,skill_ids,correct",
        b"",
        b"",
        b'ann,"a',
        b"",
        b'b ""c"" ",s,1',
        b"",
        b'ann,5" pipe,s,0',
        b"",
        b'"bob",q,s,1',
        b"",
    ]
    table, report = read(tmp_path / "a.csv", ending.join(lines))
    inside = ending.decode()
    assert table.frame["item_id"].to_list() == [f'a{inside * 2}b "c"', '5" pipe', "q"]
    assert (report.n_rows, table.frame["row"].to_list()) == (3, [0, 1, 2])


def test_an_unknown_suffix_lists_the_known_ones(tmp_path):
    with pytest.raises(UnknownName, match=r"'.txt'. Known: .csv, .jsonl, .ndjson, .parquet, .tsv"):
        read(tmp_path / "a.txt", CSV)


def test_a_bad_line_of_json_is_rejected_and_the_others_go_on(tmp_path):
    table, report = read(
        tmp_path / "a.ndjson", NDJSON + b'{"learner_id":\n[1]\n{"learner_id": "cy", "skill_ids": ["s"], "correct": null}\n'
    )
    assert seen(table) == EXPECTED
    assert report.rejects["row"].to_list() == [2, 3, 4]


def test_a_missing_column_is_named_in_every_layout(tmp_path):
    for name, content in (("a.csv", b"x,y\n1,2\n"), ("b.csv", b"x,y\n1,2\n1,2,3\n"), ("a.ndjson", b'{"x": 1, "y": 2}\n')):
        with pytest.raises(InvalidInput, match=r"must have the column 'learner_id'. Got 'x, y'"):
            read(tmp_path / name, content)


FOUR_LINES = b"7,100\n1,1,2\n5,6,5\n0,0,1,\n8,101\n1\n5\n1\n"


def test_four_lines_a_learner_are_counted_position_by_position(tmp_path):
    table, report = read(tmp_path / "a.csv", FOUR_LINES, layout=FourLines(), collapse_repeated_rows=True)
    assert seen(table) == [("7", "1", ["5", "6"], 0.0, 0), ("7", "2", ["5"], 1.0, 2), ("8", "1", ["5"], 1.0, 3)]
    assert (report.n_rows, list(report.collapsed_rows)) == (4, [1])


def test_a_learner_with_uneven_lines_is_rejected_row_by_row(tmp_path):
    table, report = read(tmp_path / "a.csv", FOUR_LINES.replace(b"0,0,1,", b"0,0"), layout=FourLines())
    assert table.learner_ids == ("8",)
    assert report.rejects["row"].to_list() == [0, 1, 2]
    assert report.rejects["value"][0] == "3 items, 3 skills, 2 answers"
    assert report.n_rows == 4


def test_lines_that_are_no_multiple_of_four_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"a learner has 4 lines. Got '7 lines'"):
        read(tmp_path / "a.csv", FOUR_LINES.rsplit(b"\n", 2)[0], layout=FourLines())


def test_a_folder_gives_each_learner_the_name_of_their_file(tmp_path):
    for name, item in (("u2", "q2"), ("u1", "q1"), ("u1.2", "q3")):
        (tmp_path / f"{name}.csv").write_text(f"item_id,skill_ids,correct\n{item},s,1\n", encoding="utf-8")
    table, _ = read_attempts(tmp_path, ColumnMap(layout=LearnerFiles()))
    assert seen(table) == [("u1.2", "q3", ["s"], 1.0, 0), ("u1", "q1", ["s"], 1.0, 1), ("u2", "q2", ["s"], 1.0, 2)]


def test_a_folder_without_files_or_with_different_headers_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="a folder with a"):
        read_attempts(tmp_path, ColumnMap(layout=LearnerFiles()))
    (tmp_path / "u1.csv").write_text("item_id,skill_ids,correct\nq,s,1\n", encoding="utf-8")
    (tmp_path / "u2.csv").write_text("other\n1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="CSV with the same header"):
        read_attempts(tmp_path, ColumnMap(layout=LearnerFiles()))


def test_ndjson_is_read_in_batches_with_running_row_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr("adaptive.datasets.layouts.json_lines._BATCH_ROWS", 2)
    rows = [{"learner_id": f"l{i}", "skill_ids": ["s"], "correct": i % 2, **({"fold": "1"} if i > 2 else {})} for i in range(5)]
    table, _ = read(tmp_path / "a.ndjson", "\n".join(map(json.dumps, rows)).encode())
    assert isinstance(table, AttemptTable)
    assert table.frame["row"].to_list() == [0, 1, 2, 3, 4]
    assert table.frame["fold"].to_list() == [None, None, None, "1", "1"]
