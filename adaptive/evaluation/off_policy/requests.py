"""What was asked when a decision was made, as the engine takes it."""

from __future__ import annotations

from adaptive.domain import Decision
from adaptive.engine import RecommendationRequest
from adaptive.evaluation.off_policy.decision_log import LoggedDecision
from adaptive.policies import Place

__all__ = ["request_of"]


def request_of(decision: Decision | LoggedDecision) -> RecommendationRequest:
    """The request of its first rank, which does not hang on how many were asked for."""
    return RecommendationRequest(
        decision.learner_id,
        1,
        decision.goal_skill_ids,
        decision.mode,
        decision.exclude_item_ids,
        place=Place(decision.items_done, decision.minutes_left),
        plan_skill_ids=decision.plan_skill_ids,
        pinned_skill_ids=decision.pinned_skill_ids,
    )
