"""The constants of a plan, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

from adaptive.domain import PROMOTE_AT, READY_AT

__all__ = ["PlanSettings"]


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What a plan values, how much of the time it keeps for what, and when it stops searching.

    >>> PlanSettings().learning_minutes(60.0)
    48.0
    """

    review_share: float = 0.20
    """Of all minutes, kept for what was learned before (placement page: 20 to 25 %)."""
    grade_share: float = 0.50
    """Of the planned minutes, wanted for skills of the learner's grade, so that filling gaps keeps access to it."""
    grade_penalty: float = 0.02
    """Gain lost per minute by which grade-level work falls short: 50 minutes weigh one skill (ours; it makes the floor soft)."""
    goal_weight: float = 1.0
    gap_weight: float = 0.25
    """Of a skill that only prepares for the goal, mastered for its own sake (ours; below 1, so a goal is never traded for it)."""
    ready_at: float = READY_AT
    ready_p_mastered: float = 0.50
    """A prerequisite comes along where P(mastered) is below this and expected success below `ready_at` (placement page)."""
    mastered_at: float = PROMOTE_AT
    """A skill whose P(mastered) reaches this is not planned."""
    relative_gap: float = 1e-4
    """The search stops once no plan can be better by more than this share: far below what the estimates are good for."""
    time_limit_seconds: float = 1.0
    """Of the search, after which the better of its best and the greedy plan stands in, and the plan says so."""
    n_draws: int = 2000
    """Simulated finishes behind a forecast: a probability near .5 is then good to .011 (one standard error)."""
    seed: int = 0

    def learning_minutes(self, minutes: float) -> float:
        """What is left of that many minutes for new skills."""
        return minutes * (1.0 - self.review_share)
