"""Rows that break a rule, as a frame: which row and column, which rule, which value, and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from adaptive.errors import Problem

__all__ = ["REJECT_SCHEMA", "no_rejects", "problems_of", "rejects_of"]

REJECT_SCHEMA: Final = pl.Schema(
    {"row": pl.Int64(), "column": pl.String(), "rule": pl.String(), "value": pl.String(), "way_out": pl.String()}
)
"""One line per broken rule; `row` is the 0-based data row of the file. A row may break several."""

_SHOWN_CHARACTERS = 80
"""A value is shown up to this length: enough to find it, short enough for a line."""


def no_rejects() -> pl.DataFrame:
    """The empty frame of rejects."""
    return pl.DataFrame(schema=REJECT_SCHEMA)


def rejects_of(rows: pl.Series, column: str, rule: str, values: pl.Series, way_out: str) -> pl.DataFrame:
    """One rule broken by several rows.

    >>> rejects = rejects_of(pl.Series([3]), "correct", "a score lies in [0, 1]", pl.Series(["2"]), "rescale the score")
    >>> print(*problems_of(rejects))
    row 3, correct: a score lies in [0, 1]. Got '2'; rescale the score.
    """
    shown = values.cast(pl.String).fill_null("").str.slice(0, _SHOWN_CHARACTERS)
    columns = {"row": rows.cast(pl.Int64), "value": shown}
    return pl.DataFrame(columns).select("row", column=pl.lit(column), rule=pl.lit(rule), value="value", way_out=pl.lit(way_out))


def problems_of(rejects: pl.DataFrame) -> Iterable[Problem]:
    """The rejects as problems, in their order."""
    return (
        Problem(f"row {row}, {column}" if column else f"row {row}", rule, value, way_out)
        for row, column, rule, value, way_out in rejects.iter_rows()
    )
