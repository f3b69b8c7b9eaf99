"""What the doubt about an item's answer is: the model's own, or chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from adaptive.domain import ENOUGH_ATTEMPTS, INFORMATIVE_FROM, MASTERED_AT, Doubt
from adaptive.engine.learner import LearnerState
from adaptive.protocols import Floats, Items

__all__ = ["ItemDoubt", "item_doubts"]

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class ItemDoubt:
    """`information` in nats, None where the model has no posterior, and what that makes of the doubt."""

    information: float | None
    doubt: Doubt | None


def item_doubts(state: LearnerState[StateT], items: Items, p_correct: Floats, nats: Floats | None) -> tuple[ItemDoubt, ...]:
    """One for each item, whose forecast is `p_correct` and whose answer tells `nats`, (n_items,) each; None without a posterior."""
    told = [None] * len(items) if nats is None else nats.tolist()
    return tuple(ItemDoubt(told[i], _doubt(state, items.skill_ids[i], told[i], float(p_correct[i]))) for i in range(len(items)))


def _doubt(state: LearnerState[StateT], skill_ids: tuple[str, ...], nats: float | None, p_correct: float) -> Doubt | None:
    """Few answers on its skills say nothing, whatever the estimate; then the model's ignorance, chance, or next to none."""
    if max((state.tally(skill_id).n_attempts for skill_id in skill_ids), default=0) < ENOUGH_ATTEMPTS:
        return "not_enough_data"
    if nats is None:
        return None
    if nats >= INFORMATIVE_FROM:
        return "model_unsure"
    return "coin_flip" if 1.0 - MASTERED_AT <= p_correct <= MASTERED_AT else "foregone"
