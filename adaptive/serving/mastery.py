"""Where a learner stands, skill by skill."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from adaptive.mastery import RULES, build_rule
from adaptive.serving.call import CurrentCall, rendered
from adaptive.serving.errors import require_version
from adaptive.serving.fields import Answer, Interval, OpaqueId, Probability, Versions
from adaptive.serving.problems import documented

__all__ = ["MAX_SKILLS", "LearnerPath", "LeastVersion", "Level", "MasteryAnswer", "SkillMastery", "each_once", "router"]

router = APIRouter(prefix="/v1", tags=["estimates"])

LearnerPath = Annotated[OpaqueId, Path(description="The learner, by your own pseudonymous id.")]
MAX_SKILLS: Final = 200
"""Of one query: with ids of 30 characters its line stays below the 8 KiB that proxies commonly take."""


def each_once(skill_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The skills, refused where one is repeated."""
    if len(set(skill_ids)) < len(skill_ids):
        raise PydanticCustomError("repeated", "A skill is asked for once")
    return skill_ids


SkillFilter = Annotated[
    tuple[OpaqueId, ...],
    Query(
        max_length=MAX_SKILLS,
        description="Only these skills, in this order, each once: repeat the parameter, at most 200 times. All, where it is left out.",
        json_schema_extra={"uniqueItems": True},
    ),
    AfterValidator(each_once),
]
RuleName = Annotated[
    str | None,
    Query(
        description="Levels by this mastery rule, by a replay of the learner's log; those of the server's own rule, where it is left out.",
        json_schema_extra={"enum": sorted(RULES)},
    ),
]
LeastVersion = Annotated[int | None, Query(ge=0, description="The least `state_version` to rest on; 503 where it is not reached yet.")]


class Level(Answer):
    """Where a mastery rule puts the learner: moved by first, unaided answers alone, never by the estimate drifting."""

    rule: str = Field(description="The mastery rule that awarded it.")
    value: str = Field(description="The level now. Only `khan_levels` ever lowers it, and `reason` then says so.")
    points: int = Field(ge=0, description="Points of the rule; 0 where it has none.")
    awarded_at: datetime | None = Field(description="When it was reached, RFC 3339 in UTC; null before any level.")
    evidence_ids: list[str] = Field(description="The attempts that it was reached by.")
    earned: str = Field(description="The highest level ever reached: nothing takes it away.")
    reason: str = Field(description="In plain words, what put the level there or what is missing for the next.")
    asks: str | None = Field(
        description="The occasion that can move it on, such as `practice` or `check`; null where nothing more is asked."
    )


class SkillMastery(Answer):
    """One skill of one learner."""

    skill_id: str = Field(description="The skill.")
    p_mastery: Probability = Field(description="P(mastered) now, in [0, 1]: that expected success on its typical item is at least .80.")
    interval: Interval
    n_attempts: int = Field(ge=0, description="First, unaided answers on the skill.")
    last_attempt_at: datetime | None = Field(description="The last attempt, RFC 3339 in UTC; null without one.")
    retention_now: Probability = Field(description="Expected success on its typical item now, after any forgetting, in [0, 1].")
    level: Level
    needs_review: bool = Field(description="Whether the rule asks for a recheck now; it lowers neither the level nor the estimate.")
    review_due_at: datetime | None = Field(description="When a recheck is or was due, RFC 3339 in UTC; null where none is.")
    status: Literal["not_enough_data", "learning", "mastered", "needs_review", "stuck"] = Field(
        description="What to make of it. `not_enough_data` below 3 attempts, whatever the estimate; `needs_review` where a recheck is due "
        "or the estimate has faded; `stuck` after 25 attempts without mastery."
    )
    source: Literal["prior", "placement", "evidence"] = Field(
        description="What the estimate rests on: the population, a placement, or attempts."
    )


class MasteryAnswer(Versions):
    """Where the learner stands."""

    learner_id: str = Field(description="The learner.")
    state_version: int = Field(ge=0, description="The state that it rests on.")
    skills: list[SkillMastery] = Field(description="One for each skill asked, in the order asked; all in catalogue order, where none was.")


@router.get(
    "/learners/{learner_id:path}/mastery",
    operation_id="get_mastery",
    summary="Where a learner stands",
    response_model=MasteryAnswer,
    responses=documented("unknown_learner", "unknown_skill", "state_behind"),
)
def get_mastery(
    learner_id: LearnerPath,
    call: CurrentCall,
    skill_ids: SkillFilter = (),
    rule: RuleName = None,
    min_state_version: LeastVersion = None,
) -> Response:
    """The posterior of each skill now, with its 90 % credible interval, the level earned, and what to make of both."""
    chosen = None if rule is None else build_rule(rule)
    report = call.engine.mastery(call.tenant_id, learner_id, at=call.at, skill_ids=skill_ids, rule=chosen)
    require_version(report.state_version, min_state_version)
    return rendered(MasteryAnswer.of(report, skills=report.rows, **call.versions))
