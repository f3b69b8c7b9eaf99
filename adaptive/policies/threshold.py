"""The threshold policy: ready, not mastered, success probability in the band; drawn from a softmax with a floor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from adaptive.domain import Reason
from adaptive.policies.modes import MODES
from adaptive.policies.settings import ZoneSettings
from adaptive.policies.zone import Zone, find_zone
from adaptive.protocols import Candidates, Floats

__all__ = ["ThresholdPolicy"]

_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class ThresholdPolicy:
    """Softmax over the zone of log[P(unmastered) readiness^2] - ((P(correct) - target) / width)^2 / 2.

    With probability `floor` it draws evenly from the zone instead, so propensities are at least floor / n_zone there
    and 0 elsewhere. In mode `review` the zone is what is mastered, and the least certain success comes first; in
    `diagnostic` it is what can be answered with P >= lowest_p_correct, and the widest interval comes first; `mixed`
    is the union of learning and review.

    >>> import numpy as np
    >>> from adaptive.protocols import Candidates, Forecast, Items
    >>> p = np.array([0.2, 0.7, 0.97])
    >>> seen = Candidates(Items(("hard", "right", "easy"), (("s",),) * 3), Forecast(p, p - 0.05, p), p_mastered=np.full(3, 0.3),
    ...     readiness=np.ones(3), zone_probability=np.full(3, 0.7), expected_gain=np.full(3, np.nan), n_attempts=np.zeros(3, int))
    >>> ThresholdPolicy().probabilities(seen).round(2).tolist()
    [0.0, 1.0, 0.0]
    """

    name: ClassVar[str] = "threshold"
    settings: ZoneSettings = field(default_factory=ZoneSettings)

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), sums to 1; 0 outside the zone."""
        if not len(candidates.items):
            return np.zeros(0)
        members = self.zone(candidates).members
        score = np.where(members, self.score(candidates), -np.inf)  # (n_items,)
        weight = np.exp((score - score.max()) / self.settings.temperature)
        floor = self.settings.floor
        p_choice: Floats = (1.0 - floor) * weight / weight.sum() + floor * members / members.sum()
        return p_choice

    def zone(self, candidates: Candidates) -> Zone:
        """The candidates among which this policy chooses in the wanted mode."""
        zone = MODES[candidates.mode].zone(candidates, self.settings)
        return zone if zone.members.any() else replace(find_zone(candidates, self.settings), relaxed="mode")

    def score(self, candidates: Candidates) -> Floats:
        """What the softmax prefers, (n_items,), in natural-logarithm units."""
        return MODES[candidates.mode].score(candidates, self.settings)

    def reason(self, candidates: Candidates, index: int) -> tuple[Reason, ...]:
        """The named terms of the choice, largest first: below mastery, readiness, zone, and what was relaxed."""
        s = self.settings
        p, p_mastered = float(candidates.forecast.p_correct[index]), float(candidates.p_mastered[index])
        readiness = float(candidates.readiness[index])
        terms = [_mastery_reason(p_mastered, s), _band_reason(p, s)]
        if readiness < 1.0:
            terms.append(_readiness_reason(readiness, s))
        relaxed = self.zone(candidates).relaxed
        if relaxed:
            terms.append(Reason("exploration", 0.0, 0.0, _RELAXED_TEXT[relaxed]))
        return tuple(sorted(terms, key=lambda reason: -abs(reason.weight)))


def _mastery_reason(p_mastered: float, s: ZoneSettings) -> Reason:
    weight = float(np.log(max(1.0 - p_mastered, _TINY)))
    if p_mastered >= s.mastered_at:
        return Reason("review_due", weight, p_mastered, f"The skill is mastered ({p_mastered:.0%}); this keeps it fresh.")
    return Reason("below_mastery", weight, p_mastered, f"The skill is not mastered: the estimate is {p_mastered:.0%}.")


def _band_reason(p: float, s: ZoneSettings) -> Reason:
    weight = float(-0.5 * ((p - s.target) / s.target_width) ** 2)
    where = "within reach" if p >= s.low else "hard"
    challenge = "and still a challenge" if p <= s.high else "and easy"
    return Reason("zone", weight, p, f"The chance of success is about {p:.0%}: {where} {challenge if p >= s.low else 'for now'}.")


def _readiness_reason(readiness: float, s: ZoneSettings) -> Reason:
    state = "ready" if readiness >= s.ready_at else "not yet secure"
    return Reason(
        "prerequisite_gap", float(2.0 * np.log(max(readiness, _TINY))), readiness, f"What comes before it is {state} ({readiness:.0%})."
    )


_RELAXED_TEXT = {
    "mode": "Nothing fits the wanted mode at present, so an item to learn from was taken.",
    "upper bound": "Nothing harder is ready, so an easier item was allowed.",
    "readiness": "No item has all its prerequisites ready, so readiness was relaxed.",
    "lower bound": "Everything open is hard at present, so the lowest chance of success was relaxed.",
    "unmastered": "Every open item is very hard at present; the nearest ones were taken.",
    "anything": "Every candidate is mastered; any of them was allowed.",
}
