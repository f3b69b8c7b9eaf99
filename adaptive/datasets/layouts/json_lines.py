"""NDJSON: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from adaptive.datasets.layouts.file_content import content_of, decoded
from adaptive.datasets.layouts.source_rows import LIST_MARK, SourceRows, chosen
from adaptive.datasets.rejects import rejects_of

__all__ = ["JsonLines"]

_BATCH_ROWS = 100_000
"""Rows held as Python objects at a time: about 100 MB."""

Row = tuple[int, dict[str, object] | None, str]  # number, object (None where the line holds none), line


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One object a line; an absent key and null are an empty cell. Blank lines are no rows."""

    def read(self, path: Path, wanted: Collection[str]) -> SourceRows:
        """The rows as texts; a line that holds no object is rejected, the rest goes on."""
        rows = _rows(decoded(content_of(path), "utf-8", path))
        names: dict[str, None] = {}
        batches, numbers, broken = [], [], []
        while batch := list(islice(rows, _BATCH_ROWS)):
            objects = [found for _, found, _ in batch if found is not None]
            names.update(dict.fromkeys(name for found in objects for name in found))
            batches.append(_texts(objects, chosen(names, wanted)))
            numbers.append(pl.Series([number for number, found, _ in batch if found is not None], dtype=pl.Int64))
            broken.append(_rejected([row for row in batch if row[1] is None]))
        return SourceRows(pl.concat(batches, how="diagonal"), pl.concat(numbers), tuple(names), pl.concat(broken))


def _rows(text: str) -> Iterator[Row]:
    lines = (line for line in text.split("\n") if line.strip())
    return ((number, _object(line), line) for number, line in enumerate(lines))


def _object(line: str) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _texts(objects: list[dict[str, object]], names: list[str]) -> pl.DataFrame:
    columns = {name: [_text(found.get(name)) for found in objects] for name in names}
    return pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in columns.items()})


def _text(value: object) -> str | None:
    """The value as a cell: lists joined by LIST_MARK, truth as 1 and 0."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return LIST_MARK.join(_text(member) or "" for member in value)
    return json.dumps(value)


def _rejected(rows: list[Row]) -> pl.DataFrame:
    numbers = pl.Series([number for number, _, _ in rows], dtype=pl.Int64)
    lines = pl.Series([line for _, _, line in rows], dtype=pl.String)
    return rejects_of(numbers, "", "a line holds one JSON object", lines, "repair the line")
