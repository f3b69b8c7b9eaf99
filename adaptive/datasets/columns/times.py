"""Times of attempts: RFC 3339 with an offset, or Unix seconds, as UTC to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import polars as pl

from adaptive.datasets.columns.cells import Check, Parsed, numbers_of, texts_of

__all__ = ["parse_times"]

_MICROSECONDS: Final = 1_000_000
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""What a datetime holds: the years 1 to 9999."""

_RULE = "a time is RFC 3339 with an offset, or Unix seconds"
_LATE = "Unix times are in seconds and lie in the years 1 to 9999"
_NAIVE = "a time carries its offset"


def parse_times(cells: pl.Series, *, seconds: float = 1.0, naive_is_utc: bool = False) -> Parsed:
    """UTC times; numbers are Unix times in units of `seconds`. Empty cells are unknown times and break no rule.

    >>> parse_times(pl.Series(["0", "1970-01-01T01:00:00.5+01:00"])).values.dt.to_string("%s%.3f").to_list()
    ['0.000', '0.500']
    """
    if cells.dtype.is_temporal():
        aware, naive = _typed(cells)
        unix = pl.repeat(None, len(cells), dtype=pl.Float64, eager=True)
    else:
        texts = texts_of(cells)
        aware, naive = _written(texts)
        unix = numbers_of(cells)
    microseconds = unix * seconds * _MICROSECONDS
    datable = microseconds.is_between(_microseconds(_FIRST), _microseconds(_LAST)).fill_null(False)
    counted = microseconds.set(~datable, None).round().cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    values = aware.zip_with(aware.is_not_null(), counted)
    if naive_is_utc:
        values = values.zip_with(values.is_not_null(), naive)
    lacking = cells.is_not_null() & values.is_null() & (texts_of(cells).is_not_null())
    is_naive = lacking & naive.is_not_null()
    is_late = lacking & unix.is_not_null()
    return Parsed(
        values,
        (
            Check(is_naive, _NAIVE, "append Z if the times are UTC, or map naive_times_are_utc=yes"),
            Check(is_late, _LATE, "divide milliseconds by 1000"),
            Check(lacking & ~is_naive & ~is_late, _RULE, "write it as 2026-01-31T09:00:00Z"),
        ),
    )


def _typed(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Aware and naive times of a column that holds times."""
    none = pl.repeat(None, len(cells), dtype=pl.Datetime("us", "UTC"), eager=True)
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone:
        return cells.dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC")), none
    return none, cells.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _written(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Aware and naive times of a column of texts; null where a text is no such time."""
    aware = texts.str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC")
    naive = texts.str.replace(" ", "T", literal=True).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    return _held(aware), _held(naive.dt.replace_time_zone("UTC"))


def _held(times: pl.Series) -> pl.Series:
    return times.set(~times.is_between(_FIRST, _LAST).fill_null(False), None)


def _microseconds(at: datetime) -> int:
    return round(at.timestamp()) * _MICROSECONDS
