"""The constants of the zone and of the choice within it, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ZoneSettings"]


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Bounds of the zone of proximal development and weights of the choice; probabilities unless said otherwise.

    >>> ZoneSettings().lowest_p_correct < ZoneSettings().low
    True
    """

    low: float = 0.50
    """Lower bound of P(correct): in the simulated families tried, the best single rate was .50 to .85, never below."""
    high: float = 0.90
    """Upper bound of P(correct): above it an answer tells little and teaches little."""
    lowest_p_correct: float = 0.35
    """How far the lower bound relaxes for a learner to whom everything is hard, before the zone steps back."""
    pessimistic_p_correct: float = 0.25
    """The lower end of the interval of P(correct) stays above this, so that ignorance is not taken for challenge; not asked of a
    two-state forecast, whose ends are guess and 1 - slip."""
    target: float = 0.70
    """P(correct) that the choice prefers; measured best for a per-skill Gaussian posterior with readiness."""
    target_width: float = 0.15
    """Standard deviation of that preference: the band's ends lie 1.3 widths from the target."""
    floor: float = 0.10
    """Total probability spread evenly over the zone, so that every zone item keeps a usable propensity."""
    temperature: float = 0.5
    """Of the softmax over scores, in units of score (natural logarithm)."""
