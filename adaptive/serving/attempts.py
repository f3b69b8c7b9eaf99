"""Evidence in: one attempt, and batches of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, Problem
from adaptive.serving.call import CurrentCall, rendered
from adaptive.serving.fields import AboutLearner, Answer, Instant, Interval, OpaqueId, Probability, RequestBody, Versions
from adaptive.serving.problems import documented

__all__ = ["AttemptAnswer", "AttemptBody", "AttemptEffect", "Outcome", "router"]

router = APIRouter(prefix="/v1", tags=["attempts"])

_OUTCOMES: Final = ("correct", "score", "dont_know", "study")
_LARGEST_COUNT: Final = 1_000_000
_LONGEST_RESPONSE_MS: Final = 7 * 24 * 3_600 * 1_000
_MOST_AHEAD: Final = timedelta(days=1)
"""How far the clock of a device may be ahead of the server's: more than any mistake of time zones."""

Count = Annotated[int, Field(ge=0, le=_LARGEST_COUNT)]


def _exactly_one(schema: dict[str, Any]) -> None:  # Any: a JSON schema
    """Say in the schema what the validator asks: one field, and a value in it (pydantic would let each be null)."""
    for field in schema["properties"].values():
        field.pop("default")
        field.update(next(kind for kind in field.pop("anyOf") if kind != {"type": "null"}))
    schema.update(minProperties=1, maxProperties=1)


class Outcome(RequestBody):
    """How the attempt went: exactly one of the four."""

    model_config = ConfigDict(json_schema_extra=_exactly_one)

    correct: bool | None = Field(None, description="Whether the answer is right.", examples=[True])
    score: Probability | None = Field(None, description="Partial credit, a fraction in [0, 1].")
    dont_know: Literal[True] | None = Field(None, description="The learner said so: counts as a wrong answer, without a guess.")
    study: Literal[True] | None = Field(None, description="Exposure without an answer, such as a worked example: updates, is not scored.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or all(getattr(self, name) is None for name in _OUTCOMES):
            raise PydanticCustomError("outcome", "An outcome is exactly one of correct, score, dont_know and study")
        return self

    @property
    def value(self) -> float | None:
        """The score in [0, 1]; None for study."""
        if self.study:
            return None
        return float(self.correct or self.score or 0.0)


class Context(RequestBody):
    """Where the attempt was made. `mode` and `session_id` are kept with it; `goal_id` and `plan_id` are checked only."""

    mode: Literal["practice", "placement", "quiz", "review", "test"] | None = Field(None, description="What the learner was doing.")
    session_id: OpaqueId | None = Field(None, description="The session, by your own id.")
    goal_id: OpaqueId | None = Field(None, description="The goal that it served. Checked, and not kept.")
    plan_id: OpaqueId | None = Field(None, description="The plan that it followed. Checked, and not kept.")


class AttemptBody(AboutLearner):
    """One learner meeting one item once. `attempt_id` makes it safe to send again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attempt_id": "a-0001",
                    "learner_id": "learner-17",
                    "item_id": "add-fractions-unlike.sum.d7ee6891",
                    "occurred_at": "2026-03-02T09:30:00Z",
                    "outcome": {"correct": True},
                    "response_ms": 8400,
                    "context": {"mode": "practice", "session_id": "s-1"},
                }
            ]
        }
    )

    attempt_id: OpaqueId = Field(
        description="Your own id of this attempt. The same id and content again changes nothing.", examples=["a-0001"]
    )
    item_id: OpaqueId = Field(description="The item, which the catalogue must hold; its skills come from there.")
    occurred_at: Instant = Field(
        description="When it happened (not when it is sent): RFC 3339 with an offset, at most a day ahead of the server's clock. "
        "A late attempt re-folds the state."
    )
    outcome: Outcome
    sequence: Count = Field(0, description="Order among attempts of one moment, 0 to 1,000,000.")
    attempt_number: int | None = Field(
        None, ge=1, le=_LARGEST_COUNT, description="Which try at this presentation; only the first is evidence."
    )
    hints_used: Count | None = Field(None, description="Hints seen before answering; an aided answer is exposure, not evidence.")
    response_ms: int | None = Field(None, ge=0, le=_LONGEST_RESPONSE_MS, description="Time to answer, in milliseconds, at most a week.")
    recommendation_id: OpaqueId | None = Field(
        None, description="The recommendation that it followed; kept with it, so that decisions can be judged by what came of them."
    )
    context: Context | None = None

    def attempt(self, now: datetime, *, within: str = "body") -> Attempt:
        """The domain's value; the engine adds the item's skills.

        Raises InvalidInput where it lies more than a day ahead of `now`: every later attempt would re-fold the learner.
        """
        if self.occurred_at - now > _MOST_AHEAD:
            rule = f"an attempt is at most a day ahead of the server's clock, which says {now.isoformat()}"
            way_out = "correct the clock of the device that sent it"
            raise InvalidInput("attempt", [Problem(f"{within}.occurred_at", rule, self.occurred_at.isoformat(), way_out)])
        return Attempt(
            attempt_id=self.attempt_id,
            learner_id=self.learner_id,
            item_id=self.item_id,
            skill_ids=(),
            correct=self.outcome.value,
            occurred_at=self.occurred_at,
            sequence=self.sequence,
            study=self.outcome.study is True,
            attempt_number=self.attempt_number,
            hints_used=self.hints_used,
            response_ms=self.response_ms,
            recommendation_id=self.recommendation_id,
            mode=None if self.context is None else self.context.mode,
            session_id=None if self.context is None else self.context.session_id,
            dont_know=self.outcome.dont_know is True,
        )


class SkillChange(Answer):
    """How one skill moved."""

    skill_id: str = Field(description="A skill of the item.")
    p_mastery_before: Probability = Field(description="P(mastered) before, in [0, 1].")
    p_mastery_after: Probability = Field(description="P(mastered) after, in [0, 1].")
    interval: Interval = Field(description="90 % credible interval of the expected success on the skill's typical item, after.")
    level_before: str = Field(description="The level before, by the server's mastery rule.")
    level_after: str = Field(description="The level after.")
    reason_code: Literal["raised", "lowered", "unchanged"] = Field(description="Which way P(mastered) went.")


class Alert(Answer):
    """Something that a teacher should see."""

    code: Literal["stuck"] = Field(description="`stuck`: the skill was tried often without being mastered.")
    skill_id: str = Field(description="The skill in question.")

    @model_validator(mode="before")
    @classmethod
    def _from_engine(cls, value: object) -> object:
        """The engine names an alert `code:skill`."""
        if not isinstance(value, str):
            return value
        code, _, skill_id = value.partition(":")
        return {"code": code, "skill_id": skill_id}


class AttemptEffect(Answer):
    """What became of an attempt."""

    attempt_id: str = Field(description="The attempt.")
    learner_id: str = Field(description="The learner.")
    duplicate: bool = Field(description="Whether it was known already: then nothing changed.")
    applied: Literal["appended", "refolded", "duplicate"] = Field(
        description="`appended` at the end of the history; `refolded` where it came late and the history was replayed; "
        "`duplicate` where nothing changed."
    )
    state_version: int = Field(
        ge=0, description="Attempts and placements that the learner's state now rests on; give it as `min_state_version`."
    )
    updates: list[SkillChange] = Field(description="The skills of the item, and how they moved; empty for a duplicate.")
    alerts: list[Alert] = Field(description="What a teacher should see.")


class AttemptAnswer(AttemptEffect, Versions):
    """What became of an attempt, and what the estimates rest on."""


@router.post(
    "/attempts",
    operation_id="record_attempt",
    summary="Record an attempt",
    status_code=201,
    response_model=AttemptAnswer,
    responses={
        200: {"description": "The attempt was known already.", "model": AttemptAnswer},
        **documented("unknown_item", "attempt_conflict", "payload_too_large"),
    },
)
def record_attempt(body: AttemptBody, call: CurrentCall) -> Response:
    """Append one attempt to the log and move the learner's state: on disk before the answer.

    Send it again with the same `attempt_id` whenever no answer came: it counts once. Attempts count by `occurred_at`,
    in whatever order they arrive.
    """
    recorded = call.engine.record(call.tenant_id, body.attempt(call.at))
    return rendered(AttemptAnswer.of(recorded, **call.versions), 200 if recorded.duplicate else 201)
