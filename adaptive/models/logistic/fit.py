"""The regression behind `Logistic`: its columns, and what it weighs them with.

Columns: the record's features in all, mean over the item's skills, and of the item; then those that the regressions share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from adaptive.domain import Attempt
from adaptive.models.columns import Vocabulary, seconds_of
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic import regression
from adaptive.models.logistic.features import EMPTY, FEATURES, LogisticState, features
from adaptive.models.logistic.regression import Design, ItemWeights, fit_columns, item_columns, named_item_weights
from adaptive.protocols import Floats

__all__ = ["DAY_ZERO_WEIGHTS", "Weights", "design_of", "fit_weights", "log_loss", "mean_features"]


@dataclass(frozen=True, slots=True, eq=False)
class Weights(ItemWeights):
    """What the regression fitted: `total`, `skill` and `item` weigh FEATURES, each (9,)."""

    total: Floats
    skill: Floats
    item: Floats


def _weights_of(**named: float) -> Floats:
    return np.array([named.get(name, 0.0) for name in FEATURES])


DAY_ZERO_WEIGHTS: Final = Weights(
    bias=0.0,
    total=_weights_of(log_wins=0.45, log_losses=-0.4, slow=0.8),
    skill=_weights_of(log_wins=0.25, log_losses=-0.2, fast=0.2, slow=0.2),
    item=_weights_of(),
    stated=1.0,
    items=Vocabulary([]),
    item_effect=np.zeros(0),
    item_attempts=np.zeros(0),
    skills=Vocabulary([]),
    skill_effect=np.zeros(0),
    skill_attempts=np.zeros(0),
    typical_item=np.zeros(0),
)
"""Before any data: difficulties as stated, and what is common to fits on ASSISTments 2009 and Statics 2011, rounded."""


def design_of(walks: Iterable[Iterable[tuple[LogisticState, Attempt]]], difficulties: Difficulties) -> Design:
    """The evidence of these walks; each row sees the state before its attempt."""
    return regression.design_of(walks, difficulties, _row)


def fit_weights(design: Design) -> Weights:
    """The weights that minimise log loss + |weights|^2 / 2 on the table and the day-zero model's imagined attempts."""
    bias, columns = fit_columns(design.matrix(), design.score, _column_weights(DAY_ZERO_WEIGHTS, design))
    total, skill, item, of_items = np.split(columns, np.cumsum([len(FEATURES)] * 3))
    named = named_item_weights(bias, of_items, design)
    return Weights(**{each.name: getattr(named, each.name) for each in fields(named)}, total=total, skill=skill, item=item)


def log_loss(weights: Weights, design: Design) -> float:
    """Mean log loss of the weights on the table."""
    return regression.log_loss(weights.bias, _column_weights(weights, design), design.matrix(), design.score)


def mean_features(by_skill: list[tuple[float, ...]]) -> tuple[float, ...]:
    """The mean of each feature over an item's skills."""
    return by_skill[0] if len(by_skill) == 1 else tuple(sum(values) / len(by_skill) for values in zip(*by_skill, strict=True))


def _row(state: LogisticState, attempt: Attempt, skill_ids: tuple[str, ...]) -> tuple[float, ...]:
    step, seconds = state.n_attempts, seconds_of(attempt.occurred_at)
    by_skill = [features(state.skills.get(skill_id, EMPTY), step, seconds) for skill_id in skill_ids]
    of_item = features(state.items.get(attempt.item_id, EMPTY), step, seconds)
    return features(state.total, step, seconds) + mean_features(by_skill) + of_item


def _column_weights(weights: Weights, design: Design) -> Floats:
    return np.concatenate([weights.total, weights.skill, weights.item, [weights.stated], *item_columns(weights, design)])
