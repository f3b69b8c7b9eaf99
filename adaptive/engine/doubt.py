"""What the doubt about an item's answer is: the model's own, or chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import numpy as np

from adaptive.domain import MASTERED_AT, Doubt
from adaptive.engine.learner import LearnerState
from adaptive.engine.reporting import ENOUGH_ATTEMPTS
from adaptive.models.information import information
from adaptive.protocols import Floats, GenerativeModel, Items, LearnerModel, Skills

__all__ = ["ItemDoubt", "item_doubts"]

StateT = TypeVar("StateT")

INFORMATIVE_FROM: Final = 0.1
"""Nats from which on the doubt counts as the model's: what the zone's label `unknown` takes (decision 0011)."""

_MOST_DRAWS: Final = 1_000
_FEWEST_DRAWS: Final = 200
_DRAWN_CHANCES: Final = 100_000
"""Draws times items that a request pays for; at .12 nat the standard error is .004 with the most draws, .009 with the fewest."""


@dataclass(frozen=True, slots=True)
class ItemDoubt:
    """`information` in nats, None where the model has no posterior to draw from, and what that makes of the doubt."""

    information: float | None
    doubt: Doubt | None


def item_doubts(
    model: LearnerModel[StateT], state: LearnerState[StateT], items: Items, p_correct: Floats, *, at: datetime, seed: int
) -> tuple[ItemDoubt, ...]:
    """One for each item, whose forecast is `p_correct` (n_items,). Equal seeds give equal answers."""
    nats = _information(model, state, items, at, seed)
    return tuple(ItemDoubt(nats[i], _doubt(state, items.skill_ids[i], nats[i], float(p_correct[i]))) for i in range(len(items)))


def _information(model: LearnerModel[StateT], state: LearnerState[StateT], items: Items, at: datetime, seed: int) -> list[float | None]:
    if not isinstance(model, GenerativeModel) or not len(items):
        return [None] * len(items)
    n_draws = min(max(_DRAWN_CHANCES // len(items), _FEWEST_DRAWS), _MOST_DRAWS)
    draws = model.draw(state.model_state, items, Skills(()), n=n_draws, at=at, rng=np.random.default_rng(seed))
    return [*information(draws).tolist()]


def _doubt(state: LearnerState[StateT], skill_ids: tuple[str, ...], nats: float | None, p_correct: float) -> Doubt | None:
    """Few answers on its skills say nothing, whatever the estimate; then the model's ignorance, chance, or next to none."""
    if max((state.tally(skill_id).n_attempts for skill_id in skill_ids), default=0) < ENOUGH_ATTEMPTS:
        return "not_enough_data"
    if nats is None:
        return None
    if nats >= INFORMATIVE_FROM:
        return "model_unsure"
    return "coin_flip" if 1.0 - MASTERED_AT <= p_correct <= MASTERED_AT else "foregone"
