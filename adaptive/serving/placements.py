"""Scores from outside in: a placement."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from adaptive.domain import Placement, Score
from adaptive.placement import prior_from_scores
from adaptive.serving.call import Call
from adaptive.serving.fields import AboutLearner, Day, RequestBody
from adaptive.serving.idempotency import OnceCall
from adaptive.serving.mastery import MasteryAnswer
from adaptive.serving.problems import documented

__all__ = ["PlacementAnswer", "PlacementBody", "router"]

router = APIRouter(prefix="/v1", tags=["placements and plans"])

MAX_SCORES: Final = 100


class ScoreBody(RequestBody):
    """One result of a test."""

    scale: str = Field(max_length=32, description="The scale: `rit` (100 to 350) or `theta` (logits, -10 to 15).", examples=["rit"])
    score: float = Field(description="The score, in the scale's units.", examples=[203.0])
    area: str = Field(
        "", max_length=128, description="The instructional area, such as `Number and Operations`; empty for an overall score."
    )
    standard_error: float | None = Field(None, gt=0, description="In the scale's units; the scale's own default where it is left out.")
    taken_on: Day | None = Field(None, description="The day of the test, YYYY-MM-DD; today where it is left out.")
    grade: str = Field("", max_length=32, description="Grade at the time of the test, K or 1 to 12; empty where unknown.", examples=["4"])


class PlacementBody(AboutLearner):
    """Scores of one learner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "learner_id": "learner-17",
                    "scores": [{"scale": "rit", "score": 203.0, "standard_error": 3.1, "taken_on": "2026-02-16", "grade": "4"}],
                }
            ]
        }
    )

    scores: list[ScoreBody] = Field(
        min_length=1, max_length=MAX_SCORES, description="1 to 100 results; the areas of a test replace its overall score."
    )

    @property
    def domain_scores(self) -> tuple[Score, ...]:
        """The domain's values."""
        return tuple(Score(self.learner_id, **score.model_dump()) for score in self.scores)


class PlacementAnswer(MasteryAnswer):
    """Where the scores, with all attempts so far, put the learner."""

    placement_id: str = Field(description="The placement.")
    flags: list[str] = Field(description="What had to be assumed of the scores: a code, a colon and plain words.")


@router.post(
    "/placements",
    operation_id="place",
    summary="Place a learner by scores",
    status_code=201,
    response_model=PlacementAnswer,
    responses=documented("payload_too_large"),
)
def place(body: PlacementBody, call: OnceCall) -> Response:
    """Accept scores as evidence from before the first attempt: the prior changes, and the attempts are folded upon it anew."""
    return call.once(body, lambda: _place(body, call))


def _place(body: PlacementBody, call: Call) -> PlacementAnswer:
    _, flags = prior_from_scores(body.domain_scores, call.engine.catalog, call.at)
    placement = Placement(call.edge.new_id(), body.learner_id, body.domain_scores, placed_at=call.at, flags=flags)
    report = call.engine.place(call.tenant_id, placement)
    return PlacementAnswer.of(report, placement_id=placement.placement_id, flags=flags, skills=report.rows, **call.versions)
