"""Many attempts at once: each row is applied or refused by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from adaptive.domain import Attempt
from adaptive.engine import Recorded, Refused
from adaptive.errors import AdaptiveError, InvalidInput, StorageUnavailable
from adaptive.serving.attempts import AttemptBody, AttemptEffect
from adaptive.serving.call import Call, CurrentCall, rendered
from adaptive.serving.fields import Answer, RequestBody, Versions
from adaptive.serving.handlers import broken_rules
from adaptive.serving.problems import ProblemDetails, documented, log_hidden, problem_of

__all__ = ["MAX_ROWS", "PATH", "BatchAnswer", "BatchBody", "router"]

PATH: Final = "/v1/attempts:batch"

router = APIRouter(prefix="/v1", tags=["attempts"])

MAX_ROWS: Final = 1_000
"""Attempts of one batch."""

_MOST_PROBLEMS_OF_A_ROW: Final = 10
"""A batch of broken rows is then answered with three megabytes at most."""

Row: TypeAlias = AttemptBody | InvalidInput
Outcome: TypeAlias = Recorded | AdaptiveError


def _or_refusal(value: object, handler: ValidatorFunctionWrapHandler) -> Row:
    """The attempt, or why it is none: one bad row must not hold back the others of an offline queue."""
    try:
        body: AttemptBody = handler(value)
    except ValidationError as error:
        return InvalidInput("attempt", broken_rules(error.errors(), within="attempt", most=_MOST_PROBLEMS_OF_A_ROW))
    return body


class BatchBody(RequestBody):
    """Attempts of any learners, in any order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attempts": [
                        {
                            "attempt_id": "a-0002",
                            "learner_id": "learner-17",
                            "item_id": "add-fractions-unlike.sum.d7ee6891",
                            "occurred_at": "2026-03-02T09:31:00Z",
                            "outcome": {"correct": False},
                        },
                        {
                            "attempt_id": "a-0003",
                            "learner_id": "learner-18",
                            "item_id": "add-fractions-unlike.sum.d7ee6891",
                            "occurred_at": "2026-03-02T09:31:20Z",
                            "outcome": {"dont_know": True},
                        },
                    ]
                }
            ]
        }
    )

    attempts: list[Annotated[AttemptBody, WrapValidator(_or_refusal)]] = Field(
        min_length=1, max_length=MAX_ROWS, description="1 to 1,000 attempts, each as in `POST /v1/attempts`."
    )


class BatchRow(Answer):
    """What became of one row."""

    row: int = Field(ge=0, description="Its place in the batch, from 0.")
    status: int = Field(description="201 recorded, 200 known already; otherwise the status of `problem`.", ge=200, le=599)
    effect: AttemptEffect | None = Field(
        description="What became of the attempt; null where it was refused. `updates` span the whole batch."
    )
    problem: ProblemDetails | None = Field(
        description="Why it was refused; null where it was not. A row with 503 may be sent again as it is."
    )


class BatchAnswer(Versions):
    """One row for each row sent, in the order sent."""

    rows: list[BatchRow] = Field(description="One for each attempt, in the order given.")


@router.post(
    PATH.removeprefix(router.prefix),
    operation_id="record_attempts",
    summary="Record many attempts",
    status_code=207,
    response_model=BatchAnswer,
    responses=documented("payload_too_large"),
)
def record_attempts(body: BatchBody, call: CurrentCall) -> Response:
    """Record up to 1,000 attempts of any learners in any order; each row is recorded or refused by itself.

    Send the whole batch again whenever no answer came, or the rows with status 503: each attempt counts once.
    """
    outcomes = _record(call, body.attempts)
    rows = [_rendered_row(row, outcome, call) for row, outcome in enumerate(outcomes)]
    return rendered(BatchAnswer(rows=rows, **call.versions), 207)


def _record(call: Call, rows: Sequence[Row]) -> list[Outcome]:
    """What became of each row. Learner by learner, a transaction each, so that a refused row costs no other its place.

    Where the database fails, the rows that are left are not tried, and say so; where nothing was applied yet, the whole
    batch fails with StorageUnavailable.
    """
    outcomes: dict[int, Outcome] = {}
    attempts_of: defaultdict[str, dict[int, Attempt]] = defaultdict(dict)
    for row, body in enumerate(rows):
        attempt = _attempt(body, call)
        if isinstance(attempt, InvalidInput):
            outcomes[row] = attempt
        else:
            attempts_of[attempt.learner_id][row] = attempt
    try:
        for share in attempts_of.values():
            answers = call.engine.record_batch(call.tenant_id, list(share.values()))
            outcomes.update(zip(share, map(_outcome, answers), strict=True))
    except StorageUnavailable as error:
        if not any(isinstance(outcome, Recorded) for outcome in outcomes.values()):
            raise
        log_hidden(error, call.instance)
        return [outcomes.get(row, error) for row in range(len(rows))]
    return [outcomes[row] for row in range(len(rows))]


def _attempt(row: Row, call: Call) -> Attempt | InvalidInput:
    if isinstance(row, InvalidInput):
        return row
    try:
        return row.attempt(call.at, within="attempt")
    except InvalidInput as error:
        return error


def _outcome(answer: Recorded | Refused) -> Outcome:
    return answer.error if isinstance(answer, Refused) else answer


def _rendered_row(row: int, outcome: Outcome, call: Call) -> BatchRow:
    if isinstance(outcome, AdaptiveError):
        problem = problem_of(outcome, call.instance)
        return BatchRow(row=row, status=problem.status, effect=None, problem=problem)
    return BatchRow(row=row, status=200 if outcome.duplicate else 201, effect=AttemptEffect.of(outcome), problem=None)
