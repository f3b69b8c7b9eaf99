"""The constants of the zone and of the choice within it, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from adaptive.domain import ENOUGH_ATTEMPTS, INFORMATIVE_FROM, MASTERED_AT, PROMOTE_AT, READY_AT
from adaptive.protocols import Policy

__all__ = ["GAIN_SETTINGS", "ZoneSettings", "settings_of"]


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Bounds of the zone of proximal development and weights of the choice; probabilities unless said otherwise.

    >>> ZoneSettings().lowest_p_correct < ZoneSettings().low
    True
    """

    ready_at: float = READY_AT
    """A prerequisite is ready where expected success on it is at least this (formats page, "One threshold")."""
    mastered_at: float = MASTERED_AT
    """A skill is mastered on a draw where its success is at least this (formats page, "One threshold")."""
    promoted_at: float = PROMOTE_AT
    """An item is mastered where P(mastered) of its least mastered skill is at least this (Corbett & Anderson 1995)."""
    gain_share: float = 0.5
    """An item is in the event where its gain is at least this share of the best ready one's on the draw (policy page, "The definition")."""
    least_zone_probability: float = 0.5
    """Z from which on an item is in the zone: rather in it than not (policy page, "The definition")."""
    relaxed_share: float = 0.5
    """Of the best Z there is, in a zone that would be empty otherwise (ours; the share of the gain)."""
    horizon_days: float = 14.0
    """When what was learned is to be there still (policy page, "The definition")."""
    low: float = 0.50
    """Lower bound of P(correct): in the simulated families tried, the best single rate was .50 to .85, never below."""
    high: float = 0.90
    """Upper bound of P(correct): above it an answer tells little and teaches little."""
    lowest_p_correct: float = 0.35
    """How far the lower bound relaxes for a learner to whom everything is hard, before the zone steps back."""
    pessimistic_share: float = 0.10
    """Which quantile of P(correct) over draws is the pessimistic one (policy page); from marginals, the lower end of the 90 % interval."""
    pessimistic_p_correct: float = 0.25
    """The pessimistic P(correct) stays above this, so that ignorance is not taken for challenge; not asked of a two-state forecast,
    whose ends are guess and 1 - slip."""
    informative_from: float = INFORMATIVE_FROM
    """Nats above which an item that few attempts touch is labelled unknown."""
    enough_attempts: int = ENOUGH_ATTEMPTS
    """Attempts on one of its skills from which on an item is not labelled unknown."""
    diagnostic_share: float = 0.5
    """Items whose answer tells at least this share of what the best tells are diagnostic (ours; the share of the gain)."""
    most_scored: int = 1_000
    """Of more open items than this, only those of the best kinds are scored, to begin with as many as this (decision 0017)."""
    n_draws: int = 200
    """Joint draws of a learner's skills: the standard error of Z is then at most .035."""
    stuck_after: int = 25
    """Attempts on a skill without mastery after which it is named stuck and left to the teacher (policy page, "The policy")."""
    stuck_from: int = 10
    """Attempts from which on a small P(gain) is enough: not to master a skill within ten is wheel-spinning (Beck & Gong 2013)."""
    least_p_gain: float = 0.05
    """P(gain) below which it is small: nearly sure, by the share that mastery is declared at (ours: 1 - promoted_at)."""
    seed: int = 0
    """Of the draws: one for all, so that a zone follows from state and time alone (decision 0012)."""
    target: float = 0.70
    """P(correct) that the choice prefers; measured best for a per-skill Gaussian posterior with readiness."""
    target_width: float = 0.15
    """Standard deviation of that preference: the band's ends lie 1.3 widths from the target."""
    review_share: float = 0.25
    """Weight of a due review beside learning in mode `mixed`: plans keep 20-25 % of their minutes for review."""
    plan_lift: float = 2.0
    """What the plan asks for now counts as if it taught this many times as much (ours)."""
    pin_lift: float = 4.0
    """So does what a teacher pinned: more than the plan, and not at any price, since the zone holds all the same (ours)."""
    floor: float = 0.10
    """Total probability spread evenly over the zone, so that every zone item keeps a usable propensity."""
    temperature: float = 0.5
    """Of the softmax over scores, in units of score (natural logarithm)."""

    @property
    def horizon(self) -> timedelta:
        """`horizon_days` as a duration."""
        return timedelta(days=self.horizon_days)


GAIN_SETTINGS: Final = ZoneSettings(low=0.15, lowest_p_correct=0.10, pessimistic_p_correct=0.02, floor=0.05, temperature=0.01)
"""Of policies that know what an attempt teaches at each chance of success, and so need the band less (decision 0019).

The page's band from .50, with its pessimistic quantile from .25, leaves out what teaches most to learners who find much hard, and items
of several skills. The softmax is nearly the best alone beside the floor, since scores are close to each other: a temperature of .1 costs
.04 to .08 of closed gap.
"""


def settings_of(policy: Policy) -> ZoneSettings:
    """The zone's settings that a policy chooses by; those of the policy page where it has none of its own."""
    found = getattr(policy, "settings", None)
    return found if isinstance(found, ZoneSettings) else ZoneSettings()
