from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets import AttemptTable, catalog_from_attempts, read_attempts, write_attempts, write_rejects
from adaptive.datasets.rejects import no_rejects
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput
from tests.datasets.strategies import attempts


def fits_a_file(attempt: Attempt) -> bool:
    """What the rules of files ask beyond the domain's: skills, no blanks around ids, tries from 1, no outcome of study."""
    ids = (attempt.attempt_id, attempt.item_id, *attempt.skill_ids)
    answered = attempt.correct is None or not attempt.study
    return bool(attempt.skill_ids) and all(ids) and all(name == name.strip() for name in ids) and attempt.attempt_number != 0 and answered


UNLIKE = st.lists(attempts().filter(fits_a_file), min_size=1, max_size=8, unique_by=lambda attempt: (attempt.attempt_id,)).filter(
    lambda drawn: len({(one.learner_id, one.item_id, one.occurred_at, one.correct) for one in drawn}) == len(drawn)
)


@given(UNLIKE)
def test_a_written_table_reads_back_equal(tmp_path_factory, drawn):
    path = tmp_path_factory.mktemp("written") / "attempts.parquet"
    table = AttemptTable.from_attempts(drawn)
    write_attempts(table, path)
    again, report = read_attempts(path)
    assert report.n_rejected == 0
    assert [(learner, list(history)) for learner, history in again.histories()] == [
        (learner, list(history)) for learner, history in table.histories()
    ]
    assert again.data_sha256 == table.data_sha256


TABLE = AttemptTable.from_attempts(
    [Attempt("a1", "ann", "q1", ("s2", "s1"), correct=1.0), Attempt("a2", "ann", "q1", ("s3",), correct=0.0)]
)
AGAIN = Attempt("a3", "bob", "q1", ("s2",), correct=1.0)


def test_writing_makes_the_folder_and_leaves_nothing_else(tmp_path):
    write_attempts(TABLE, tmp_path / "new" / "attempts.parquet")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["attempts.parquet"]


def test_a_failed_write_keeps_the_file_that_was_there(tmp_path):
    path = tmp_path / "rejected.csv"
    write_rejects(no_rejects(), path)
    before = path.read_bytes()
    with pytest.raises(pl.exceptions.PolarsError):
        write_rejects(no_rejects().with_columns(row=pl.lit([[1]])), path)  # CSV has no lists
    assert path.read_bytes() == before == b"row,column,rule,value,way_out\n"
    assert [found.name for found in tmp_path.iterdir()] == ["rejected.csv"]


def test_a_write_that_fails_at_the_end_leaves_no_partial_file(tmp_path):
    (tmp_path / "attempts.parquet").mkdir()
    with pytest.raises(InvalidInput, match="it must be writable"):
        write_attempts(TABLE, tmp_path / "attempts.parquet")
    assert [found.name for found in tmp_path.iterdir()] == ["attempts.parquet"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InvalidInput, match="it must be writable"):
        write_attempts(TABLE, tmp_path / "file" / "attempts.parquet")
    with pytest.raises(InvalidInput, match="a table is written as"):
        write_attempts(TABLE, tmp_path / "attempts.csv")


def test_a_catalogue_holds_what_the_attempts_name():
    catalog = catalog_from_attempts(
        AttemptTable.from_attempts([*(attempt for _, history in TABLE.histories() for attempt in history), AGAIN])
    )
    assert [skill.skill_id for skill in catalog.skills] == ["s1", "s2", "s3"]
    assert [(item.item_id, item.skill_ids) for item in catalog.items] == [("q1", ("s2", "s1", "s3"))]
    assert catalog.prerequisites == ()
