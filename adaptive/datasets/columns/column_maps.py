"""Column maps: how the columns of a file become the canonical ones. A data set is such a value, not a module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from adaptive.datasets.columns.sources import Column, Source
from adaptive.datasets.layouts.source_rows import Layout
from adaptive.datasets.schema import INPUT_COLUMNS
from adaptive.errors import InvalidInput, Problem

__all__ = ["ColumnMap", "Companion", "parse_map"]


@dataclass(frozen=True, slots=True)
class Companion:
    """A second file that adds columns to the attempts, one row per value of `key` (the skills of each item, say).

    `path` is relative to the folder in which the attempts lie.
    """

    path: str
    key: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a file becomes a table of attempts; a canonical column that is not named in `columns` matches itself.

    `values` replaces texts by canonical column ({"correct": {"true": "1"}}), `scale` multiplies numbers
    ({"occurred_at": 1e-3} for milliseconds). `skill_separator` divides the skills of one cell, and `skill_wrapping`
    are characters stripped from its ends ("[]"). `collapse_repeated_rows` says that the set is published with one row
    per skill. `naive_times_are_utc` admits times without an offset. `layout` is needed where the suffix does not tell.

    >>> ColumnMap({"learner_id": Column("user")}).source("learner_id").names, ColumnMap().source("correct").names
    (('user',), ('correct',))
    """

    columns: Mapping[str, Source] = field(default_factory=dict)
    skill_separator: str = ";"
    skill_wrapping: str = ""
    collapse_repeated_rows: bool = False
    naive_times_are_utc: bool = False
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    companions: tuple[Companion, ...] = ()
    layout: Layout | None = None

    def source(self, canonical: str) -> Source:
        """Where a canonical column comes from."""
        return self.columns.get(canonical, Column(canonical))

    @property
    def wanted(self) -> frozenset[str]:
        """All columns of files that this map can use."""
        keys = {companion.key for companion in self.companions}
        return frozenset(keys.union(*(self.source(canonical).names for canonical in INPUT_COLUMNS)))


_CLAIMS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_CLAIMED: Final = ("collapse_repeated_rows", "naive_times_are_utc")
_KNOWN: Final = (*INPUT_COLUMNS, "skill_separator", *_CLAIMED)


def parse_map(text: str, base: ColumnMap | None = None) -> ColumnMap:
    """The map that `canonical=theirs,...` describes, on top of `base`.

    Beside canonical columns it knows `skill_separator=<text>`, `collapse_repeated_rows=yes` and
    `naive_times_are_utc=yes`. Raises InvalidInput with every entry that it cannot read.

    >>> parsed = parse_map("learner_id=user,skill_ids=KC,skill_separator=~~,collapse_repeated_rows=yes")
    >>> parsed.source("learner_id").names, parsed.skill_separator, parsed.collapse_repeated_rows
    (('user',), '~~', True)
    """
    pairs = [tuple(part.strip() for part in entry.partition("=")) for entry in text.split(",") if entry.strip()]
    problems = [problem for name, equals, theirs in pairs for problem in _problems(name, equals, theirs)]
    names = [name for name, _, _ in pairs]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [_problem(name, "a name is given once", f"{names.count(name)} times", "keep one") for name in twice]
    if problems:
        raise InvalidInput("column map", problems)
    given = {name: theirs for name, _, theirs in pairs}
    start = base or ColumnMap()
    return replace(
        start,
        columns={**start.columns, **{name: Column(theirs) for name, theirs in given.items() if name in INPUT_COLUMNS}},
        skill_separator=given.get("skill_separator", start.skill_separator),
        collapse_repeated_rows=_claim(given.get("collapse_repeated_rows"), start.collapse_repeated_rows),
        naive_times_are_utc=_claim(given.get("naive_times_are_utc"), start.naive_times_are_utc),
    )


def _claim(text: str | None, default: bool) -> bool:  # noqa: FBT001 - the claim itself is the subject
    return default if text is None else _CLAIMS[text.lower()]


def _problems(name: str, equals: str, theirs: str) -> list[Problem]:
    if not (equals and name and theirs):
        return [_problem(name or theirs, "an entry is canonical=theirs", f"{name}{equals}{theirs}", "write it as learner_id=user")]
    if name in _CLAIMED and theirs.lower() not in _CLAIMS:
        return [_problem(name, "it is yes or no", theirs, f"write {name}=yes")]
    if name not in _KNOWN:
        return [_problem(name, f"the name before = must be one of {', '.join(_KNOWN)}", name, "put the file's column after =")]
    return []


def _problem(name: str, rule: str, value: str, way_out: str) -> Problem:
    return Problem(f"--map {name}", rule, value, way_out)
