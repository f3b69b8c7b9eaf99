"""Who is hardly known yet gets items whose answers tell more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from adaptive.policies.rules.rule import Mask, Rule
from adaptive.policies.rules.session import Session
from adaptive.policies.telling import answer_information
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
    code: ClassVar[str] = "information_gain"
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
        nats = answer_information(candidates)
        relative = np.maximum(nats / np.maximum(nats.max(axis=-1, keepdims=True), np.finfo(np.float64).tiny), _LEAST)
        tilted = p_choice * relative
        total = tilted.sum(axis=-1, keepdims=True)
        return np.where(is_cold & (total > 0.0), tilted / np.where(total > 0.0, total, 1.0), p_choice)

    def told(self, lift: float) -> str:
        """That the answer tells more, or less, than others would."""
        return f"Little is known of the learner yet, and this answer tells {'more' if lift > 1.0 else 'less'}."
