"""A choice opened up: the probability of each candidate with the named terms of the score that it was weighed by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import Reason
from adaptive.protocols import Candidates, Floats, Policy

__all__ = ["Mask", "Term", "Weigher", "Weighing", "weigh"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One named, additive part of a score; its arrays are (n_items,), or (n_learners, n_items).

    `contribution` is in natural-logarithm units and counts where `applies`, as 0 elsewhere; `text` puts the `value` that it rests on
    into plain words.
    """

    code: str
    contribution: Floats
    applies: Mask
    value: Floats
    text: Callable[[float], str]

    @property
    def added(self) -> Floats:
        """What it adds to the score of each item."""
        return np.where(self.applies, self.contribution, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Weighing:
    """One learner's choice: probabilities (n_items,), and what they come from.

    Where p > 0, p is in proportion to exp(score / temperature). The score is the sum of the `terms` and of what chance adds: a share
    `p_chance` of each item's probability comes from even draws, whatever the terms. `barred` says which items could not be drawn and
    why, the first that holds; `limits` which rules of the session left out what was likelier than items of the mask; `notes` what was
    relaxed.
    """

    p_choice: Floats
    terms: tuple[Term, ...] = ()
    temperature: float = 1.0
    p_chance: Floats | None = None
    barred: tuple[tuple[Mask, str], ...] = ()
    limits: tuple[tuple[Mask, Reason], ...] = ()
    notes: tuple[Reason, ...] = ()

    def score(self, index: int) -> float:
        """temperature log p of an item that could be drawn, less the mean of that over all that could.

        >>> round(Weighing(np.array([0.8, 0.2, 0.0])).score(0), 3)  # log(.8 / .2) / 2
        0.693
        """
        log_p = np.log(self.p_choice[self.p_choice > 0.0])
        return float(self.temperature * (np.log(self.p_choice[index]) - log_p.mean()))


class Weigher(Policy, Protocol):
    """A policy that says what its probabilities come from."""

    def weigh(self, candidates: Candidates) -> Weighing:
        """Of one learner: its own `probabilities`, opened up."""


def weigh(policy: Policy, candidates: Candidates) -> Weighing:
    """The choice of that policy opened up; of one that says nothing of itself, the probabilities alone."""
    says_why: Callable[[Candidates], Weighing] | None = getattr(policy, "weigh", None)
    return says_why(candidates) if says_why else Weighing(policy.probabilities(candidates))
