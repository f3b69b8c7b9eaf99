"""Cells of one column: as text or number whatever their type, and the rules that they break."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

__all__ = ["Check", "Parsed", "numbers_of", "texts_of"]


class Check(NamedTuple):
    """A rule and the rows that break it: `broken` is (n,) without nulls."""

    broken: pl.Series
    rule: str
    way_out: str


class Parsed(NamedTuple):
    """A column's values, null where a cell is empty or breaks a rule, and the checks that say which do.

    A row that breaks one of `checks` is rejected; one that breaks one of `emptied` loses the cell and stays.
    """

    values: pl.Series
    checks: tuple[Check, ...] = ()
    emptied: tuple[Check, ...] = ()


def texts_of(cells: pl.Series) -> pl.Series:
    """The cells as texts without blanks around them; empty cells are null, 7.0 in a column of floats is "7".

    >>> texts_of(pl.Series([" a ", "", None])).to_list(), texts_of(pl.Series([7.0, None])).to_list()
    (['a', None, None], ['7', None])
    """
    if cells.dtype.is_float():
        cells = cells.fill_nan(None)
        cells = cells.cast(pl.Int64, strict=False) if (cells == cells.floor()).all() else cells
    texts = cells.cast(pl.String).str.strip_chars()
    return texts.set(texts == "", None)


def numbers_of(cells: pl.Series) -> pl.Series:
    """The cells as floats; what is no number is null.

    >>> numbers_of(pl.Series([" 1 ", "0.5", "yes", None])).to_list(), numbers_of(pl.Series([True])).to_list()
    ([1.0, 0.5, None, None], [1.0])
    """
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        return cells.cast(pl.Float64).fill_nan(None)
    return texts_of(cells).cast(pl.Float64, strict=False)
