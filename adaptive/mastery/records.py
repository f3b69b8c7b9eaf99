"""Frozen values as JSON values and back, by the types of their fields."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

__all__ = ["as_json", "from_json", "types_of"]


def as_json(value: Any) -> Any:  # Any: values of any field in, JSON values out
    """The value as JSON values: dataclasses as objects, tuples as lists, times as RFC 3339, durations in seconds.

    >>> as_json((timedelta(hours=1), None))
    [3600.0, None]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [as_json(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def from_json(kind: Any, value: Any) -> Any:  # Any: a type of any field; JSON values in, a value of that type out
    """The value of that type which `as_json` wrote; a value that already is of it stays as it is.

    >>> from_json(tuple[timedelta, ...], [3600.0])
    (datetime.timedelta(seconds=3600),)
    """
    if get_origin(kind) in {Union, UnionType}:
        return None if value is None else from_json(next(part for part in get_args(kind) if part is not type(None)), value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError("a list is wanted")
        parts = get_args(kind)
        each = [parts[0]] * len(value) if parts[-1] is Ellipsis else parts
        return tuple(from_json(part, one) for part, one in zip(each, value, strict=True))
    return _simple(kind, value) if isinstance(kind, type) else value


def _simple(kind: type, value: Any) -> Any:  # Any: as from_json
    if is_dataclass(kind) and isinstance(value, dict):
        return kind(**{name: from_json(part, value[name]) for name, part in types_of(kind).items()})
    if issubclass(kind, Enum):
        return kind(value)
    if issubclass(kind, timedelta) and isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if issubclass(kind, date) and isinstance(value, str):
        return kind.fromisoformat(value)
    return value


@cache
def types_of(kind: type) -> dict[str, Any]:  # Any: types
    """The types of a dataclass's fields, by name and in order.

    >>> from adaptive.mastery.standing import Review
    >>> list(types_of(Review))
    ['due_at', 'reason']
    """
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
