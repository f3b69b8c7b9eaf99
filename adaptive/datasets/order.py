"""History order: the one place that says in which order a learner's attempts happened."""

from __future__ import annotations

import polars as pl

__all__ = ["in_history_order"]

_KEYS = ("occurred_at", "sequence", "attempt_id")


def in_history_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows by learner (in order of first appearance), then by time, sequence and id, those of them that the frame has.

    Rows without a time come first, as in `Attempt.order_key`; equal rows keep their order.

    >>> frame = pl.DataFrame({"learner_id": ["bob", "ann", "bob"], "sequence": [2, 1, 1]})
    >>> in_history_order(frame).rows()
    [('bob', 1), ('bob', 2), ('ann', 1)]
    """
    learners = frame["learner_id"].unique(maintain_order=True)
    arrival = frame["learner_id"].cast(pl.Enum(learners)).to_physical()
    keys = [name for name in _KEYS if name in frame.columns]
    return frame.sort(arrival, *keys, nulls_last=False, maintain_order=True)
