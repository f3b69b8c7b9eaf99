"""The canonical columns of a table of attempts: names, types and what each may hold (formats, "Attempts table")."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["ATTEMPT_COLUMNS", "INPUT_COLUMNS", "REQUIRED_COLUMNS", "SCHEMA"]

SCHEMA: Final = pl.Schema(
    {
        "learner_id": pl.String(),
        "item_id": pl.String(),
        "skill_ids": pl.List(pl.String()),
        "correct": pl.Float64(),  # null for study rows
        "occurred_at": pl.Datetime("us", "UTC"),  # null where the source has no time
        "sequence": pl.Int64(),
        "attempt_id": pl.String(),
        "study": pl.Boolean(),
        "attempt_number": pl.Int64(),  # null where unknown, as the two below
        "hints_used": pl.Int64(),
        "response_ms": pl.Int64(),
        "fold": pl.String(),  # null where the source has no folds
        "row": pl.Int64(),  # 0-based data row of the source
    }
)
"""The columns of `AttemptTable.frame`, in order."""

ATTEMPT_COLUMNS: Final = tuple(name for name in SCHEMA if name not in ("fold", "row"))
"""The columns that make an `Attempt`; the other two say where it came from and what evaluation does with it."""

INPUT_COLUMNS: Final = tuple(name for name in SCHEMA if name != "row")
"""The columns that a file may bring."""

REQUIRED_COLUMNS: Final = ("learner_id", "skill_ids", "correct")
"""The columns that a file must bring."""
