"""Reading a file of attempts: rows, rules, collapse, duplicates, table and quality report, in that order."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import numpy as np
import polars as pl

from adaptive.datasets.canonical import canonical_rows
from adaptive.datasets.column_maps import ColumnMap
from adaptive.datasets.order import in_history_order
from adaptive.datasets.rejects import problems_of
from adaptive.datasets.repeated_rows import collapse, drop_duplicates, equal_rows
from adaptive.datasets.report import QualityReport
from adaptive.datasets.schema import SCHEMA
from adaptive.datasets.source_files import read_rows
from adaptive.datasets.table import AttemptTable
from adaptive.errors import InvalidInput
from adaptive.protocols import Ints

__all__ = ["read_attempts"]

_SHOWN_PROBLEMS = 10
"""Problems in the message when no row is valid; the cause is then mostly one and the same."""


def read_attempts(path: Path | str, column_map: ColumnMap | None = None) -> tuple[AttemptTable, QualityReport]:
    """The attempts of a file and what was read, dropped, collapsed and rejected.

    Raises InvalidInput where the file cannot be read, lacks a required column, or has no valid row.
    """
    path, column_map = Path(path), column_map or ColumnMap()
    source = read_rows(path, column_map.wanted, column_map.layout)
    rows = canonical_rows(source, column_map, path)
    if not rows.frame.height:
        n_rejected = rows.rejects["row"].n_unique()
        raise InvalidInput(f"{path} (none of {n_rejected:,} rows is valid; the first)", problems_of(rows.rejects.head(_SHOWN_PROBLEMS)))
    ordered = in_history_order(_placed(rows.frame))
    attempts, collapsed = collapse(ordered) if column_map.collapse_repeated_rows else (ordered, ordered["row"].head(0).to_numpy())
    attempts, duplicates, differing = drop_duplicates(attempts)
    table = AttemptTable.from_columns(_completed(attempts))
    return table, QualityReport(
        source=str(path),
        columns=rows.used,
        ignored_columns=tuple(name for name in source.columns if name not in {theirs for names in rows.used.values() for theirs in names}),
        n_rows=source.frame.height + source.rejects["row"].n_unique(),
        duplicate_rows=duplicates,
        differing_rows=differing,
        collapsed_rows=collapsed,
        equal_rows=_equal_rows(attempts),
        rejects=rows.rejects,
        emptied=rows.emptied,
        **_counts(table),
    )


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with an item and a place: the joined skills and the row number where the file has none.

    A column of times that is empty throughout is no column of times.
    """
    made = {"item_id": pl.col("skill_ids").list.join(";"), "sequence": pl.col("row")}
    placed = frame.with_columns(**{name: column for name, column in made.items() if name not in frame.columns})
    is_timed = "occurred_at" in placed.columns and placed["occurred_at"].is_not_null().any()
    return placed if is_timed else placed.drop("occurred_at", strict=False)


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with all canonical columns: ids made of row numbers, no study, the rest unknown."""
    made = {"attempt_id": pl.format("row-{}", "row"), "study": pl.lit(value=False)}
    unknown = {name: pl.lit(None, dtype=dtype) for name, dtype in SCHEMA.items()}
    return frame.with_columns(**{name: column for name, column in (unknown | made).items() if name not in frame.columns})


def _equal_rows(attempts: pl.DataFrame) -> Ints:
    """Equal rows that nothing can tell apart."""
    told_apart = {"attempt_id", "occurred_at"}.intersection(attempts.columns)
    return attempts["row"].head(0).to_numpy() if told_apart else equal_rows(attempts)


class _Counts(TypedDict):
    n_attempts: int
    n_learners: int
    n_items: int
    n_skills: int
    n_study: int
    n_evidence: int
    n_repeats: int
    n_untimed: int
    mean_correct: float | None
    data_sha256: str


def _counts(table: AttemptTable) -> _Counts:
    """What the report says of the table itself."""
    frame, codes = table.frame, table.codes()
    scored = codes.correct[codes.evidence]
    return _Counts(
        n_attempts=len(table),
        n_learners=len(codes.learner_ids),
        n_items=len(codes.item_ids),
        n_skills=len(codes.skill_ids),
        n_study=int(frame["study"].sum()),
        n_evidence=int(codes.evidence.sum()),
        n_repeats=len(table) - len(np.unique(codes.learner * len(codes.item_ids) + codes.item)),
        n_untimed=frame["occurred_at"].null_count(),
        mean_correct=float(scored.mean()) if len(scored) else None,
        data_sha256=table.data_sha256,
    )
