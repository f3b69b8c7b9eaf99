"""The quality report: what was read of a file, what was dropped, collapsed and rejected, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Final

import polars as pl

from adaptive.datasets.rejects import no_rejects, problems_of
from adaptive.datasets.table_counts import TableCounts
from adaptive.protocols import Ints

__all__ = ["QualityReport"]

_SHOWN_ROWS: Final = 5
"""Row numbers shown per line of the rendered page; the JSON has all."""

_LISTED_REJECTS: Final = 1_000
"""Rejects listed one by one: what a person may read; rejected.csv and the JSON have all."""


@dataclass(frozen=True, slots=True, eq=False)
class QualityReport(TableCounts):
    """What became of the rows of a file, and what the table holds; row numbers are 0-based data rows.

    `n_rows` = `n_attempts` + rejected rows + `duplicate_rows` + `collapsed_rows`. Of the duplicates, `differing_rows`
    say something else than the rows before them, and of these `other_skill_rows` name another skill of the same attempt
    where the column map does not claim that the set has a row per skill. `equal_rows` equal an earlier row and are
    kept, because the file has neither ids nor times. `emptied` are cells without a meaning whose row is kept.
    """

    source: str
    columns: Mapping[str, tuple[str, ...]]
    ignored_columns: tuple[str, ...]
    n_rows: int
    duplicate_rows: Ints
    differing_rows: Ints
    other_skill_rows: Ints
    collapsed_rows: Ints
    equal_rows: Ints
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    emptied: pl.DataFrame = field(default_factory=no_rejects)

    @property
    def n_rejected(self) -> int:
        """Rows that break at least one rule."""
        return self.rejects["row"].n_unique()

    @property
    def has_times(self) -> bool:
        """Whether any attempt has a time."""
        return self.n_untimed < self.n_attempts

    def to_json(self) -> str:
        """All of it, with every row number."""
        names = (each.name for each in fields(self) if each.name not in ("rejects", "emptied", *_ROW_LISTS))
        counts = {name: getattr(self, name) for name in ("source", *names)}
        rows = {name: getattr(self, name).tolist() for name in _ROW_LISTS}
        derived = {"has_times": self.has_times, "n_rejected": self.n_rejected}
        cells = {"rejected": self.rejects.to_dicts(), "emptied": self.emptied.to_dicts()}
        return json.dumps({**counts, **derived, **rows, **cells}, ensure_ascii=False) + "\n"

    def render(self) -> str:
        """A page for people, with samples of the row numbers."""
        times = f"{self.n_attempts - self.n_untimed:,} with a time" if self.has_times else f"no times: order is that of {self._order}"
        share = "" if self.mean_correct is None else f", {self.mean_correct:.1%} correct"
        lines = [
            f"{self.source}: {self.n_rows:,} rows read, {self.n_attempts:,} attempts kept",
            f"  {self.n_learners:,} learners, {self.n_items:,} items, {self.n_skills:,} skills{share}",
            f"  {self.n_evidence:,} scored (first and unaided), {self.n_study:,} study, {self.n_repeats:,} on an item met before; {times}",
            f"  columns: {', '.join(_described(name, theirs) for name, theirs in self.columns.items())}",
            f"  ignored columns: {', '.join(self.ignored_columns) or 'none'}",
            *self._row_lines(),
        ]
        return "\n".join(lines)

    def reject_lines(self) -> Iterator[str]:
        """A line per broken rule with row, rule, value and way out; the first thousand, then how many more there are."""
        yield from (f"rejected {problem}" for problem in problems_of(self.rejects.head(_LISTED_REJECTS)))
        if self.rejects.height > _LISTED_REJECTS:
            yield f"rejected {self.rejects.height - _LISTED_REJECTS:,} more"

    def warning_lines(self) -> Iterator[str]:
        """A line for each kind of row that was dropped and that the table misses, with the way out where there is one."""
        for name in _DROPPED:
            if len(rows := getattr(self, name)):
                yield f"warning: {self.source}: {_ROW_LISTS[name]}: {_sampled(rows)}"

    @property
    def _order(self) -> str:
        """What orders attempts without times, in words."""
        by_sequence = "sequence, then of attempt_id" if "attempt_id" in self.columns else "sequence, then of rows"
        return by_sequence if "sequence" in self.columns else "rows"

    def _row_lines(self) -> list[str]:
        lines = [f"  {says}: {_sampled(getattr(self, name))}" for name, says in _ROW_LISTS.items() if len(getattr(self, name))]
        if self.has_times and self.n_untimed:
            lines.append(f"  without a time, placed before the others: {self.n_untimed:,}")
        lines += [f"  cell emptied, row kept: {line}" for line in _by_rule(self.emptied)]
        if self.n_rejected:
            lines += [f"  rejected: {self.n_rejected:,} rows", *(f"    {line}" for line in _by_rule(self.rejects))]
        return lines


_ROW_LISTS: Final = {
    "collapsed_rows": "rows collapsed into the attempt that they repeat for another skill",
    "duplicate_rows": "duplicates dropped",
    "differing_rows": "of these, rows that differ in outcome or skills from the rows before them",
    "other_skill_rows": (
        "of these, rows that name another skill of the attempt before, which is lost; "
        "if the file has one row per skill, --map ...,collapse_repeated_rows=yes"
    ),
    "equal_rows": "equal rows kept, as there are no ids or times to tell a repeat from a copy",
}

_DROPPED: Final = ("duplicate_rows", "differing_rows", "other_skill_rows")


def _described(name: str, theirs: tuple[str, ...]) -> str:
    return name if theirs == (name,) else f"{name} = {' + '.join(theirs)}"


def _sampled(rows: Ints) -> str:
    more = ", ..." if len(rows) > _SHOWN_ROWS else ""
    return f"{len(rows):,} (rows {', '.join(map(str, rows[:_SHOWN_ROWS]))}{more})"


def _by_rule(rejects: pl.DataFrame) -> Iterator[str]:
    """Each broken rule with its rows."""
    for (column, rule), rows in rejects.group_by("column", "rule", maintain_order=True):
        yield f"{column or 'row'}: {rule}: {_sampled(rows['row'].to_numpy())}"
