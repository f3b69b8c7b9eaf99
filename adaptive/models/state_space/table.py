"""Whole tables through the kernel: what a model expects of every row, with what it knows of items and skills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.models.columns import ItemColumns, skill_entries
from adaptive.models.state_space.arrays import SLOPE, Difficulty, Ground, Rows, Sums, Trace, fresh_learner
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Codes, Floats

__all__ = ["TableLogits", "TableRows", "log_loss", "run_table"]


@dataclass(frozen=True, slots=True, eq=False)
class TableLogits:
    """Mean and variance of the item's logit before each row, forms and memory included, and P(correct), each (n,).

    P(correct) = guess + (1 - guess) `expit_mixture.mean_expit`(mean, variance).
    """

    mean: Floats
    variance: Floats
    p_correct: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """A table as the kernel reads it, and as columns of items by row."""

    rows: Rows
    columns: ItemColumns

    @classmethod
    def of(cls, codes: Codes) -> TableRows:
        """The rows, an attempt without skills on the one that stands for none."""
        entries = skill_entries(codes)
        start = np.searchsorted(entries.row, np.arange(len(codes.item) + 1))
        score = np.where(codes.evidence, codes.correct, np.nan)
        rows = Rows(codes.learner, codes.item, entries.skill, start, score, codes.seconds)
        n_skills = np.diff(start).astype(np.float64)
        return cls(rows, ItemColumns(codes.item_ids, entries.skill_ids, codes.item, entries.skill, start[:-1], n_skills, {}))

    def first_rows(self) -> ItemColumns:
        """Each distinct item once, in the order of the items that occur, with the skills of its first row."""
        _, first = np.unique(self.rows.item, return_index=True)
        columns, length = self.columns, np.diff(self.rows.start)[first]
        entry = np.repeat(self.rows.start[first] - (np.cumsum(length) - length), length) + np.arange(length.sum())
        return ItemColumns(
            columns.item_ids,
            columns.skill_ids,
            columns.item[first],
            columns.skill[entry],
            np.cumsum(length) - length,
            length.astype(np.float64),
            {},
        )

    def of_learners(self, is_chosen: NDArray[np.bool_]) -> TableRows:
        """The rows of learners whose place in `is_chosen` (n_learners,) is true; codes stay as they are."""
        rows, columns = self.rows, self.columns
        chosen = np.flatnonzero(is_chosen[rows.learner])
        length = np.diff(rows.start)[chosen]
        start = np.concatenate([[0], np.cumsum(length)])
        entry = np.repeat(rows.start[chosen] - start[:-1], length) + np.arange(length.sum())
        part = Rows(rows.learner[chosen], rows.item[chosen], rows.skill[entry], start, rows.score[chosen], rows.seconds[chosen])
        return TableRows(
            part, ItemColumns(columns.item_ids, columns.skill_ids, part.item, part.skill, start[:-1], length.astype(np.float64), {})
        )


def run_table(table: TableRows, items: Difficulty, ground: Ground, h: Hyperparameters) -> tuple[Trace, Sums]:
    """One pass. `items` has a place per row; `ground` has the skills of the table, then others that they build on."""
    from adaptive.models.state_space.kernel import table as run  # noqa: PLC0415 - numba takes half a second to load

    rows = table.rows
    trace, sums = Trace.of(len(rows.item)), Sums.of(len(table.columns.item_ids))
    run(rows, items, ground, fresh_learner(ground.fresh.shape[1] - SLOPE, h), h, trace, sums)
    return trace, sums


def log_loss(trace: Trace, score: Floats) -> Floats:
    """Log loss of each piece of evidence, (n_evidence,).

    >>> log_loss(Trace(np.array([0.5, 0.9]), np.zeros(2), np.zeros(2)), np.array([1.0, np.nan])).round(3)
    array([0.693])
    """
    is_scored = ~np.isnan(score)
    p_correct, right = trace.p_correct[is_scored], score[is_scored]
    return np.asarray(-(right * np.log(p_correct) + (1.0 - right) * np.log1p(-p_correct)), dtype=np.float64)
