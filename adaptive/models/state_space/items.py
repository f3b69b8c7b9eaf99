"""Item difficulties and discriminations by a few Newton steps between passes over the table, with spreads learned by EM."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from adaptive.models.columns import Vocabulary
from adaptive.models.state_space.arrays import Difficulty, Sums
from adaptive.models.state_space.families import FamilyEffects
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.parameters import Bank, Spreads
from adaptive.models.state_space.table import TableRows, run_table
from adaptive.protocols import Floats

__all__ = ["difficulty_step", "discrimination_step", "fit_bank", "joint_variance"]

_STEP: Final = 0.9
_DISCRIMINATION_STEP: Final = 0.7
"""Shares of a Newton step: states follow the items, so the curvature seen in one pass is a little too low."""

_FARTHEST_DISCRIMINATION: Final = 1.5
"""Log discriminations stay within a factor of 4.5 of the average item's."""

_PASSES_AT_FIRST_SPREADS: Final = 2
_PRIOR_COUNT: Final = 10.0
"""Imagined items (or skills) at the day-zero spreads, so that a table of ten items keeps some of them."""

_OVERALL_VARIANCE: Final = 4.0
"""Variance, logits squared, of the mean difficulty of a whole catalogue around what is stated."""


def fit_bank(table: TableRows, bank: Bank, fresh: Floats, h: Hyperparameters, *, n_passes: int, warm: bool = False) -> Bank:
    """The bank for these rows, from what `bank` says of their items (`warm`) or from what is stated.

    The posterior of an item is normal: mean by Newton steps on the table's log likelihood and the item's prior, variance
    the inverse curvature. Spreads are worth _PRIOR_COUNT imagined items at their first values.
    """
    items = _Items(table, bank if warm else bank.unmet())
    for n in range(n_passes):
        _, sums = run_table(table, items.by_row(h), fresh, h)
        items.improve(sums)
        if warm or n >= _PASSES_AT_FIRST_SPREADS:
            items.learn_spreads()
        items.pool()
    return items.bank()


def difficulty_step(difficulty: Floats, slope: Floats, curvature: Floats, centre: Floats, spread: Floats | float) -> tuple[Floats, Floats]:
    """Difficulties after a Newton step, with their variances, (n_items,) each; the prior is N(centre, spread).

    `slope` and `curvature` are those of `Sums`, by ability: harder is against the slope.
    """
    return _newton_step(difficulty, -slope, curvature, (centre, spread), _STEP)


def discrimination_step(
    log_discrimination: Floats, slope: Floats, curvature: Floats, centre: Floats | float, spread: Floats | float
) -> tuple[Floats, Floats]:
    """The same of log discriminations, which stay within _FARTHEST_DISCRIMINATION."""
    stepped, variance = _newton_step(log_discrimination, slope, curvature, (centre, spread), _DISCRIMINATION_STEP)
    return np.clip(stepped, -_FARTHEST_DISCRIMINATION, _FARTHEST_DISCRIMINATION), variance


def joint_variance(known: Floats, steep_variance: Floats, cross: Floats, spread: Floats | float) -> Floats:
    """(n_items,) variances of difficulties whose discriminations are unknown too, `spread` at most.

    `known` is what they would be with discriminations known, `steep_variance` that of log discriminations with difficulties known, and
    `cross` the curvature by both. This is the upper left of the inverse of their 2 x 2 curvature.

    >>> joint_variance(np.array([0.1]), np.array([0.04]), np.array([5.0]), 1.0).round(3)  # 1 / (10 - 25 * .04)
    array([0.111])
    """
    return np.asarray(1.0 / np.maximum(1.0 / known - cross**2 * steep_variance, 1.0 / spread), dtype=np.float64)


def _newton_step(
    place: Floats, slope: Floats, curvature: Floats, prior: tuple[Floats | float, Floats | float], share: float
) -> tuple[Floats, Floats]:
    """`share` of a Newton step on log likelihood and normal prior (mean, variance), and the posterior's variance where it was taken."""
    centre, spread = prior
    precision = np.maximum(curvature, 0.0) + 1.0 / spread
    return place + share * (slope - (place - centre) / spread) / precision, 1.0 / precision


class _Items:
    """The items of a table while they are fitted: each array (n_items,), those of skills (n_skills,)."""

    def __init__(self, table: TableRows, start: Bank) -> None:
        self._table, self._start, self._columns = table, start, table.first_rows()
        self._row = np.searchsorted(self._columns.item, table.rows.item)  # the distinct codes are sorted
        self._owner = np.repeat(np.arange(len(self._columns.item)), self._columns.n_skills.astype(np.int64))
        self._offset, known = start.offsets(self._columns), start.of(self._columns, 0.0)
        self._difficulty, self._variance, self._log_discrimination = known.mean, known.variance, np.log(known.discrimination)
        self._spreads = start.spreads
        self._steep_variance = np.full(len(self._difficulty), start.spreads.discrimination)
        self._item_ids = [self._columns.item_ids[code] for code in self._columns.item.tolist()]
        self._families = FamilyEffects(start, self._item_ids)
        self._shift = start.skills.look_up(start.shift, self._columns.skill_ids, default=start.spreads.overall)
        self._drawn_to, self._whole_variance = self._centre(), known.variance
        self.pool()

    def by_row(self, h: Hyperparameters) -> Difficulty:
        """The items as they stand, by row of the table."""
        steepness, guess = np.exp(self._log_discrimination)[self._row], self._start.guesses(self._table.columns, h)
        return Difficulty(self._difficulty[self._row], self._whole_variance[self._row], steepness, guess)

    def improve(self, sums: Sums) -> None:
        """One Newton step on each item."""
        slope, curvature, steep_slope, steep_curvature, cross = (of_items[self._columns.item] for of_items in sums)
        spreads, self._drawn_to = self._spreads, self._centre()
        self._difficulty, known = difficulty_step(self._difficulty, slope, curvature, self._drawn_to, spreads.item)
        self._log_discrimination, self._steep_variance = discrimination_step(
            self._log_discrimination, steep_slope, steep_curvature, 0.0, spreads.discrimination
        )
        self._variance = joint_variance(known, self._steep_variance, cross, spreads.item)
        # the family that an item is drawn to is unsure as well
        self._whole_variance = self._variance + (self._variance / spreads.item) ** 2 * self._families.of_items[1]

    def learn_spreads(self) -> None:
        """The spreads that these items, families and skills have."""
        first, unsure = Spreads.day_zero(self._start.kinds), self._families.of_items[1]
        around = (self._difficulty - self._centre()) ** 2 + self._variance + (1.0 - self._variance / self._spreads.item) ** 2 * unsure
        of_skills = (self._shift - self._spreads.overall) ** 2 + self._shift_variance
        self._spreads = Spreads(
            item=_pooled(around, first.item),
            skill=_pooled(of_skills, first.skill),
            discrimination=_pooled(self._log_discrimination**2 + self._steep_variance, first.discrimination),
            overall=self._spreads.overall,
            family=_pooled(self._families.squares, first.family),
        )

    def pool(self) -> None:
        """The shift of each skill, from the items that exercise it; then the effect of each family, beside it."""
        skill, n_skills, item = self._columns.skill, len(self._columns.skill_ids), self._spreads.item
        told = np.maximum(1.0 - self._variance / item, 0.0) / item  # (n_items,) by its answers, of the centre it was drawn to
        own = self._families.own_share(told, self._spreads.family)
        weight = (1.0 / ((self._variance + item) * self._columns.n_skills) * own)[self._owner]
        excess = (self._difficulty - self._offset)[self._owner]
        overall = float((weight * excess).sum() / (weight.sum() + 1.0 / _OVERALL_VARIANCE))
        precision = np.bincount(skill, weights=weight, minlength=n_skills) + 1.0 / self._spreads.skill
        total = np.bincount(skill, weights=weight * excess, minlength=n_skills)
        self._shift = (total + overall / self._spreads.skill) / precision
        self._shift_variance = np.asarray(1.0 / precision, dtype=np.float64)
        self._spreads = replace(self._spreads, overall=overall)
        beyond = self._drawn_to - self._offset - self._columns.mean_over_skills(self._shift)
        self._families.pool(told, (self._difficulty - self._drawn_to) / item + told * beyond, self._spreads.family)

    def bank(self) -> Bank:
        """The items as they stand."""
        effect, effect_variance = self._families.by_family(self._start.kinds, self._spreads.family)
        return replace(
            self._start,
            items=Vocabulary(self._item_ids),
            difficulty=self._difficulty,
            variance=self._whole_variance,
            log_discrimination=self._log_discrimination,
            skills=Vocabulary(self._columns.skill_ids),
            shift=self._shift,
            shift_variance=self._shift_variance,
            spreads=self._spreads,
            family_effect=effect,
            family_variance=effect_variance,
        )

    def _centre(self) -> Floats:
        return self._offset + self._columns.mean_over_skills(self._shift) + self._families.of_items[0]


def _pooled(squares: Floats, first: float) -> float:
    return float((_PRIOR_COUNT * first + squares.sum()) / (_PRIOR_COUNT + len(squares)))
