"""The expected-gain policy: what an attempt is expected to add to mastery, where the learner is ready for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from adaptive.policies.modes import GAIN_MODES, MODES, Mode
from adaptive.policies.settings import GAIN_SETTINGS, ZoneSettings
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.protocols import Candidates

__all__ = ["ExpectedGainPolicy"]


@dataclass(frozen=True, slots=True)
class ExpectedGainPolicy(ThresholdPolicy):
    """Softmax over the zone of log E[g_i] + log Z_i, mixed with an even draw from the zone.

    g_i is the rise, at the horizon, of summed skill success from attempting the item once, Z_i the probability of the zone's event (policy
    page, "The policy"). Of a model that does not tell what a chance of success takes from a gain, - ((P(correct) - target) / width)^2 / 2
    joins the score. Reviews, in modes `review` and `mixed`, are weighed by the same gain. Candidates without draws are scored as by
    `ThresholdPolicy`.

    >>> from adaptive.protocols import Forecast, Items
    >>> p = np.array([0.7, 0.7])
    >>> seen = Candidates(Items(("much", "little"), (("s",),) * 2), Forecast(p, p - 0.05, p), p_mastered=np.full(2, 0.3),
    ...     readiness=np.ones(2), zone_probability=np.full(2, 0.7), expected_gain=np.array([0.04, 0.01]))
    >>> ExpectedGainPolicy().probabilities(seen).round(2).tolist()
    [0.98, 0.02]
    """

    name: ClassVar[str] = "expected_gain"
    settings: ZoneSettings = GAIN_SETTINGS

    def mode_of(self, candidates: Candidates) -> Mode:
        """The mode's zone and terms; those of gain where it is known."""
        is_known = len(candidates.items) > 0 and not np.isnan(candidates.expected_gain).any()
        return (GAIN_MODES if is_known else MODES)[self.mode or candidates.mode]
