"""P(correct) of items for a learner."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from adaptive.serving.call import Call
from adaptive.serving.errors import require_version
from adaptive.serving.fields import AboutLearner, Answer, Doubted, Information, Instant, Interval, OpaqueId, Probability, Versions
from adaptive.serving.idempotency import OnceCall
from adaptive.serving.problems import documented

__all__ = ["PredictionAnswer", "PredictionBody", "router"]

router = APIRouter(prefix="/v1", tags=["estimates"])

MAX_ITEMS: Final = 1_000


class PredictionBody(AboutLearner):
    """Which items to predict for whom."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"learner_id": "learner-17", "item_ids": ["add-fractions-unlike.sum.d7ee6891"]}]}
    )

    item_ids: list[OpaqueId] = Field(min_length=1, max_length=MAX_ITEMS, description="1 to 1,000 items of the catalogue.")
    at: Instant | None = Field(None, description="The moment to predict for: RFC 3339 with an offset; now, where it is left out.")
    min_state_version: int | None = Field(None, ge=0, description="The least `state_version` to rest on; 503 where it is not reached yet.")


class ItemPrediction(Answer):
    """One item."""

    item_id: str = Field(description="The item.")
    p_correct: Probability = Field(description="P(correct answer), in [0, 1].")
    interval: Interval
    information: Information
    doubt: Doubted


class PredictionAnswer(Versions):
    """Forecasts for one learner; nothing is stored."""

    learner_id: str = Field(description="The learner.")
    state_version: int = Field(ge=0, description="The state that they rest on; 0 for a learner never met, who gets the prior.")
    predictions: list[ItemPrediction] = Field(description="One for each item asked, in the order asked.")


@router.post(
    "/predictions",
    operation_id="predict",
    summary="Predict success on items",
    status_code=200,
    response_model=PredictionAnswer,
    responses=documented("unknown_item", "state_behind", "payload_too_large"),
)
def predict(body: PredictionBody, call: OnceCall) -> Response:
    """P(correct) of each item, were the learner to attempt it at that moment, with its 90 % credible interval."""
    return call.once(body, lambda: _predict(body, call), status=200)


def _predict(body: PredictionBody, call: Call) -> PredictionAnswer:
    found = call.engine.predict(call.tenant_id, body.learner_id, body.item_ids, at=body.at or call.at)
    require_version(found.state_version, body.min_state_version)
    return PredictionAnswer.of(found, predictions=found.rows, **call.versions)
