"""One rule set per canonical column: given cells become values, and cells that break a rule are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import polars as pl

from adaptive.datasets.columns.cells import Check, Parsed, numbers_of, texts_of
from adaptive.datasets.columns.column_maps import ColumnMap
from adaptive.datasets.columns.times import parse_times
from adaptive.datasets.layouts.source_rows import LIST_MARK

__all__ = ["PARSERS", "Parser"]

Parser = Callable[[pl.Series, ColumnMap, str], Parsed]
"""Cells, the map of their file, and the canonical name, to values and broken rules."""

_LARGEST_COUNT: Final = 2**53
"""Beyond this a float, in which mapped units are scaled, no longer holds every integer."""

_FLAGS: Final = {"1": "true", "0": "false", "true": "true", "false": "false"}


def _parse_id(cells: pl.Series, _: ColumnMap, name: str) -> Parsed:
    ids = texts_of(cells)
    return Parsed(ids, (Check(ids.is_null(), "an id must not be empty", f"give each row its {name}"),))


def _parse_skills(cells: pl.Series, column_map: ColumnMap, _: str) -> Parsed:
    """Skills in their order, each once."""
    skills = _named_once(cells.cast(pl.List(pl.String))) if isinstance(cells.dtype, pl.List) else _split(texts_of(cells), column_map)
    without = (skills.list.len() == 0) | skills.is_null()
    return Parsed(skills, (Check(without, "an attempt exercises at least one skill", "name its skills, or leave the row out"),))


def _split(texts: pl.Series, column_map: ColumnMap) -> pl.Series:
    """The skills of each text. Sets have few different texts, so these are split and then dealt out: five times faster."""
    texts = texts.fill_null("")
    distinct = texts.unique(maintain_order=True)
    stripped = distinct.str.strip_chars(column_map.skill_wrapping) if column_map.skill_wrapping else distinct
    lists = stripped.str.replace_all(column_map.skill_separator, LIST_MARK, literal=True).str.split(LIST_MARK)
    return _named_once(lists).gather(texts.cast(pl.Enum(distinct)).to_physical())


def _named_once(lists: pl.Series) -> pl.Series:
    named = pl.element().str.strip_chars()
    return lists.list.eval(named.filter(named != "")).list.unique(maintain_order=True)


def _parse_score(cells: pl.Series, column_map: ColumnMap, name: str) -> Parsed:
    scores = numbers_of(cells) * column_map.scale.get(name, 1.0)
    inside = scores.is_between(0.0, 1.0).fill_null(False)
    rule = "an outcome is 0, 1 or a fraction between"
    return Parsed(scores.set(~inside, None), (Check(texts_of(cells).is_not_null() & ~inside, rule, "write 1 for correct, 0 for not"),))


def _parse_time(cells: pl.Series, column_map: ColumnMap, name: str) -> Parsed:
    return parse_times(cells, seconds=column_map.scale.get(name, 1.0), naive_is_utc=column_map.naive_times_are_utc)


def _parse_count(cells: pl.Series, column_map: ColumnMap, name: str, *, least: int) -> Parsed:
    numbers = numbers_of(cells) * column_map.scale.get(name, 1.0)
    if name in column_map.scale:
        numbers = numbers.round()
    whole = ((numbers == numbers.floor()) & numbers.is_between(least, _LARGEST_COUNT)).fill_null(False)
    given = texts_of(cells).is_not_null()
    return Parsed(
        numbers.set(~whole, None).cast(pl.Int64),
        (Check(given & ~whole, _integer_rule(name, least), "correct the cell or leave it empty"),),
    )


def _integer_rule(name: str, least: int) -> str:
    return f"{name} is an integer" if least < 0 else f"{name} is an integer from {least}"


def _parse_duration(cells: pl.Series, column_map: ColumnMap, name: str) -> Parsed:
    """Milliseconds. Published sets write -1 for unknown, and clocks run backwards: neither spoils the attempt."""
    counted = _parse_count(cells, column_map, name, least=-_LARGEST_COUNT)
    negative = (counted.values < 0).fill_null(False)
    unknown = Check(negative, "a negative duration is unknown", "leave the cell empty")
    return Parsed(counted.values.set(negative, None), counted.checks, emptied=(unknown,))


def _parse_sequence(cells: pl.Series, _: ColumnMap, name: str) -> Parsed:
    """Integers of 64 bits: log ids serve as sequence, and are too long for floats. Beside them "2.0", which is an integer too."""
    exact, floats = texts_of(cells).cast(pl.Int64, strict=False), numbers_of(cells)
    whole = ((floats == floats.floor()) & floats.is_between(-_LARGEST_COUNT, _LARGEST_COUNT)).fill_null(False)
    numbers = exact.zip_with(exact.is_not_null(), floats.set(~whole, None).cast(pl.Int64))
    return Parsed(numbers, (Check(numbers.is_null(), f"{name} is an integer", "give each row its place, or leave the column out"),))


def _parse_flag(cells: pl.Series, _: ColumnMap, name: str) -> Parsed:
    """Truth; an empty cell is false."""
    texts = texts_of(cells).str.to_lowercase()
    flags = texts.replace_strict(_FLAGS, default=None, return_dtype=pl.String) == "true"
    rule = Check(texts.is_not_null() & flags.is_null(), f"{name} is 0 or 1", "write 1 for exposure without an answer")
    return Parsed(flags.fill_null(False), (rule,))


def _parse_text(cells: pl.Series, _: ColumnMap, __: str) -> Parsed:
    return Parsed(texts_of(cells))


PARSERS: Final[Mapping[str, Parser]] = {
    "learner_id": _parse_id,
    "item_id": _parse_id,
    "skill_ids": _parse_skills,
    "correct": _parse_score,
    "occurred_at": _parse_time,
    "sequence": _parse_sequence,
    "attempt_id": _parse_id,
    "study": _parse_flag,
    "attempt_number": partial(_parse_count, least=1),
    "hints_used": partial(_parse_count, least=0),
    "response_ms": _parse_duration,
    "fold": _parse_text,
}
"""How each column that a file may bring is read."""
