"""Item difficulties and discriminations by a few Newton steps between passes over the table, with spreads learned by EM."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from adaptive.models.columns import Vocabulary
from adaptive.models.state_space.arrays import Difficulty, Sums
from adaptive.models.state_space.families import FamilyEffects
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.item_posterior import ItemNormals, newton_step
from adaptive.models.state_space.parameters import Bank, SkillTable, Spreads
from adaptive.models.state_space.table import TableRows, run_table
from adaptive.protocols import Floats

__all__ = ["common_variance", "fit_bank"]

_PASSES_AT_FIRST_SPREADS: Final = 2
_PRIOR_COUNT: Final = 10.0
"""Imagined items (or skills) at the day-zero spreads, so that a table of ten items keeps some of them."""

_OVERALL_VARIANCE: Final = 4.0
"""Variance, logits squared, of the mean difficulty of a whole catalogue around what is stated."""


def fit_bank(table: TableRows, bank: Bank, skills: SkillTable, h: Hyperparameters, *, n_passes: int, warm: bool = False) -> Bank:
    """The bank for these rows, from what `bank` says of their items (`warm`) or from what is stated.

    The posterior of an item's difficulty and log discrimination is normal: means by Newton steps on the table's log likelihood and
    the item's prior, covariance the inverse curvature. Spreads are worth _PRIOR_COUNT imagined items at their first values.
    """
    items, whole = _Items(table, bank if warm else bank.unmet()), skills.with_those_before(table.columns.skill_ids)
    ground = skills.ground(whole, skills.fresh(h), np.zeros(len(whole)))
    for n in range(n_passes):
        _, sums = run_table(table, items.by_row(h), ground._replace(typical=items.typical(whole)), h)
        items.improve(sums)
        if warm or n >= _PASSES_AT_FIRST_SPREADS:
            items.learn_spreads()
        items.pool()
    return replace(items.bank(), common_variance=common_variance(table, h))


def common_variance(table: TableRows, h: Hyperparameters) -> Floats:
    """(n_skills,) variance of what the difficulties of a skill's items are all off by together, logits squared.

    The mean ability of n learners around the population's is known to Var(ability) / n, and only together with difficulties. What an
    item's curvature sees of it is each answer's own share; the rest, with n_k learners and m_k answers on skill k, is

        ability_sd^2 / n + skill_sd^2 / n_k (1 - n_k / m_k).
    """
    is_scored, n_skills = ~np.isnan(table.rows.score), len(table.columns.skill_ids)
    entry = np.repeat(is_scored, np.diff(table.rows.start))
    learner, skill = np.repeat(table.rows.learner, np.diff(table.rows.start))[entry], table.rows.skill[entry]
    n_answers = np.maximum(np.bincount(skill, minlength=n_skills), 1)
    n_learners = np.maximum(np.bincount(np.unique(learner * n_skills + skill) % n_skills, minlength=n_skills), 1)
    n_all = max(len(np.unique(table.rows.learner[is_scored])), 1)
    return np.asarray(h.ability_sd**2 / n_all + h.skill_sd**2 * (1.0 / n_learners - 1.0 / n_answers), dtype=np.float64)


class _Items:
    """The items of a table while they are fitted: each array (n_items,), those of skills (n_skills,)."""

    def __init__(self, table: TableRows, start: Bank) -> None:
        self._table, self._start, self._columns = table, start, table.first_rows()
        self._row = np.searchsorted(self._columns.item, table.rows.item)  # the distinct codes are sorted
        self._owner = np.repeat(np.arange(len(self._columns.item)), self._columns.n_skills.astype(np.int64))
        self._offset, known = start.offsets(self._columns), start.of(self._columns, 0.0)
        self._known = ItemNormals.of(known)
        self._spreads = start.spreads
        self._item_ids = [self._columns.item_ids[code] for code in self._columns.item.tolist()]
        self._families = FamilyEffects(start, self._item_ids)
        self._shift = start.skills.look_up(start.shift, self._columns.skill_ids, default=start.spreads.overall)
        self._drawn_to, self._whole_variance = self._centre(), known.variance
        self.pool()

    def by_row(self, h: Hyperparameters) -> Difficulty:
        """The items as they stand, by row of the table."""
        return self._known._replace(variance=self._whole_variance).by_row(self._row, self._start.guesses(self._table.columns, h))

    def typical(self, skill_ids: tuple[str, ...]) -> Floats:
        """(n_skills,) difficulty of each skill's typical item."""
        return self._start.typical_by(skill_ids, Vocabulary(self._columns.skill_ids), self._shift, self._spreads.overall)

    def improve(self, sums: Sums) -> None:
        """One Newton step on each item; the mean log discrimination stays 0, or the scale of abilities would drift."""
        spreads, self._drawn_to, nothing = self._spreads, self._centre(), np.zeros(len(self._item_ids))
        prior = ItemNormals(self._drawn_to, nothing, nothing + spreads.item, nothing + spreads.discrimination, nothing)
        found = newton_step(self._known, prior, Sums(*(of_items[self._columns.item] for of_items in sums)))
        self._known = found._replace(log_discrimination=found.log_discrimination - found.log_discrimination.mean())
        # the family that an item is drawn to is unsure as well
        self._whole_variance = found.variance + (found.variance / spreads.item) ** 2 * self._families.of_items[1]

    def learn_spreads(self) -> None:
        """The spreads that these items, families and skills have."""
        first, unsure, known = Spreads.day_zero(self._start.kinds), self._families.of_items[1], self._known
        around = (known.difficulty - self._centre()) ** 2 + known.variance + (1.0 - known.variance / self._spreads.item) ** 2 * unsure
        of_skills = (self._shift - self._spreads.overall) ** 2 + self._shift_variance
        self._spreads = Spreads(
            item=_pooled(around, first.item),
            skill=_pooled(of_skills, first.skill),
            discrimination=_pooled(known.log_discrimination**2 + known.steep_variance, first.discrimination),
            overall=self._spreads.overall,
            family=_pooled(self._families.squares, first.family),
        )

    def pool(self) -> None:
        """The shift of each skill, from the items that exercise it; then the effect of each family, beside it."""
        skill, n_skills, item = self._columns.skill, len(self._columns.skill_ids), self._spreads.item
        difficulty, variance = self._known.difficulty, self._known.variance
        told = np.maximum(1.0 - variance / item, 0.0) / item  # (n_items,) by its answers, of the centre it was drawn to
        own = self._families.own_share(told, self._spreads.family)
        weight = (1.0 / ((variance + item) * self._columns.n_skills) * own)[self._owner]
        excess = (difficulty - self._offset)[self._owner]
        overall = float((weight * excess).sum() / (weight.sum() + 1.0 / _OVERALL_VARIANCE))
        precision = np.bincount(skill, weights=weight, minlength=n_skills) + 1.0 / self._spreads.skill
        total = np.bincount(skill, weights=weight * excess, minlength=n_skills)
        self._shift = (total + overall / self._spreads.skill) / precision
        self._shift_variance = np.asarray(1.0 / precision, dtype=np.float64)
        self._spreads = replace(self._spreads, overall=overall)
        beyond = self._drawn_to - self._offset - self._columns.mean_over_skills(self._shift)
        self._families.pool(told, (difficulty - self._drawn_to) / item + told * beyond, self._spreads.family)

    def bank(self) -> Bank:
        """The items as they stand."""
        effect, effect_variance = self._families.by_family(self._start.kinds, self._spreads.family)
        return replace(
            self._start,
            items=Vocabulary(self._item_ids),
            **self._known._replace(variance=self._whole_variance)._asdict(),
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
