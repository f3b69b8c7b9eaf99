"""What the regression says of items and skills before it looks at the learner: base logits, and how sure it is of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from adaptive.models.columns import ItemColumns
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.regression import ItemWeights
from adaptive.models.normal_logit import ANSWER_INFORMATION
from adaptive.protocols import Floats, Items, Skills

__all__ = ["Effects", "ItemEffects", "SkillEffects"]

WeightsT = TypeVar("WeightsT", bound=ItemWeights)

_UNKNOWN_VARIANCE: Final = 1.0
"""Variance, logits squared, of a difficulty that nobody stated: the penalty's N(0, 1)."""

_STATED_VARIANCE: Final = 0.64
"""Variance of a stated difficulty: 8 RIT, the spread around a skill's stated place that placement uses."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemEffects:
    """Items with their base logit and its variance, each (n_items,), and the same of their skills."""

    columns: ItemColumns
    base: Floats
    variance: Floats
    skills: SkillEffects


@dataclass(frozen=True, slots=True, eq=False)
class SkillEffects:
    """Skills with the base logit of their typical item and its variance, each (n_skills,)."""

    base: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Effects(Generic[WeightsT]):
    """Fitted weights beside what the catalogue states."""

    weights: WeightsT
    difficulties: Difficulties

    def of_items(self, items: Items) -> ItemEffects:
        """Bias, item and skills. An item without attempts is as hard as stated, or else as its skills' typical item."""
        columns, weights = ItemColumns.of(items), self.weights
        stated = self.difficulties.item_logits(columns.item_ids)
        fitted = weights.items.look_up(weights.item_effect, columns.item_ids, default=np.nan)
        n_attempts = weights.items.look_up(weights.item_attempts, columns.item_ids, default=0.0)
        own = np.nan_to_num(fitted) + weights.stated * np.nan_to_num(stated)
        is_known = ~(np.isnan(fitted) & np.isnan(stated))

        skills = Skills(columns.skill_ids)
        typical = columns.mean_over_skills(self._typical_item(skills))
        item = np.where(is_known[columns.item], own[columns.item], typical)
        base = weights.bias + item + columns.mean_over_skills(self._skill_effect(skills))
        return ItemEffects(columns, base, _variance(stated, n_attempts)[columns.item], self.of_skills(skills))

    def of_skills(self, skills: Skills) -> SkillEffects:
        """Bias, skill and its typical item."""
        weights = self.weights
        n_attempts = weights.skills.look_up(weights.skill_attempts, skills.skill_ids, default=0.0)
        base = weights.bias + self._skill_effect(skills) + self._typical_item(skills)
        return SkillEffects(base, _variance(self.difficulties.skill_logits(skills.skill_ids), n_attempts))

    def _skill_effect(self, skills: Skills) -> Floats:
        return self.weights.skills.look_up(self.weights.skill_effect, skills.skill_ids, default=0.0)

    def _typical_item(self, skills: Skills) -> Floats:
        weights = self.weights
        stated = weights.stated * np.nan_to_num(self.difficulties.skill_logits(skills.skill_ids))
        typical = weights.skills.look_up(weights.typical_item, skills.skill_ids, default=np.nan)
        return np.where(np.isnan(typical), stated, typical)


def _variance(stated: Floats, n_attempts: Floats) -> Floats:
    before = np.where(np.isnan(stated), _UNKNOWN_VARIANCE, _STATED_VARIANCE)
    return np.asarray(1.0 / (1.0 / before + ANSWER_INFORMATION * n_attempts), dtype=np.float64)
