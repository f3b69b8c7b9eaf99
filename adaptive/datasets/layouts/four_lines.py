"""The four-line format of the AKT code base: learner, items, skills, answers, each a line of comma-separated values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

import polars as pl

from adaptive.datasets.layouts.file_content import content_of, decoded
from adaptive.datasets.layouts.source_rows import SourceRows, refused_file
from adaptive.datasets.rejects import no_rejects, rejects_of

__all__ = ["FourLines"]

_COLUMNS = ("learner_id", "item_id", "skill_ids", "correct")
_LINES = len(_COLUMNS)


@dataclass(frozen=True, slots=True)
class _Block:
    """One learner's four lines, from data row `start` on."""

    learner_id: str
    columns: tuple[list[str], list[str], list[str]]
    start: int

    @property
    def n_rows(self) -> int:
        return max(map(len, self.columns))

    @property
    def rows(self) -> range:
        return range(self.start, self.start + self.n_rows)

    @property
    def is_even(self) -> bool:
        return min(map(len, self.columns)) == self.n_rows


@dataclass(frozen=True, slots=True)
class FourLines:
    """Four lines a learner; data rows are counted through the file, position by position."""

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The rows as texts, under the canonical names. A learner whose lines differ in length is rejected."""
        lines = [line.strip() for line in decoded(content_of(path), "utf-8", path).splitlines() if line.strip()]
        if len(lines) % _LINES:
            raise refused_file(
                path, f"a learner has {_LINES} lines", f"{len(lines)} lines", "fetch the file again, or choose another format"
            )
        blocks = list(_blocks(lines))
        even = [block for block in blocks if block.is_even]
        learners = list(chain.from_iterable(repeat(block.learner_id, block.n_rows) for block in even))
        columns = [learners, *(list(chain.from_iterable(block.columns[i] for block in even)) for i in range(_LINES - 1))]
        texts = dict(zip(_COLUMNS, columns, strict=True))
        frame = pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in texts.items() if name in wanted})
        row = pl.Series(list(chain.from_iterable(block.rows for block in even)), dtype=pl.Int64)
        return SourceRows(frame, row, _COLUMNS, pl.concat([no_rejects(), *(_uneven(block) for block in blocks if not block.is_even)]))


def _blocks(lines: list[str]) -> Iterator[_Block]:
    start = 0
    for first in range(0, len(lines), _LINES):
        items, skills, answers = (line.rstrip(",").split(",") for line in lines[first + 1 : first + _LINES])
        block = _Block(lines[first].split(",")[0], (items, skills, answers), start)
        start += block.n_rows
        yield block


def _uneven(block: _Block) -> pl.DataFrame:
    counts = "{} items, {} skills, {} answers".format(*map(len, block.columns))
    rule = f"the lines of learner {block.learner_id!r} must be equally long"
    return rejects_of(pl.Series(block.rows), "", rule, pl.Series([counts] * block.n_rows), "repair the learner's lines")
