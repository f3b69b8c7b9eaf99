"""New items: few, and for learners who are known well, so that their answers tell of the item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.rules.rule import Mask, Rule
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["NewItems"]


@dataclass(frozen=True, slots=True)
class NewItems(Rule):
    """Items of `item_ids` go to learners whose interval on their skills is at most `width` wide, and get at most `share` together.

    Which are new the operator says, as those that the model was not fitted on. Where nothing else has a probability, the share cannot be
    kept and is not.
    """

    name: ClassVar[str] = "new_items"
    text: ClassVar[str] = "New items are tried out by learners who are known better."
    item_ids: frozenset[str]
    share: float
    width: float

    def __repr__(self) -> str:
        return f"NewItems({sorted(self.item_ids)}, {self.share}, {self.width})"  # a set has no order, and the version rests on this text

    def allowed(self, candidates: Candidates, session: Session) -> Mask:
        """Items that are not new, and new ones where the learner is known well."""
        return np.asarray(~self._is_new(candidates) | (session.width <= self.width))

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:  # noqa: ARG002 - whatever the session
        """At most `share` of it on new items."""
        new = self._is_new(candidates)
        p_new = np.where(new, p_choice, 0.0).sum(axis=-1, keepdims=True)
        p_other = np.where(new, 0.0, p_choice).sum(axis=-1, keepdims=True)
        over = (p_new > self.share) & (p_other > 0.0)
        scale = np.where(new, self.share / np.where(over, p_new, 1.0), (1.0 - self.share) / np.where(over, p_other, 1.0))
        return np.where(over, p_choice * scale, p_choice)

    def told(self, lift: float) -> str:
        """That it is new, or others are."""
        return "New items, which are tried out seldom, were held back." if lift > 1.0 else "It is new, and new items are tried out seldom."

    def _is_new(self, c: Candidates) -> Mask:
        return np.array([item_id in self.item_ids for item_id in c.items.item_ids], dtype=np.bool_)
