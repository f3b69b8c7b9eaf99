"""The threshold policy: ready, not mastered, success probability in the band; drawn from a softmax with a floor."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from adaptive.domain import Mode, Reason
from adaptive.policies import modes
from adaptive.policies.modes import MODES, asked_terms
from adaptive.policies.settings import ZoneSettings
from adaptive.policies.weighing import Mask, Term, Weighing
from adaptive.policies.zone import Zone, find_zone
from adaptive.protocols import Candidates, Floats

__all__ = ["ThresholdPolicy"]


@dataclass(frozen=True, slots=True)
class ThresholdPolicy:
    """Softmax over the zone of the mode's score, mixed with an even draw from the zone.

    The score of mode `learn` is log[P(unmastered) readiness^2] - ((P(correct) - target) / width)^2 / 2 over items that
    are ready, unmastered and in the band (`find_zone`); `review` takes what is mastered, `diagnostic` what is least foregone, `mixed`
    both learning and review. With probability `floor` the draw is even, so propensities in the zone are at least
    floor / n_zone, and 0 elsewhere.

    >>> import numpy as np
    >>> from adaptive.protocols import Candidates, Forecast, Items
    >>> p = np.array([0.2, 0.7, 0.97])
    >>> seen = Candidates(Items(("hard", "right", "easy"), (("s",),) * 3), Forecast(p, p - 0.05, p), p_mastered=np.full(3, 0.3),
    ...     readiness=np.ones(3), zone_probability=np.full(3, 0.7), expected_gain=np.full(3, np.nan))
    >>> ThresholdPolicy().probabilities(seen).round(2).tolist()
    [0.0, 1.0, 0.0]
    """

    name: ClassVar[str] = "threshold"
    mode: ClassVar[Mode | None] = None
    """What it is for, whatever is asked; None: what is asked."""
    settings: ZoneSettings = field(default_factory=ZoneSettings)

    @property
    def version(self) -> str:
        """The name and eight hex digits over the settings."""
        return f"{self.name}-{hashlib.sha256(repr(self.settings).encode()).hexdigest()[:8]}"

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), sums to 1; 0 outside the zone. (n_learners, n_items) where the candidates are so."""
        if not len(candidates.items):
            return np.zeros(candidates.p_mastered.shape)
        return self._p_choice(self.zone(candidates).members, self.score(candidates))

    def weigh(self, candidates: Candidates) -> Weighing:
        """The same of one learner, with the mode's terms and what had to be relaxed."""
        if not len(candidates.items):
            return Weighing(np.zeros(0))
        zone, terms = self.zone(candidates), self._terms(candidates)
        p_choice = self._p_choice(zone.members, _sum(terms))
        even = self.settings.floor * zone.members / zone.members.sum()  # (n_items,)
        return Weighing(
            p_choice,
            terms,
            self.settings.temperature,
            p_chance=np.divide(even, p_choice, out=np.zeros_like(even), where=p_choice > 0.0),
            barred=((~zone.members, _OUTSIDE_TEXT),),
            notes=tuple(Reason("exploration", 0.0, 0.0, _RELAXED_TEXT[rule]) for rule in zone.relaxed),
        )

    def _terms(self, candidates: Candidates) -> tuple[Term, ...]:
        return (*self.mode_of(candidates).terms(candidates, self.settings), *asked_terms(candidates, self.settings))

    def score(self, candidates: Candidates) -> Floats:
        """(n_items,) how much each is wanted, in the zone or not: the sum of the terms."""
        return _sum(self._terms(candidates))

    def _p_choice(self, members: Mask, score: Floats) -> Floats:
        """The softmax of the score over the members, mixed with an even draw from them."""
        best = np.max(score, axis=-1, keepdims=True, where=members, initial=-np.inf)
        weight = np.exp(np.where(members, score - best, -np.inf) / self.settings.temperature)
        floor, n_members = self.settings.floor, members.sum(axis=-1, keepdims=True)
        p_choice: Floats = (1.0 - floor) * weight / weight.sum(axis=-1, keepdims=True) + floor * members / n_members
        return p_choice

    def mode_of(self, candidates: Candidates) -> modes.Mode:
        """The zone and the terms of what is wanted now."""
        return MODES[self.mode or candidates.mode]

    def zone(self, candidates: Candidates) -> Zone:
        """The candidates among which this policy chooses in the wanted mode, with what was relaxed."""
        zone = self.mode_of(candidates).zone(candidates, self.settings)
        found = zone.members.any(axis=-1, keepdims=True)
        if found.all():
            return zone
        learning = find_zone(candidates, self.settings)
        return Zone(np.where(found, zone.members, learning.members), ("mode", *learning.relaxed))


def _sum(terms: tuple[Term, ...]) -> Floats:
    score: Floats = np.sum([term.added for term in terms], axis=0)
    return score


_OUTSIDE_TEXT = "It is outside the zone: mastered, too easy, too hard, or not ready yet."

_RELAXED_TEXT: Mapping[str, str] = {
    "mode": "Nothing fits the wanted mode at present, so an item to learn from was taken.",
    "upper bound": "Nothing harder is ready, so an easier item was allowed.",
    "zone probability": "Of no item is it likely that it is ready and teaches much, so that was relaxed.",
    "readiness": "No item has all its prerequisites ready, so readiness was relaxed.",
    "lower bound": "Everything open is hard at present, so the lowest chance of success was relaxed.",
    "prerequisites": "Everything open is very hard at present, so this steps back to what the nearest goal stands on.",
    "diagnostic": "Everything open is very hard at present, so an item was taken whose answer tells much.",
    "unmastered": "Every open item is very hard at present; the nearest ones were taken.",
    "anything": "Every candidate is mastered; any of them was allowed.",
}
