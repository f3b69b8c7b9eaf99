"""Uniform reference items: a small share of decisions that no model has a say in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from adaptive.domain import Reason
from adaptive.policies.rules.rule import Rule, everywhere
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["Reference"]

_RATHER: Final = 0.5
"""P(reference item) above which that is the reason told."""


@dataclass(frozen=True, slots=True)
class Reference(Rule):
    """With probability `share` an even draw from all candidates, whatever the other rules allow, items met lately apart.

    p = (1 - share) p_policy + share / n, exactly: answers to such items, weighted by propensity, give calibration and learning curves
    without the policy's selection (policy page, "The policy"). What rests is left out, since an answer that is remembered tells nothing.
    It comes last of the rules, so that none bends the mixture.
    """

    name: ClassVar[str] = "reference"
    needs_all: ClassVar[bool] = True
    share: float
    rest_items: int
    rest_hours: float

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:
        """The mixture."""
        open_now = everywhere(candidates) if candidates.allowed is None else candidates.allowed
        rested = open_now & (session.items_since > self.rest_items) & (session.hours_since >= self.rest_hours)
        among = np.where(rested.any(axis=-1, keepdims=True), rested, open_now)
        n_among = np.maximum(among.sum(axis=-1, keepdims=True), 1)
        return np.asarray((1.0 - self.share) * p_choice + self.share * among / n_among)

    def reason(self, p_before: float, p_after: float) -> Reason | None:
        """Told where the item is more likely than not a reference item; the value is P(that)."""
        p_reference = 1.0 - (1.0 - self.share) * p_before / p_after
        if p_reference <= _RATHER:
            return None
        return Reason("exploration", 0.0, p_reference, "Drawn evenly from all open items, to check what the model says.")
