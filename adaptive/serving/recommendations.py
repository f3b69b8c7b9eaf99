"""What next: recommendations as logged decisions."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adaptive.domain import Decision
from adaptive.engine import RecommendationRequest
from adaptive.engine.answers import MOST_ITEMS
from adaptive.errors import InvalidInput, Problem
from adaptive.policies import Place
from adaptive.serving.aims import Aim
from adaptive.serving.call import Call, CurrentCall, rendered
from adaptive.serving.errors import require_version
from adaptive.serving.explanations import ReasonTold, RunnerUpTold, as_explained
from adaptive.serving.fields import (
    AboutLearner,
    Answer,
    Doubted,
    ExpectedGain,
    Information,
    Interval,
    OpaqueId,
    Probability,
    RequestBody,
    Versions,
    ZoneProbability,
)
from adaptive.serving.idempotency import OnceCall
from adaptive.serving.problems import documented

__all__ = ["DecisionRecord", "Recommendation", "RecommendationBody", "router"]

router = APIRouter(prefix="/v1", tags=["recommendations"])

MAX_EXCLUDED: Final = 1_000
MAX_SKILLS: Final = 1_000
_LONGEST_SESSION_MINUTES: Final = 1_440

Mode = Literal["learn", "review", "mixed", "diagnostic"]
Status = Literal["in_progress", "mastered", "complete_max_work", "stuck", "blocked"]
Purpose = Literal["new", "practice", "review", "prerequisite", "probe"]
Explain = Literal["none", "summary", "full"]

_N_REASONS: Final = MappingProxyType({"none": 0, "summary": 1, "full": None})
"""How many reasons are told, strongest first."""


class Session(RequestBody):
    """The practice session that the recommendation is for: its first and last item are ones that should go well."""

    id: OpaqueId = Field(description="The session, by your own id; nothing rests on it.")
    items_done: int | None = Field(None, ge=0, le=10_000, description="Items attempted in it so far.")
    minutes_left: float | None = Field(None, ge=0, le=_LONGEST_SESSION_MINUTES, description="Minutes left in it, 0 to 1,440.")


class RecommendationBody(AboutLearner):
    """Whom to recommend to, how much, and from what."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"learner_id": "learner-17", "k": 3, "mode": "learn", "explain": "full"}]})

    k: int = Field(1, ge=1, le=MOST_ITEMS, description="How many items, 1 to 20; fewer come where fewer are eligible.")
    skill_ids: list[OpaqueId] = Field(
        [], max_length=MAX_SKILLS, description="Skills to work towards, with what they stand on; empty for the whole catalogue."
    )
    plan_id: OpaqueId | None = Field(
        None,
        description="Work towards the skills of this plan of the learner, instead of `skill_ids`; items of those that it excludes "
        "count as `exclude_item_ids`. What it has begun by now, and what its goal pins, weighs more. A plan with nothing left to do "
        "answers `mastered` or `blocked`.",
    )
    mode: Mode = Field("learn", description="Learn new skills, review mastered ones, both, or find out where the learner stands.")
    exclude_item_ids: list[OpaqueId] = Field([], max_length=MAX_EXCLUDED, description="Items that must not be shown, at most 1,000.")
    session: Session | None = None
    explain: Explain = Field("summary", description="Reasons to tell for each item: none, the strongest, or all.")
    dry_run: bool = Field(False, description="Answer 200 and store nothing: the answer is no decision and has no record.")
    min_state_version: int | None = Field(None, ge=0, description="The least `state_version` to rest on; 503 where it is not reached yet.")

    @model_validator(mode="after")
    def _has_one_goal(self) -> Self:
        if self.plan_id is not None and self.skill_ids:
            raise PydanticCustomError("goal", "A recommendation works towards skill_ids or a plan_id, not both")
        return self

    def request(self, aim: Aim) -> RecommendationRequest:
        """The engine's request, towards that aim."""
        return RecommendationRequest(
            learner_id=self.learner_id,
            k=self.k,
            skill_ids=aim.skill_ids,
            mode=self.mode,
            exclude_item_ids=(*self.exclude_item_ids, *aim.exclude_item_ids),
            dry_run=self.dry_run,
            plan_skill_ids=aim.plan_skill_ids,
            pinned_skill_ids=aim.pinned_skill_ids,
            place=Place(self.session.items_done, self.session.minutes_left) if self.session else Place(),
        )


class StuckTold(Answer):
    """A skill on which practice has not led on."""

    skill_id: str = Field(description="The skill; an alert to the teacher names it too.")
    next_skill_id: str | None = Field(description="The next step: its least secure unmastered prerequisite; null where all are mastered.")


class _Shown(Answer):
    """What a recommended item and its record share."""

    rank: int = Field(ge=1, description="Place in the recommendation, from 1.")
    item_id: str = Field(description="The item.")
    skill_ids: list[str] = Field(description="Its skills.")
    purpose: Purpose = Field(description="What the item is for.")
    propensity: Probability = Field(description="Probability with which it was drawn, given the ranks before it, in (0, 1].")
    p_correct: Probability = Field(description="P(correct answer now), in [0, 1].")
    p_mastery: Probability = Field(description="P(mastered) of its least mastered skill, in [0, 1].")
    zone_probability: ZoneProbability
    expected_gain: ExpectedGain
    constraints_applied: list[str] = Field(description="Rules of the session that bore upon this rank; `NAME:relaxed` was set aside.")
    information: Information
    doubt: Doubted
    score: float | None = Field(
        None, description="Sum of the weights of all its reasons, in natural-logarithm units; null in decisions from before."
    )


class RecommendedItem(_Shown):
    """An item to show."""

    p_correct_interval: Interval
    reasons: list[ReasonTold] = Field(
        description="Why this item, as many as `explain` asks for: rules that left out what was likelier, then terms, the strongest first."
    )
    runner_up: RunnerUpTold | None = Field(
        None, description="The best other item and why not; null where there was none, and where `explain` is `none`."
    )


class Recommendation(Versions):
    """What to show next, drawn from a distribution and stored as a decision."""

    recommendation_id: str = Field(description="The decision; send it back with the attempts that follow.")
    learner_id: str = Field(description="The learner.")
    state_version: int = Field(ge=0, description="The state that the decision rests on.")
    status: Status = Field(description="`in_progress` where there are items; otherwise why there are none.")
    items: list[RecommendedItem] = Field(description="Items by rank, without repeats; empty where nothing is eligible.")
    alternatives_considered: int = Field(ge=0, description="Eligible items among which the choice was made.")
    constraints_applied: list[str] = Field(
        description="Rules that changed what was eligible; those that block, where `status` is `blocked`."
    )
    stuck: list[StuckTold] = Field(
        description="Skills on the way to the goal that many attempts have not mastered; left out in mode `learn`."
    )
    policy_version: str = Field(description="The policy that chose.")
    degraded: bool = Field(description="Whether a fallback chose because the policy could not.")
    fallback: str | None = Field(description="The fallback that chose; null where none did.")

    @classmethod
    def of_decision(cls, decision: Decision, explain: Explain, call: Call) -> Self:
        """The decision as the caller asked to see it."""
        items = [RecommendedItem.of(as_explained(shown, _N_REASONS[explain])) for shown in decision.shown]
        return cls.of(
            decision,
            recommendation_id=decision.decision_id,
            items=items,
            alternatives_considered=decision.n_candidates,
            degraded=decision.degraded is not None,
            fallback=decision.degraded,
            generated_at=call.at,
        )


class ShownRecord(_Shown):
    """A shown item as it is kept."""

    interval: Interval
    terms: list[ReasonTold] = Field(description="Every term of the choice, as in `reasons`; their weights sum to the item's score.")
    runner_up: RunnerUpTold | None = Field(
        None, description="The best other item and why not; null where there was none, and in decisions from before."
    )


class DecisionRecord(Answer):
    """A stored decision, complete enough to be replayed and evaluated off-policy."""

    decision_id: str = Field(description="The decision: the `recommendation_id` that was answered.")
    tenant_id: str = Field(description="Whose decision it is.")
    learner_id: str = Field(description="The learner.")
    at: datetime = Field(description="When it was made, RFC 3339 in UTC.")
    mode: Mode = Field(description="What was asked for.")
    k: int = Field(ge=1, description="How many items were asked for.")
    goal_skill_ids: list[str] = Field(description="The skills to work towards; empty for the whole catalogue.")
    exclude_item_ids: list[str] = Field(description="The items that the caller, or the plan followed, excluded.")
    items_done: int | None = Field(ge=0, description="Items attempted in the session before; null where the caller did not say.")
    minutes_left: float | None = Field(ge=0, description="Minutes left in the session; null where the caller did not say.")
    plan_skill_ids: list[str] = Field([], description="Skills that the plan followed had begun by then.")
    pinned_skill_ids: list[str] = Field([], description="Skills that the plan followed pins.")
    status: Status = Field(description="`in_progress` where items were shown; otherwise why none were.")
    policy_version: str = Field(description="The policy that chose.")
    model_version: str = Field(description="The fitted model: its content hash.")
    catalog_version: str = Field(description="The catalogue: its content hash.")
    state_version: int = Field(ge=0, description="The state that it rests on.")
    seed: int = Field(ge=0, description="The seed of the draw.")
    n_candidates: int = Field(ge=0, description="Eligible items. Those not told here are recomputed by replay.")
    zone_item_ids: list[str] = Field(description="Items with a probability above 0.")
    shown: list[ShownRecord] = Field(description="The items shown, by rank.")
    runners_up: list[tuple[str, float]] = Field(description="The next 20 at most: item and its probability at rank 1.")
    constraints_applied: list[str] = Field(description="Rules that changed what was eligible.")
    stuck: list[StuckTold] = Field(description="Skills on the way to the goal that many attempts have not mastered.")
    degraded: bool = Field(description="Whether a fallback chose.")
    fallback: str | None = Field(description="The fallback that chose; null where none did.")
    outcome: str | None = Field(description="What became of it; null while nothing is known.")

    @classmethod
    def of_decision(cls, decision: Decision) -> Self:
        """The whole record."""
        shown = [ShownRecord.of(item, interval=item.p_correct_interval, terms=item.reasons) for item in decision.shown]
        return cls.of(decision, shown=shown, degraded=decision.degraded is not None, fallback=decision.degraded)


@router.post(
    "/recommendations",
    operation_id="recommend",
    summary="Recommend what to do next",
    status_code=201,
    response_model=Recommendation,
    responses={
        200: {"description": "A dry run: nothing was stored.", "model": Recommendation},
        **documented("unknown_skill", "not_found", "state_behind", "payload_too_large"),
    },
)
def recommend(body: RecommendationBody, call: OnceCall) -> Response:
    """Draw up to `k` items from the policy's distribution, and store the decision with each item's propensity.

    A new learner is welcome: the answer then rests on the prior. Show the items in the order given.
    """
    return call.once(body, lambda: _recommend(body, call), status=200 if body.dry_run else 201)


@router.get(
    "/recommendations/{recommendation_id}",
    operation_id="get_recommendation",
    summary="The record of a recommendation",
    response_model=DecisionRecord,
    responses=documented("not_found"),
)
def get_recommendation(recommendation_id: Annotated[OpaqueId, Path(description="The decision.")], call: CurrentCall) -> Response:
    """What was shown, with which probability, why, and what stood beside it."""
    return rendered(DecisionRecord.of_decision(call.engine.recommendation(call.tenant_id, recommendation_id)))


def _recommend(body: RecommendationBody, call: Call) -> Recommendation:
    if body.min_state_version is not None:
        require_version(call.engine.state_version(call.tenant_id, body.learner_id), body.min_state_version)
    request = body.request(_aim(body, call))
    decision = call.engine.recommend(call.tenant_id, request, decision_id=call.edge.new_id(), at=call.at, seed=call.edge.new_seed())
    return Recommendation.of_decision(decision, body.explain, call)


def _aim(body: RecommendationBody, call: Call) -> Aim:
    """The skills named, or what the learner's plan asks."""
    if body.plan_id is None:
        return Aim(tuple(body.skill_ids))
    plan = call.engine.stored_plan(call.tenant_id, body.plan_id)
    if plan.learner_id != body.learner_id:
        raise InvalidInput(
            "request", [Problem("body.plan_id", "a plan serves its own learner", body.plan_id, "use a plan of this learner")]
        )
    return Aim.of_plan(plan, call.engine.catalog, call.at.date())
