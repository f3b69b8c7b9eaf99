"""Reading scores: every row has its fate, bad files say the way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adaptive.domain import Score
from adaptive.errors import InvalidInput
from adaptive.placement import ScoreTable, read_scores

HEADER = "learner_id,scale,area,score,standard_error,taken_on,grade"


@pytest.fixture
def read(tmp_path: Path):
    def _read(*rows: str, header: str = HEADER, **options: str) -> ScoreTable:
        path = tmp_path / "scores.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return read_scores(path, **options)

    return _read


def test_sound_row_becomes_a_score_spelled_as_its_scale_spells_it(read) -> None:
    table = read("ann,RIT, the real and complex number systems ,204,5.1,2025-09-10,k")
    assert table.scores == (
        Score("ann", "rit", 204.0, area="Real and Complex Number Systems", standard_error=5.1, taken_on=date(2025, 9, 10), grade="K"),
    )
    assert [row.status for row in table.rows] == ["used"]


def test_every_row_has_a_fate_and_a_reason(read) -> None:
    table = read(
        "ann,rit,Geometry,204,5.1,2025-09-10,4",
        "ann,rit,,205,3.1,2025-09-10,4",
        "ann,rit,Geometry,204,5.1,2025-09-10,4",
        "bob,rit,,190,,,",
        "cy,rit,,990,3,2025-09-10,4",
        "dee,rit,,190,3,2025-09-10,14",
    )
    assert [(row.row, row.status) for row in table.rows] == [
        (0, "used"),
        (1, "skipped"),
        (2, "skipped"),
        (3, "flagged"),
        (4, "rejected"),
        (5, "flagged"),
    ]
    assert "areas" in table.rows[1].reason
    assert "row 0" in table.rows[2].reason
    assert "default of 3.3" in table.rows[3].reason
    assert "between 100 and 350" in table.rows[4].reason
    assert "none of K and 1 to 12" in table.rows[5].reason
    assert list(table.by_learner()) == ["ann", "bob", "dee"]


@pytest.mark.parametrize(
    ("row", "rule", "value"),
    [
        (",rit,,200,,,", "learner_id must not be empty", ""),
        ("ann,rit,,,,,", "score must not be empty", ""),
        ("ann,rit,,absent,,,", "score must be a number", "absent"),
        ("ann,rit,,nan,,,", "lies between 100 and 350", "nan"),
        ("ann,rit,,200,low,,", "standard_error must be a number", "low"),
        ("ann,rit,,200,0,,", "standard error on the rit scale lies between 0.33", "0"),
        ("ann,rit,,200,,10/09/2025,", "taken_on must be a date such as 2025-09-15", "10/09/2025"),
        ("ann,rit,Poetry,200,,,", "Known: Geometry, Measurement and Data", "Poetry"),
        ("ann,stanine,,5,,,", "Known: rit, theta", "stanine"),
        (",rit,,absent,,soon,", "score must be a number; taken_on must be a date", "soon"),
    ],
)
def test_bad_row_is_rejected_with_its_rule_and_value_and_the_others_read_on(read, row: str, rule: str, value: str) -> None:
    table = read(row, "bob,theta,,0.5,,2025-09-10,4")
    assert len(table.rejects) == 1
    assert rule in table.rejects[0].reason
    assert value in [problem.value for problem in table.rejects[0].problems]
    assert [score.learner_id for score in table.scores] == ["bob"]


def test_scale_and_grade_given_once_stand_in_where_rows_have_none(read) -> None:
    table = read("ann,204,", "bob,199,5", header="learner_id,score,grade", scale="rit", grade="4")
    assert [(score.scale, score.grade) for score in table.scores] == [("rit", "4"), ("rit", "5")]


def test_quoted_fields_may_hold_commas_and_line_breaks(read) -> None:
    assert read('"ann\nlee, jr",rit,,204,,,4').scores[0].learner_id == "ann\nlee, jr"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "has a header and rows"),
        (HEADER + "\n", "at least one row"),
        ("learner,score\nann,204\n", "column learner_id must be there"),
        ("learner,score\nann,204\n", "column scale must be there"),
    ],
)
def test_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=rule):
        read_scores(path)


def test_missing_and_undecodable_files_are_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can be read"):
        read_scores(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_scores(tmp_path / "binary.csv")
