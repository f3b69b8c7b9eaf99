"""Rows that are not attempts of their own: duplicates, and rows repeated once per skill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adaptive.datasets.layouts.source_rows import LIST_MARK
from adaptive.protocols import Ints

__all__ = ["Duplicates", "collapse", "drop_duplicates", "equal_rows", "ids_across_learners"]

_SAME_ATTEMPT = ("learner_id", "item_id", "correct", "study", "occurred_at", "attempt_id")
"""What two rows share that are one attempt published once per skill; those of these columns that the file has."""

_SAME_MEETING = ("learner_id", "item_id", "occurred_at", "correct")
"""What two rows share that are one attempt sent twice, where times exist."""

_SKILLS = pl.col("skill_ids").list.join(LIST_MARK)


class Duplicates(NamedTuple):
    """Rows without duplicates; the data rows that were dropped, those of them that say something new, and what it is.

    `other_skill` are the differing rows that name another skill of the attempt before, and nothing else new.
    """

    frame: pl.DataFrame
    dropped: Ints
    differing: Ints
    other_skill: Ints


def collapse(frame: pl.DataFrame) -> tuple[pl.DataFrame, Ints]:
    """One row per attempt of a set that has one row per skill; and the data rows that went into an earlier one.

    `frame` is in history order. Consecutive rows of equal learner, item and outcome (and time, and id, where there are
    any) are one attempt until a skill comes again, which starts the next: that is a genuine retry. The attempt keeps
    its first row's number and the skills in their order.

    >>> rows = pl.DataFrame({"learner_id": "ann", "item_id": "q", "correct": 1.0, "row": [0, 1, 2]})
    >>> one, gone = collapse(rows.with_columns(skill_ids=pl.Series([["a"], ["b"], ["a"]])))
    >>> one.select("row", "skill_ids").rows(), gone
    ([(0, ['a', 'b']), (2, ['a'])], array([1]))
    """
    if not frame.height:
        return frame, _no_rows()
    same = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in _SAME_ATTEMPT if name in frame.columns]
    runs = frame.with_row_index("place").with_columns(run=pl.any_horizontal(pl.col("place") == 0, *same).cum_sum(), skills=_SKILLS)
    previous = runs.select(pl.col("place").cast(pl.Int64).shift(1).over("run", "skills").fill_null(-1)).to_series().to_numpy()
    starts = _starts(runs["run"].to_numpy(), previous)
    merged = (
        frame.with_columns(attempt=pl.Series(np.cumsum(starts)))
        .group_by("attempt", maintain_order=True)
        .agg(pl.all().exclude("skill_ids").first(), pl.col("skill_ids").explode())
        .with_columns(pl.col("skill_ids").list.unique(maintain_order=True))
    )
    return merged.select(frame.columns), frame["row"].to_numpy()[~starts]


def _starts(run: Ints, previous: Ints) -> NDArray[np.bool_]:
    """(n,) whether a row starts an attempt: its run does, or its skill was met since the attempt's start.

    `previous` is the place of the row before with the same skill in the same run, -1 where there is none. Only rows in
    runs in which a skill comes twice are walked one by one.
    """
    starts: NDArray[np.bool_] = np.diff(run, prepend=run[0] - 1) != 0
    repeating = np.isin(run, run[previous >= 0])
    start = 0
    for place in np.flatnonzero(repeating).tolist():
        if starts[place]:
            start = place
        elif previous[place] >= start:
            starts[place] = True
            start = place
    return starts


def drop_duplicates(frame: pl.DataFrame) -> Duplicates:
    """The first of rows that share their attempt id, or learner, item, time and outcome where times exist.

    `frame` is in history order.

    >>> rows = pl.DataFrame({"attempt_id": ["a", "a"], "learner_id": "ann", "item_id": "q", "correct": 1.0, "row": [0, 1]})
    >>> drop_duplicates(rows.with_columns(skill_ids=pl.Series([["s"], ["s"]]))).dropped
    array([1])
    """
    dropped, met, copies = _no_rows(), _no_rows(), _no_rows()
    for suspects, key in _suspects(frame):
        meeting = [*key, *(name for name in _SAME_MEETING if name in frame.columns and name not in key)]
        row = suspects["row"]
        dropped = np.union1d(dropped, row.filter(_is_again(suspects, *key)))
        met = np.union1d(met, row.filter(_is_again(suspects, *meeting)))
        copies = np.union1d(copies, row.filter(_is_again(suspects, *meeting, _SKILLS)))
    kept = frame.filter(~pl.col("row").is_in(dropped)) if len(dropped) else frame
    return Duplicates(kept, dropped, np.setdiff1d(dropped, copies), np.setdiff1d(met, copies))


def ids_across_learners(frame: pl.DataFrame) -> pl.DataFrame:
    """Attempt ids that several rows share, each with its first `row`, its `n_rows` and its `n_learners`.

    >>> rows = pl.DataFrame({"attempt_id": ["1", "1", "2"], "learner_id": ["ann", "bob", "ann"], "row": [0, 1, 2]})
    >>> ids_across_learners(rows).rows()
    [('1', 0, 2, 2)]
    """
    shared = frame.filter(pl.col("attempt_id").is_duplicated())
    each = shared.group_by("attempt_id", maintain_order=True)
    return each.agg(pl.col("row").first(), n_rows=pl.len(), n_learners=pl.col("learner_id").n_unique())


def _suspects(frame: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, tuple[str, ...]]]:
    """Rows that may be duplicates by a key: few, found by cheap means, so that the exact comparison costs little."""
    if "attempt_id" in frame.columns:
        yield frame.filter(pl.col("attempt_id").is_duplicated()), ("attempt_id",)
    if "occurred_at" in frame.columns:
        same = pl.col("learner_id").eq(pl.col("learner_id").shift(1)) & pl.col("occurred_at").eq(pl.col("occurred_at").shift(1))
        as_before = same.fill_null(value=False)
        yield frame.filter(as_before | as_before.shift(-1, fill_value=False)), _SAME_MEETING


def equal_rows(frame: pl.DataFrame) -> Ints:
    """Data rows that equal an earlier one in learner, item, outcome and skills: real attempts, kept, worth a count.

    >>> rows = pl.DataFrame({"learner_id": "ann", "item_id": "q", "correct": [1.0, 1.0, 0.0], "row": [0, 1, 2]})
    >>> equal_rows(rows.with_columns(skill_ids=pl.Series([["s"]] * 3)))
    array([1])
    """
    return frame["row"].filter(_is_again(frame, "learner_id", "item_id", "correct", _SKILLS)).to_numpy()


def _no_rows() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _is_again(frame: pl.DataFrame, *key: str | pl.Expr) -> pl.Series:
    return ~frame.select(pl.struct(*key).is_first_distinct()).to_series()
