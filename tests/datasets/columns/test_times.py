from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets.columns.times import parse_times

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - bounds are naive by hypothesis


@given(TIMES, st.sampled_from(["T", " ", "t"]))
def test_rfc_3339_is_read_to_the_microsecond_in_every_offset(at, separator):
    assert parse_times(pl.Series([at.isoformat(sep=separator)])).values.to_list() == [at]


@given(TIMES)
def test_unix_seconds_are_read_to_the_microsecond(at):
    text = f"{(at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1):.6f}"
    (found,) = parse_times(pl.Series([text])).values.to_list()
    assert abs(found - at) <= timedelta(microseconds=1)  # a float of seconds in 2200 steps by half a microsecond


@given(st.text(st.characters(exclude_characters="\x1c\x1d\x1e\x1f"), max_size=12))  # blanks to str.strip, not in Unicode nor here
def test_any_other_text_is_a_time_or_named(text):
    parsed = parse_times(pl.Series([text]))
    named = any(check.broken.any() for check in parsed.checks)
    assert named == (bool(text.strip()) and parsed.values.null_count() == 1)
