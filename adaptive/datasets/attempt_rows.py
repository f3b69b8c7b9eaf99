"""Attempts as rows of a frame and back: the only place where objects and columns meet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import polars as pl

from adaptive.datasets.schema import ATTEMPT_COLUMNS, SCHEMA
from adaptive.domain import Attempt

__all__ = ["attempts_of", "frame_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def frame_of(attempts: Iterable[Attempt]) -> pl.DataFrame:
    """The attempts as a frame with the columns of `schema.SCHEMA`, one row each, in their order.

    >>> frame_of([Attempt("a1", "ann", "q7", ("s",), correct=1.0)]).select("learner_id", "item_id", "row").row(0)
    ('ann', 'q7', 0)
    """
    rows = list(attempts)
    columns = {name: list(map(attrgetter(name), rows)) for name in ATTEMPT_COLUMNS}
    columns["skill_ids"] = [list(skill_ids) for skill_ids in columns["skill_ids"]]
    columns["occurred_at"] = [None if at is None else (at - _EPOCH) // _MICROSECOND for at in columns["occurred_at"]]
    columns["fold"] = [None] * len(rows)
    columns["row"] = list(range(len(rows)))
    return pl.DataFrame(
        {name: pl.Series(name, columns[name], dtype=pl.Int64 if name == "occurred_at" else dtype) for name, dtype in SCHEMA.items()}
    ).cast({"occurred_at": SCHEMA["occurred_at"]})


def attempts_of(frame: pl.DataFrame) -> list[Attempt]:
    """The rows of a frame as attempts, in their order. Raises InvalidInput where a row breaks a rule of `Attempt`.

    >>> attempts_of(frame_of([Attempt("a1", "ann", "q7", ("s",), correct=1.0)]))[0].correct
    1.0
    """
    # As integers, because polars looks up a time zone for each value: three times the cost of this whole function.
    columns = frame.select(ATTEMPT_COLUMNS).with_columns(pl.col("occurred_at").dt.timestamp("us")).to_dict(as_series=False)
    columns["skill_ids"] = list(map(tuple, columns["skill_ids"]))
    columns["occurred_at"] = [None if at is None else _EPOCH + timedelta(microseconds=at) for at in columns["occurred_at"]]
    return [
        Attempt(attempt_id, learner_id, item_id, skill_ids, correct, at, sequence, study, number, hints, response_ms)
        for learner_id, item_id, skill_ids, correct, at, sequence, attempt_id, study, number, hints, response_ms in zip(
            *(columns[name] for name in ATTEMPT_COLUMNS), strict=True
        )
    ]
