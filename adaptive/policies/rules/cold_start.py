"""Who is hardly known yet gets items whose answers tell more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from adaptive.domain import Reason
from adaptive.models.information import information_of_forecast
from adaptive.policies.rules.rule import Mask, Rule
from adaptive.policies.rules.session import Session
from adaptive.protocols import Candidates, Floats

__all__ = ["ColdStart"]

_LEAST: Final = 1e-6
"""Of the best item's information: what tells nothing keeps a trace of its probability, so that no support is lost."""


@dataclass(frozen=True, slots=True)
class ColdStart(Rule):
    """For the first `n_answers`: P(correct) >= `lowest`, and probability in proportion to policy x information.

    Adding log information to a score is multiplying the probability by information. It is that of the answer, in nats, where the
    model can be drawn from; otherwise (high - low) p (1 - p), as in mode `diagnostic`.
    """

    name: ClassVar[str] = "cold_start"
    text: ClassVar[str] = "The first items are not very hard ones."
    n_answers: int
    lowest: float

    def allowed(self, candidates: Candidates, session: Session) -> Mask:
        """Items that are not too hard, for who has just come."""
        return np.asarray((session.n_answered >= self.n_answers) | (candidates.forecast.p_correct >= self.lowest))

    def reshaped(self, p_choice: Floats, candidates: Candidates, session: Session) -> Floats:
        """More of it on what tells more."""
        is_cold = np.asarray(session.n_answered < self.n_answers)
        if not is_cold.any() or not p_choice.size:
            return p_choice
        nats = _information(candidates)
        relative = np.maximum(nats / np.maximum(nats.max(axis=-1, keepdims=True), np.finfo(np.float64).tiny), _LEAST)
        tilted = p_choice * relative
        total = tilted.sum(axis=-1, keepdims=True)
        return np.where(is_cold & (total > 0.0), tilted / np.where(total > 0.0, total, 1.0), p_choice)

    def reason(self, p_before: float, p_after: float) -> Reason | None:
        """Told where the item gained by it; the value is its odds against before."""
        if p_after <= p_before:
            return None
        return Reason("information_gain", 0.0, p_after / p_before, "Little is known of the learner yet, and this answer tells more.")


def _information(c: Candidates) -> Floats:
    p = c.forecast.p_correct
    return information_of_forecast(c.forecast) if c.outlook else (c.forecast.high - c.forecast.low) * p * (1.0 - p)
