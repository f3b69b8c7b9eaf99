"""Attempts as integer codes: what vectorised models fit on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from adaptive.protocols import Codes, Floats, Ints

__all__ = ["encode"]

_MICROSECONDS = 1_000_000


def encode(frame: pl.DataFrame, learner_ids: Sequence[str]) -> Codes:
    """The rows as codes: learners in the given order, items and skills in sorted order.

    >>> from adaptive.datasets.attempt_rows import frame_of
    >>> from adaptive.domain import Attempt
    >>> codes = encode(frame_of([Attempt("a1", "ann", "q7", ("s2", "s1"), correct=1.0)]), ["ann"])
    >>> codes.skill_ids, codes.skill, codes.skill_start
    (('s1', 's2'), array([1, 0]), array([0, 2]))
    """
    item_ids = frame["item_id"].unique().sort()
    named_skills = frame["skill_ids"].explode().drop_nulls()
    skill_ids = named_skills.unique().sort()
    skill_start = np.concatenate([[0], np.cumsum(frame["skill_ids"].list.len().to_numpy())])  # (n + 1,)
    return Codes(
        learner_ids=tuple(learner_ids),
        item_ids=tuple(item_ids),
        skill_ids=tuple(skill_ids),
        learner=_code(frame["learner_id"], pl.Series(learner_ids, dtype=pl.String)),
        item=_code(frame["item_id"], item_ids),
        skill=_code(named_skills, skill_ids),
        skill_start=skill_start.astype(np.int64),
        correct=_correct(frame),
        seconds=_seconds(frame),
        evidence=frame.select(_is_evidence()).to_series().to_numpy(writable=True),
    )


def _code(values: pl.Series, known: pl.Series) -> Ints:
    """(n,) place of each value among the known ones."""
    return values.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy(writable=True)


def _correct(frame: pl.DataFrame) -> Floats:
    answered = pl.when(~pl.col("study")).then("correct").fill_null(float("nan"))
    return frame.select(answered).to_series().to_numpy(writable=True)


def _seconds(frame: pl.DataFrame) -> Floats:
    since_epoch = pl.col("occurred_at").dt.timestamp("us") / _MICROSECONDS
    return frame.select(since_epoch.fill_null(float("nan"))).to_series().to_numpy(writable=True)


def _is_evidence() -> pl.Expr:
    """`Attempt.is_evidence` over columns; a test holds the two together."""
    unaided = pl.col("hints_used").fill_null(0) == 0
    first_try = pl.col("attempt_number").fill_null(1) <= 1
    return pl.col("correct").is_not_null() & ~pl.col("study") & unaided & first_try
