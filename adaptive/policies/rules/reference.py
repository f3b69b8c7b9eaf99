"""Uniform reference items: a small share of decisions that no model has a say in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.rules.rule import Rule, everywhere
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["Reference"]


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

    def term(self, before: Floats, after: Floats, temperature: float) -> None:
        """Nothing: what it adds is chance."""

    def chance(self, before: Floats, after: Floats, p_chance: Floats) -> Floats:
        """What is left of the policy's own, and not chance there either, is the rest."""
        by_score = (1.0 - self.share) * before * (1.0 - p_chance)
        return 1.0 - np.divide(by_score, after, out=np.zeros_like(after), where=after > 0.0)
