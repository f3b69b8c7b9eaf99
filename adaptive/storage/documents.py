"""Nested values as JSON text, exact to the last bit of each float.

Text and not a JSON column type: PostgreSQL's jsonb refuses U+0000 and rewrites numbers (-0.0 becomes 0), and SQLite
has no such type. ASCII only, so that any string (also a lone surrogate) passes through both databases.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from adaptive.storage.instants import from_microseconds, to_microseconds

__all__ = ["date_of", "document_of", "instant_of", "parse"]


def document_of(value: object) -> str:
    """JSON text of plain values and domain values: datetimes as microseconds, dates as ISO text, tuples as lists.

    >>> document_of({"p": 0.1, "on": date(2026, 3, 1)})
    '{"p":0.1,"on":"2026-03-01"}'
    """
    return json.dumps(value, default=_plain, separators=(",", ":"))


def parse(document: str) -> Any:  # Any: JSON values; the caller knows the value it wrote
    """What `document_of` wrote, as plain JSON values.

    >>> parse('{"p":0.1}')
    {'p': 0.1}
    """
    return json.loads(document)


def instant_of(microseconds: int | None) -> datetime | None:
    """An optional instant inside a document."""
    return None if microseconds is None else from_microseconds(microseconds)


def date_of(text: str | None) -> date | None:
    """An optional date inside a document."""
    return None if text is None else date.fromisoformat(text)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, datetime):
        return to_microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A stored document holds plain values. Got {value!r} of {type(value).__name__}; convert it first.")
