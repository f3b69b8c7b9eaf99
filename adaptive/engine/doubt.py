"""What the doubt about an item's answer is: the model's own, or chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import numpy as np

from adaptive.domain import ENOUGH_ATTEMPTS, INFORMATIVE_FROM, MASTERED_AT, Doubt
from adaptive.engine.learner import LearnerState
from adaptive.models.information import information
from adaptive.protocols import Floats, GenerativeModel, Items, LearnerModel, Skills

__all__ = ["ItemDoubt", "drawn_information", "item_doubts"]

StateT = TypeVar("StateT")

_MOST_DRAWS: Final = 1_000
_FEWEST_DRAWS: Final = 200
_DRAWN_CHANCES: Final = 100_000
"""Draws times items that a request pays for; at .12 nat the standard error is .004 with the most draws, .009 with the fewest."""


@dataclass(frozen=True, slots=True)
class ItemDoubt:
    """`information` in nats, None where the model has no posterior to draw from, and what that makes of the doubt."""

    information: float | None
    doubt: Doubt | None


def item_doubts(state: LearnerState[StateT], items: Items, p_correct: Floats, nats: Floats | None) -> tuple[ItemDoubt, ...]:
    """One for each item, whose forecast is `p_correct` and whose answer tells `nats`, (n_items,) each; None without a posterior."""
    told = [None] * len(items) if nats is None else nats.tolist()
    return tuple(ItemDoubt(told[i], _doubt(state, items.skill_ids[i], told[i], float(p_correct[i]))) for i in range(len(items)))


def drawn_information(model: LearnerModel[StateT], state: LearnerState[StateT], items: Items, *, at: datetime, seed: int) -> Floats | None:
    """(n_items,) nats in each answer from draws of these items alone; None without a posterior. Equal seeds give equal answers."""
    if not isinstance(model, GenerativeModel) or not len(items):
        return None
    n_draws = min(max(_DRAWN_CHANCES // len(items), _FEWEST_DRAWS), _MOST_DRAWS)
    draws = model.draw(state.model_state, items, Skills(()), n=n_draws, at=at, rng=np.random.default_rng(seed))
    return information(draws)


def _doubt(state: LearnerState[StateT], skill_ids: tuple[str, ...], nats: float | None, p_correct: float) -> Doubt | None:
    """Few answers on its skills say nothing, whatever the estimate; then the model's ignorance, chance, or next to none."""
    if max((state.tally(skill_id).n_attempts for skill_id in skill_ids), default=0) < ENOUGH_ATTEMPTS:
        return "not_enough_data"
    if nats is None:
        return None
    if nats >= INFORMATIVE_FROM:
        return "model_unsure"
    return "coin_flip" if 1.0 - MASTERED_AT <= p_correct <= MASTERED_AT else "foregone"
