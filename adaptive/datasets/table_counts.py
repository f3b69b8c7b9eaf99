"""What a table of attempts holds, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adaptive.datasets.table import AttemptTable

__all__ = ["TableCounts", "table_counts"]


@dataclass(frozen=True, slots=True, eq=False)
class TableCounts:
    """Counts of a table, with the hash of its content.

    `n_evidence` are scored attempts, `mean_correct` their mean score (None without any), `n_repeats` attempts at an
    item that the learner has met before, `n_untimed` those without a time.
    """

    n_attempts: int
    n_learners: int
    n_items: int
    n_skills: int
    n_study: int
    n_evidence: int
    n_repeats: int
    n_untimed: int
    mean_correct: float | None
    data_sha256: str


def table_counts(table: AttemptTable) -> TableCounts:
    """The counts of a table.

    >>> from adaptive.domain import Attempt
    >>> table_counts(AttemptTable.from_attempts([Attempt("a1", "ann", "q7", ("s",), correct=1.0)])).mean_correct
    1.0
    """
    frame, codes = table.frame, table.codes()
    scored = codes.correct[codes.evidence]
    return TableCounts(
        n_attempts=len(table),
        n_learners=len(codes.learner_ids),
        n_items=len(codes.item_ids),
        n_skills=len(codes.skill_ids),
        n_study=int(frame["study"].sum()),
        n_evidence=int(codes.evidence.sum()),
        n_repeats=len(table) - pl.Series(codes.learner * len(codes.item_ids) + codes.item).n_unique(),
        n_untimed=frame["occurred_at"].null_count(),
        mean_correct=float(scored.mean()) if len(scored) else None,
        data_sha256=table.data_sha256,
    )
