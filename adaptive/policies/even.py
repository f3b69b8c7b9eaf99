"""The random policy: every candidate alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.weighing import Weighing
from adaptive.protocols import Candidates, Floats

__all__ = ["EvenPolicy"]


@dataclass(frozen=True, slots=True)
class EvenPolicy:
    """Every candidate alike: what choosing at all is worth is told beside it.

    >>> from adaptive.protocols import Forecast, Items
    >>> p = np.full(2, 0.5)
    >>> EvenPolicy().probabilities(Candidates(Items(("a", "b"), ((),) * 2), Forecast(p, p, p), p, p, p, p)).tolist()
    [0.5, 0.5]
    """

    name: ClassVar[str] = "random"

    @property
    def version(self) -> str:
        """There is one."""
        return self.name

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), one over the number allowed; (n_learners, n_items) where the candidates are so."""
        allowed = np.ones(candidates.p_mastered.shape) if candidates.allowed is None else candidates.allowed.astype(np.float64)
        return np.asarray(allowed / np.maximum(allowed.sum(axis=-1, keepdims=True), 1.0))

    def weigh(self, candidates: Candidates) -> Weighing:
        """Chance alone."""
        p_choice = self.probabilities(candidates)
        return Weighing(p_choice, p_chance=np.ones_like(p_choice))
