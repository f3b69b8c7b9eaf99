"""Where a canonical column comes from: a column of the file, several joined, or whether two agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

__all__ = ["Column", "Joined", "Same", "Source"]


class Source(Protocol):
    """What a canonical column is made of."""

    @property
    def names(self) -> tuple[str, ...]:
        """The file's columns that it reads."""

    def of(self, frame: pl.DataFrame) -> pl.Series:
        """Its values, (n_rows,)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as it stands.

    >>> Column("user").of(pl.DataFrame({"user": ["ann"]})).to_list()
    ['ann']
    """

    name: str

    @property
    def names(self) -> tuple[str, ...]:
        """The file's columns that it reads."""
        return (self.name,)

    def of(self, frame: pl.DataFrame) -> pl.Series:
        """Its values, (n_rows,)."""
        return frame[self.name]


@dataclass(frozen=True, slots=True)
class Joined:
    """Several columns as one text, for sets whose item is named by two columns (a problem and its step).

    >>> Joined(("problem", "step")).of(pl.DataFrame({"problem": ["p1", "p2"], "step": ["a", None]})).to_list()
    ['p1 / a', 'p2']
    """

    names: tuple[str, ...]
    by: str = " / "

    def of(self, frame: pl.DataFrame) -> pl.Series:
        """Its values, (n_rows,); empty cells are left out."""
        return frame.select(pl.concat_str(list(self.names), separator=self.by, ignore_nulls=True)).to_series()


@dataclass(frozen=True, slots=True)
class Same:
    """1 where two columns hold the same text, 0 where not, empty where one is empty: an answer against its key.

    >>> Same("chosen", "key").of(pl.DataFrame({"chosen": ["a", "b", None], "key": ["a", "a", "a"]})).to_list()
    ['1', '0', None]
    """

    given: str
    expected: str

    @property
    def names(self) -> tuple[str, ...]:
        """The file's columns that it reads."""
        return (self.given, self.expected)

    def of(self, frame: pl.DataFrame) -> pl.Series:
        """Its values, (n_rows,)."""
        agree = pl.col(self.given).cast(pl.String) == pl.col(self.expected).cast(pl.String)
        return frame.select(agree.cast(pl.Int8).cast(pl.String)).to_series()
