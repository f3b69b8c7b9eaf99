"""Learners held out from the items' fit: what hyperparameters are judged on, so that no item has seen the answers that it forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Final

import numpy as np

from adaptive.models.state_space.arrays import Difficulty, Ground
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.items import fit_bank
from adaptive.models.state_space.parameters import Bank, SkillTable
from adaptive.models.state_space.priors import FreeHyperparameters
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
_RESPONSE_PASSES: Final = 2

_DIFFERENCE: Final = 0.05
"""Step of the items' responses on the free scale: small beside any prior's sd."""

_LEAST_SHARE: Final = 0.2
"""Variances of items that follow hyperparameters keep this share of themselves at least."""


class HeldOut:
    """A fifth of the learners (all fifths in turn, where the table is small) with items that the others' answers gave.

    `refit` moves the items to new hyperparameters, `responses` says how they would go on following them, and `forecasts` what the
    judged rows are expected to be.
    """

    def __init__(self, table: TableRows, bank: Bank, skills: SkillTable, rng: np.random.Generator) -> None:
        self._skills, self._whole = skills, skills.with_those_before(table.columns.skill_ids)
        part = _parts(table.rows.learner, rng)
        judged = _judged_parts(part, table.rows.learner)
        self._others = [table.of_learners((part >= 0) & (part != number)) for number in judged]
        self._banks: Sequence[Bank] = ()
        self._start, self._part = bank, part
        self.table = table.of_learners(np.isin(part, judged))
        self._rows = [part[self.table.rows.learner] == number for number in judged]
        is_scored = ~np.isnan(self.table.rows.score)
        self.is_scored, self.score = is_scored, self.table.rows.score[is_scored]

    def apart(self) -> HeldOut:
        """The same learners, with items not yet fitted."""
        other = copy(self)
        other._banks = ()
        return other

    def refit(self, h: Hyperparameters) -> None:
        """Items at these hyperparameters, from where they are."""
        is_warm = len(self._banks) > 0
        before = self._banks if is_warm else [self._start] * len(self._others)
        self._banks = self._fitted(before, h, n_passes=_WARM_PASSES if is_warm else _PASSES, warm=is_warm)
        self._items = self._by_row(self._banks)

    def responses(self, free: FreeHyperparameters, place: Floats) -> Floats:
        """(n_free, n_columns, n_rows) how what is known of the rows' items, in the order of `Difficulty`, moves with each hyperparameter.

        Slopes on the free scale, from a few passes at `place`, where the items are, and beside it. Each part's items answer to the others'
        attempts alone: a response to the judged answers themselves would promise a likelihood that no new learner brings.
        """
        here = self._moved_to(free.at(place))
        steps = _DIFFERENCE * np.eye(len(place))
        return np.stack([(self._moved_to(free.at(place + step)) - here) / _DIFFERENCE for step in steps])

    def forecasts(self, h: Hyperparameters, moved: Floats | float = 0.0) -> Floats:
        """(n_scored,) P(correct) of the judged evidence; `moved` (n_columns, n_rows) is added to what is known of the items."""
        mean, variance, discrimination, steep_variance, covariance, _ = self._items + moved
        variance, steep_variance = (
            np.maximum(new, _LEAST_SHARE * old) for new, old in ((variance, self._items[1]), (steep_variance, self._items[3]))
        )
        most = np.sqrt(variance * steep_variance)
        known = mean, variance, discrimination, steep_variance, np.clip(covariance, -most, most)
        trace, _ = run_table(self.table, Difficulty(*known, self._start.guesses(self.table.columns, h)), self._ground(h), h)
        return trace.p_correct[self.is_scored]

    def _moved_to(self, h: Hyperparameters) -> Floats:
        """(n_columns, n_rows) what is known of the items a few passes on, at these hyperparameters; the items themselves stay."""
        return self._by_row(self._fitted(self._banks, h, n_passes=_RESPONSE_PASSES, warm=True))

    def _fitted(self, banks: Sequence[Bank], h: Hyperparameters, *, n_passes: int, warm: bool) -> list[Bank]:
        return [
            fit_bank(others, bank, self._skills, h, n_passes=n_passes, warm=warm) for others, bank in zip(self._others, banks, strict=True)
        ]

    def _by_row(self, banks: Sequence[Bank]) -> Floats:
        """(n_columns, n_rows) what each part's bank knows of its rows' items; the guess of day zero, which forecasts replace."""
        found, columns = np.zeros((len(Difficulty._fields), len(self.table.rows.item))), self.table.columns
        for bank, of_part in zip(banks, self._rows, strict=True):
            found[:, of_part] = np.stack(bank.of(columns, 0.0))[:, of_part]
        return found

    def _ground(self, h: Hyperparameters) -> Ground:
        """With typical items by the first part's bank: parts differ little in what is typical of a skill."""
        return self._skills.ground(self._whole, self._skills.fresh(h), self._banks[0].typical(self._whole))


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
