"""Plans towards a goal."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import ConfigDict, Field

from adaptive.domain import Goal
from adaptive.serving.call import Call, CurrentCall, rendered
from adaptive.serving.fields import AboutLearner, Answer, Day, OpaqueId, Probability, Versions
from adaptive.serving.idempotency import OnceCall
from adaptive.serving.problems import documented

__all__ = ["PlanAnswer", "PlanBody", "PlanRecord", "router"]

router = APIRouter(prefix="/v1", tags=["placements and plans"])

MAX_SKILLS: Final = 1_000
_MINUTES_A_WEEK: Final = 7 * 24 * 60
_MAX_WEEKS: Final = 104


class PlanBody(AboutLearner):
    """What the plan should reach, and with how much time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "learner_id": "learner-17",
                    "title": "Fractions",
                    "skill_ids": ["add-fractions-unlike"],
                    "minutes_per_week": 60,
                    "n_weeks": 8,
                }
            ]
        }
    )

    skill_ids: list[OpaqueId] = Field(
        min_length=1, max_length=MAX_SKILLS, description="Skills to reach; what they stand on is planned too."
    )
    title: str = Field("", max_length=200, description="A name of the goal.")
    minutes_per_week: float = Field(60.0, gt=0, le=_MINUTES_A_WEEK, description="Minutes of practice a week.")
    n_weeks: int = Field(12, ge=1, le=_MAX_WEEKS, description="Weeks until the goal, 1 to 104.")
    grade: str = Field("", max_length=32, description="The learner's grade, K or 1 to 12; empty where unknown.")
    pinned: list[OpaqueId] = Field([], max_length=MAX_SKILLS, description="Skills that the plan must hold.")
    excluded: list[OpaqueId] = Field([], max_length=MAX_SKILLS, description="Skills that it must not hold.")
    start_on: Day | None = Field(None, description="First day, YYYY-MM-DD; today in UTC where it is left out.")

    @property
    def goal(self) -> Goal:
        """The domain's value."""
        given = self.model_dump(exclude={"learner_id", "start_on", "skill_ids", "pinned", "excluded"})
        return Goal(skill_ids=tuple(self.skill_ids), pinned=tuple(self.pinned), excluded=tuple(self.excluded), **given)


class GoalTold(Answer):
    """What the plan should reach."""

    title: str = Field(description="A name of the goal.")
    skill_ids: list[str] = Field(description="Skills to reach.")
    minutes_per_week: float = Field(description="Minutes of practice a week.")
    n_weeks: int = Field(description="Weeks until the goal.")
    grade: str = Field(description="The learner's grade; empty where unknown.")
    pinned: list[str] = Field(description="Skills that the plan must hold.")
    excluded: list[str] = Field(description="Skills that it must not hold.")


class StepTold(Answer):
    """One skill of the plan."""

    order: int = Field(ge=1, description="Place in the plan, from 1.")
    skill_id: str = Field(description="The skill.")
    purpose: str = Field(description="What the step is for.")
    minutes: tuple[float, float, float] = Field(description="Minutes until mastery: 10 %, 50 % and 90 % quantiles.")
    start_week: int = Field(ge=1, description="The week in which it starts, from 1.")
    item_family_ids: list[str] = Field(description="Families of items to practise with.")
    reason: str = Field(description="Why it stands here, in plain words.")


class ForecastTold(Answer):
    """What the plan expects to reach, if practice goes on so."""

    p_by_date: Probability | None = Field(description="P(all goals by the end), in [0, 1]; null where the model cannot say.")
    finish_quantiles: tuple[date | None, date | None, date | None] = Field(
        description="10 %, 50 % and 90 % quantiles of the day of finishing."
    )
    minutes_for: dict[str, float] = Field(
        description="Minutes needed to reach the goals with that probability, by its name (`p50`, `p80`)."
    )
    growth: tuple[float, float, float] | None = Field(
        description="Expected growth with its interval (mean, low, high); null where unknown."
    )
    assumptions: list[str] = Field(description="What the forecast assumes, in plain words.")


class PlanRecord(Answer):
    """A prerequisite-closed plan, placed into weeks, as it is stored."""

    plan_id: str = Field(description="The plan.")
    learner_id: str = Field(description="The learner.")
    goal: GoalTold = Field(description="What it should reach.")
    start_on: date = Field(description="First day.")
    steps: list[StepTold] = Field(description="The skills in order.")
    forecast: ForecastTold = Field(description="What it expects to reach.")
    flags: list[str] = Field(description="What a teacher should look at.")
    model_version: str = Field(description="The fitted model: its content hash.")
    catalog_version: str = Field(description="The catalogue: its content hash.")


class PlanAnswer(PlanRecord, Versions):
    """A new plan."""

    state_version: int = Field(ge=0, description="The state that it rests on, at least.")


@router.post(
    "/plans",
    operation_id="make_plan",
    summary="Plan towards a goal",
    status_code=201,
    response_model=PlanAnswer,
    responses=documented("unknown_skill", "constraint_infeasible", "payload_too_large"),
)
def make_plan(body: PlanBody, call: OnceCall) -> Response:
    """Plan from where the learner stands: skills and what they stand on, in order, within the minutes there are."""
    return call.once(body, lambda: _make_plan(body, call))


@router.get(
    "/plans/{plan_id}",
    operation_id="get_plan",
    summary="A stored plan",
    response_model=PlanRecord,
    responses=documented("not_found"),
)
def get_plan(plan_id: Annotated[OpaqueId, Path(description="The plan.")], call: CurrentCall) -> Response:
    """The plan as it was made."""
    plan = call.engine.stored_plan(call.tenant_id, plan_id)
    return rendered(
        PlanRecord.of(plan, plan_id=plan_id, forecast=ForecastTold.of(plan.forecast, minutes_for=dict(plan.forecast.minutes_for)))
    )


def _make_plan(body: PlanBody, call: Call) -> PlanAnswer:
    state_version, plan_id = call.engine.state_version(call.tenant_id, body.learner_id), call.edge.new_id()
    plan = call.engine.plan(call.tenant_id, body.learner_id, body.goal, plan_id=plan_id, start=body.start_on or call.at.date(), at=call.at)
    forecast = ForecastTold.of(plan.forecast, minutes_for=dict(plan.forecast.minutes_for))
    return PlanAnswer.of(plan, plan_id=plan_id, forecast=forecast, state_version=state_version, **call.versions)
