"""What a file holds, before any rule about attempts is applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

from adaptive.datasets.rejects import no_rejects
from adaptive.errors import InvalidInput, Problem

__all__ = ["LIST_MARK", "Layout", "SourceRows", "chosen", "refused_file"]

LIST_MARK = "\x1f"
"""Joins the values of a list into one text (ASCII unit separator), where a layout has lists and a column has texts."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceRows:
    """Rows of a file: the wanted columns, the 0-based data row of each, all column names, and rows that cannot be read."""

    frame: pl.DataFrame
    row: pl.Series
    columns: tuple[str, ...]
    rejects: pl.DataFrame = field(default_factory=no_rejects)

    @classmethod
    def whole(cls, frame: pl.DataFrame, columns: Collection[str]) -> SourceRows:
        """Rows of a file that could be read to the end: numbered from 0."""
        return cls(frame, pl.int_range(frame.height, eager=True), tuple(columns))


class Layout(Protocol):
    """How rows lie in a file."""

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The rows of the file with those of the wanted columns that it has. Raises InvalidInput where it is broken."""


def chosen(columns: Collection[str], wanted: Collection[str]) -> list[str]:
    """The columns to read: those wanted, or the first where none is, so that the rows are still counted.

    >>> chosen(["user", "grade"], {"user", "item"}), chosen(["grade"], {"user"})
    (['user'], ['grade'])
    """
    return [name for name in columns if name in wanted] or list(columns)[:1]


def refused_file(path: Path, rule: str, value: object, way_out: str) -> InvalidInput:
    """The error for a file that cannot be read as a whole."""
    return InvalidInput(str(path), [Problem("file", rule, str(value), way_out)])
