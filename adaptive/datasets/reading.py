"""Reading a file of attempts: rows, rules, collapse, duplicates, table and quality report, in that order."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

from adaptive.datasets.columns import ColumnMap, canonical_rows
from adaptive.datasets.order import in_history_order
from adaptive.datasets.rejects import problems_of
from adaptive.datasets.repeated_rows import collapse, drop_duplicates, equal_rows, ids_across_learners
from adaptive.datasets.report import QualityReport
from adaptive.datasets.schema import SCHEMA
from adaptive.datasets.table import AttemptTable
from adaptive.datasets.table_counts import table_counts
from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Ints

__all__ = ["read_attempts"]

_NO_ROWS: Ints = np.zeros(0, dtype=np.int64)

_TOLERATED_ROWS = 0.01
"""Share of rows whose id another learner's row has, up to which these are slips: counted as duplicates, not refused."""

_SHOWN_PROBLEMS = 10
"""Problems in the message when no row is valid; the cause is then mostly one and the same."""


def read_attempts(path: Path | str, column_map: ColumnMap | None = None) -> tuple[AttemptTable, QualityReport]:
    """The attempts of a file and what was read, dropped, collapsed and rejected.

    Raises InvalidInput where the file cannot be read, lacks a required column, has no valid row, or its ids name no attempt.
    """
    path, column_map = Path(path), column_map or ColumnMap()
    frame, intake = canonical_rows(path, column_map)
    if not frame.height:
        subject = f"{path} (none of {intake.n_rows:,} rows is valid; the first)"
        raise InvalidInput(subject, problems_of(intake.rejects.head(_SHOWN_PROBLEMS)))
    # Each step gives up the frame before it: with ten million rows every frame held is a gigabyte.
    frame = in_history_order(_placed(frame))
    collapsed = _NO_ROWS
    if column_map.collapse_repeated_rows:
        frame, collapsed = collapse(frame)
    _require_attempt_ids(frame, path)
    frame, duplicates, differing, other_skill = drop_duplicates(frame)
    equal = _NO_ROWS if {"attempt_id", "occurred_at"}.intersection(frame.columns) else equal_rows(frame)
    table = AttemptTable.from_columns(_completed(frame))
    return table, QualityReport(
        source=str(path),
        columns=intake.used,
        ignored_columns=intake.ignored,
        n_rows=intake.n_rows,
        duplicate_rows=duplicates,
        differing_rows=differing,
        other_skill_rows=_NO_ROWS if column_map.collapse_repeated_rows else other_skill,
        collapsed_rows=collapsed,
        equal_rows=equal,
        rejects=intake.rejects,
        emptied=intake.emptied,
        **asdict(table_counts(table)),
    )


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows, in file order, with an item and a place: the joined skills and the row number where the file has none.

    Where ids will be made of row numbers, the place is the rank by (sequence, row): rows that tie in time and sequence
    then keep the order of the file, which the text of their ids ("row-10" before "row-2") would break. A column of
    times that is empty throughout is no column of times.
    """
    made = {"item_id": pl.col("skill_ids").list.join(";"), "sequence": pl.col("row")}
    placed = frame.with_columns(**{name: column for name, column in made.items() if name not in frame.columns})
    if "attempt_id" not in frame.columns and "sequence" in frame.columns:
        placed = placed.with_columns(pl.col("sequence").rank("ordinal").cast(SCHEMA["sequence"]) - 1)
    is_timed = "occurred_at" in placed.columns and placed["occurred_at"].is_not_null().any()
    return placed if is_timed else placed.drop("occurred_at", strict=False)


def _require_attempt_ids(frame: pl.DataFrame, path: Path) -> None:
    """Raises where ids are shared mostly by rows of different learners: numbers within a learner name no attempt.

    Taken for duplicates, all such rows but one per number would be dropped.
    """
    if "attempt_id" not in frame.columns:
        return
    shared = ids_across_learners(frame)
    across = shared.filter(pl.col("n_learners") > 1)
    n_rows = int(across["n_rows"].sum()) - across.height
    if 2 * across.height <= shared.height or n_rows <= _TOLERATED_ROWS * frame.height:
        return
    rule = "an attempt_id names one attempt of the file, not one within each learner"
    found = f"{across.height:,} ids shared by several learners, such as {across['attempt_id'][0]} by {across['n_learners'][0]:,}"
    way_out = "map another column, --map attempt_id=<your column>, or rename it: to sequence if it numbers a learner's attempts"
    raise InvalidInput(str(path), [Problem("attempt_id", rule, found, way_out)])


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with all canonical columns: ids made of row numbers, no study, the rest unknown."""
    made = {"attempt_id": pl.format("row-{}", "row"), "study": pl.lit(value=False)}
    unknown = {name: pl.lit(None, dtype=dtype) for name, dtype in SCHEMA.items()}
    return frame.with_columns(**{name: column for name, column in (unknown | made).items() if name not in frame.columns})
