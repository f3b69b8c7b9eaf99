"""Learners held out from the items' fit: what hyperparameters are judged on, so that no item has seen the answers that it forecasts."""

from __future__ import annotations

from copy import copy
from typing import Final

import numpy as np

from adaptive.models.state_space.arrays import Difficulty
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.items import fit_bank
from adaptive.models.state_space.parameters import Bank, SkillTable
from adaptive.models.state_space.table import TableRows, run_table
from adaptive.protocols import Floats, Ints

__all__ = ["HeldOut"]

_PARTS: Final = 5
"""Parts of learners: one is held out from each fit of items."""

_MOST_JUDGED: Final = 40_000
"""Rows that are judged at most: 20 hyperparameters need no more, and each costs a pass over them at every step."""

_MOST_ROWS: Final = 250_000
"""Rows of the learners who take part at most."""

_PASSES: Final = 8
_WARM_PASSES: Final = 4


class HeldOut:
    """A fifth of the learners (all fifths in turn, where the table is small) with items that the others' answers gave.

    `refit` moves the items to new hyperparameters, `forecasts` says what the judged rows are then expected to be.
    """

    def __init__(self, table: TableRows, bank: Bank, skills: SkillTable, rng: np.random.Generator) -> None:
        self._skills, self._codes = skills, skills.skills.codes(table.columns.skill_ids)
        part = _parts(table.rows.learner, rng)
        judged = _judged_parts(part, table.rows.learner)
        self._others = [table.of_learners((part >= 0) & (part != number)) for number in judged]
        self._banks: list[Bank | None] = [None] * len(judged)
        self._start, self._part = bank, part
        self.table = table.of_learners(np.isin(part, judged))
        self._rows = [part[self.table.rows.learner] == number for number in judged]
        is_scored = ~np.isnan(self.table.rows.score)
        self.is_scored, self.score = is_scored, self.table.rows.score[is_scored]

    def apart(self) -> HeldOut:
        """The same learners, with items not yet fitted."""
        other = copy(self)
        other._banks = [None] * len(self._banks)
        return other

    def refit(self, h: Hyperparameters) -> None:
        """Items at these hyperparameters, from where they are."""
        fresh, columns = self._fresh(h), self.table.columns
        mean, variance, steepness, guess = np.zeros((4, len(self.table.rows.item)))
        for i, (others, of_part) in enumerate(zip(self._others, self._rows, strict=True)):
            known = self._banks[i]
            bank = fit_bank(others, known or self._start, fresh, h, n_passes=_WARM_PASSES if known else _PASSES, warm=known is not None)
            self._banks[i] = bank
            for all_rows, of_bank in zip((mean, variance, steepness, guess), bank.of(columns, bank.guesses(columns, h)), strict=True):
                all_rows[of_part] = of_bank[of_part]
        self._items = Difficulty(mean, variance, steepness, guess)

    def forecasts(self, h: Hyperparameters) -> Floats:
        """(n_scored,) P(correct) of the judged evidence."""
        items = self._items._replace(guess=self._start.guesses(self.table.columns, h))
        trace, _ = run_table(self.table, items, self._fresh(h), h)
        return trace.p_correct[self.is_scored]

    def _fresh(self, h: Hyperparameters) -> Floats:
        return self._skills.fresh(h)[self._codes]


def _parts(learner: Ints, rng: np.random.Generator) -> Ints:
    """(n_learners,) each learner's part at random, -1 for those beyond _MOST_ROWS rows."""
    n_rows = np.bincount(learner)
    order = rng.permutation(len(n_rows))
    part = np.full(len(n_rows), -1)
    within = np.cumsum(n_rows[order]) <= max(_MOST_ROWS, n_rows[order[0]])
    part[order] = np.where(within, np.arange(len(order)) % _PARTS, -1)
    return part


def _judged_parts(part: Ints, learner: Ints) -> list[int]:
    """Parts that are judged: the first, and others while they stay within _MOST_JUDGED rows."""
    rows = np.bincount(part[learner][part[learner] >= 0], minlength=_PARTS)
    return [number for number in range(_PARTS) if rows[number] > 0 and (number == 0 or rows[: number + 1].sum() <= _MOST_JUDGED)]
