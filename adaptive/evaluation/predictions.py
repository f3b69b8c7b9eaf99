"""Forecasts of scored attempts beside what happened: all that metrics and figures look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adaptive.datasets import AttemptTable
from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Floats, Ints

__all__ = ["Predictions"]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Columns of scored attempts, all (n,): each attempt that is evidence once, forecast before its answer was used.

    `row` is the 0-based data row of the source; `learner` a code per learner; `position` the place in the learner's
    history from 1, study rows counted; `first_encounter` whether the learner never met the item before, both with the
    history that a known learner brings; `correct` the score in [0, 1].
    """

    row: Ints
    learner: Ints
    position: Ints
    first_encounter: NDArray[np.bool_]
    correct: Floats
    p_correct: Floats

    @classmethod
    def of_table(cls, table: AttemptTable, p_correct: Floats, *, before: AttemptTable | None = None) -> Self:
        """The scored attempts of a table, `p_correct` (n_rows,) in the order of its histories.

        `before` has the attempts that its learners made earlier, where they are known. Raises InvalidInput where the
        forecast of a scored attempt is no probability: a failure of the model must not become a figure.
        """
        codes = table.codes()
        n_before, is_met = _past(table, before)
        every_row = cls(
            row=table.frame["row"].to_numpy(),
            learner=codes.learner,
            position=n_before + _positions(codes.learner),
            first_encounter=_first_encounters(codes.learner, codes.item) & ~is_met,
            correct=codes.correct,
            p_correct=p_correct,
        )
        scored = every_row.where(codes.evidence)
        _require_probabilities(scored)
        return scored

    @classmethod
    def pooled(cls, parts: Sequence[Self]) -> Self:
        """The predictions of several folds as one, in file order; learners of different folds are different learners."""
        sizes = [int(part.learner.max(initial=-1)) + 1 for part in parts]
        offsets = np.cumsum([0, *sizes[:-1]])
        together = cls(
            row=np.concatenate([part.row for part in parts]),
            learner=np.concatenate([part.learner + offset for part, offset in zip(parts, offsets, strict=True)]),
            position=np.concatenate([part.position for part in parts]),
            first_encounter=np.concatenate([part.first_encounter for part in parts]),
            correct=np.concatenate([part.correct for part in parts]),
            p_correct=np.concatenate([part.p_correct for part in parts]),
        )
        return together.where(np.argsort(together.row, kind="stable"))

    def __len__(self) -> int:
        return len(self.row)

    def where(self, chosen: NDArray[np.bool_] | Ints) -> Self:
        """The attempts that a mask (n,) or a list of places chooses."""
        return replace(self, **{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


def _require_probabilities(scored: Predictions) -> None:
    bad = np.flatnonzero(~((scored.p_correct >= 0.0) & (scored.p_correct <= 1.0)))  # NaN is neither
    if len(bad):
        first = f"{scored.p_correct[bad[0]]} (and {len(bad) - 1} more)"
        rule, way_out = "the forecast of a scored attempt lies in [0, 1]", "mend the model's predict: adaptive.models.checks finds the case"
        raise InvalidInput("forecasts", [Problem(f"row {scored.row[bad[0]]}", rule, first, way_out)])


def _past(table: AttemptTable, before: AttemptTable | None) -> tuple[Ints, NDArray[np.bool_]]:
    """How many rows each row's learner has in `before`, and whether one of them is at the row's item; both (n_rows,)."""
    if before is None:
        return np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=np.bool_)
    n_before = before.frame.group_by("learner_id").agg(n_before=pl.len().cast(pl.Int64))
    met = before.frame.select("learner_id", "item_id", is_met=pl.lit(value=True)).unique()
    past = table.frame.select("learner_id", "item_id")
    past = past.join(n_before, on="learner_id", how="left", maintain_order="left")
    past = past.join(met, on=["learner_id", "item_id"], how="left", maintain_order="left")
    return past["n_before"].fill_null(0).to_numpy(), past["is_met"].fill_null(value=False).to_numpy()


def _positions(learner: Ints) -> Ints:
    """Place of each row in its learner's block of rows, from 1.

    >>> _positions(np.array([0, 0, 0, 1, 1])).tolist()
    [1, 2, 3, 1, 2]
    """
    starts = np.flatnonzero(np.diff(learner, prepend=-1))
    lengths = np.diff(np.append(starts, len(learner)))
    return np.arange(1, len(learner) + 1) - np.repeat(starts, lengths)


def _first_encounters(learner: Ints, item: Ints) -> NDArray[np.bool_]:
    """Whether no earlier row has the same learner and item.

    >>> _first_encounters(np.array([0, 0, 0, 1]), np.array([7, 8, 7, 7])).tolist()
    [True, True, False, True]
    """
    pair = learner * (item.max(initial=0) + 1) + item
    _, first = np.unique(pair, return_index=True)
    is_first = np.zeros(len(pair), dtype=np.bool_)
    is_first[first] = True
    return is_first
