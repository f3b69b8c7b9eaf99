"""What practising each item would be for a learner: mastered, unknown, in the zone, or out of reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, Field

from adaptive.engine import ZoneReport, ZoneRow
from adaptive.errors import InvalidInput, Problem
from adaptive.policies import LABELS, Label
from adaptive.serving.call import Call, CurrentCall, rendered
from adaptive.serving.errors import require_version
from adaptive.serving.fields import Answer, ExpectedGain, Information, Interval, OpaqueId, Probability, Versions, ZoneProbability
from adaptive.serving.mastery import MAX_SKILLS, LearnerPath, LeastVersion, each_once
from adaptive.serving.problems import documented

__all__ = ["ItemZone", "LabelCounts", "Page", "ZoneAnswer", "router"]

router = APIRouter(prefix="/v1", tags=["estimates"])

MOST_ROWS: Final = 1_000
"""Of one page, as many as a batch has."""

GoalFilter = Annotated[
    tuple[OpaqueId, ...],
    Query(
        max_length=MAX_SKILLS,
        description="Skills to work towards, each once: items of these and of all that they stand on. Repeat the parameter, at most 200 "
        "times. The whole catalogue, where it is left out.",
        json_schema_extra={"uniqueItems": True},
    ),
    AfterValidator(each_once),
]


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the rows are told."""

    label: Annotated[Label | None, Query(description="Only items with this label; `counts` are of all.")] = None
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many items at most, 1 to 1,000.")] = 100
    cursor: Annotated[OpaqueId | None, Query(description="Where to go on: `next_cursor` of the page before.")] = None

    def of(self, rows: Sequence[ZoneRow]) -> tuple[list[ZoneRow], str | None]:
        """The rows of this page, and the cursor of the next. The cursor's item may carry another label by now."""
        place = {row.item_id: i for i, row in enumerate(rows)}
        if self.cursor is not None and self.cursor not in place:
            problem = Problem("query.cursor", "a cursor is that of the page before", self.cursor, "begin without a cursor")
            raise InvalidInput("request", [problem])
        first = place[self.cursor] + 1 if self.cursor is not None else 0
        wanted = [row for row in rows[first:] if self.label in {None, row.label}]
        return wanted[: self.limit], wanted[self.limit - 1].item_id if len(wanted) > self.limit else None


class ItemZone(Answer):
    """One item for one learner."""

    item_id: str = Field(description="The item.")
    skill_ids: list[str] = Field(description="Its skills.")
    label: Label = Field(
        description="The first that holds. `mastered`: P(mastered) of each of its skills is at least .95. `unknown`: its answer would tell "
        "more than .1 nat and no skill of it has 3 answers, so the doubt is the model's. `zone`: it is in the zone. `out_of_reach`: the "
        "rest, too hard, too easy, not ready for, or teaching too little now."
    )
    in_zone: bool = Field(description="Whether it is in the zone, as relaxed, whatever the label: what is unknown may be there too.")
    zone_probability: ZoneProbability
    p_correct: Probability = Field(description="P(correct answer now), in [0, 1].")
    interval: Interval
    p_mastery: Probability = Field(description="P(mastered) of its least mastered skill, in [0, 1].")
    information: Information
    expected_gain: ExpectedGain


class LabelCounts(Answer):
    """How many of the items carry each label."""

    mastered: int = Field(ge=0, description="Items with the label `mastered`.")
    unknown: int = Field(ge=0, description="Items with the label `unknown`; 0 where the model has no posterior to draw from.")
    zone: int = Field(ge=0, description="Items with the label `zone`.")
    out_of_reach: int = Field(ge=0, description="Items with the label `out_of_reach`.")


class ZoneAnswer(Versions):
    """A learner's zone of proximal development, item by item."""

    learner_id: str = Field(description="The learner.")
    state_version: int = Field(ge=0, description="The state that it rests on.")
    policy_version: str = Field(description="The policy whose zone it is.")
    source: Literal["draws", "marginals"] = Field(
        description="`draws`: the definition, from joint draws of the learner. `marginals`: a first version without gain, where the model "
        "has no posterior to draw from."
    )
    relaxed: str | None = Field(
        description="The last rule that was relaxed because the zone was empty: `upper bound`, `zone probability`, `lower bound`, "
        "`prerequisites` of the nearest goal, `diagnostic`, or `anything` where all is mastered; by marginals `readiness` and `unmastered` "
        "take the place of those in between. Null where none was."
    )
    counts: LabelCounts = Field(description="Items by label, of all that were asked for.")
    items: list[ItemZone] = Field(description="Items in service in catalogue order, from the cursor on.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last.")


@router.get(
    "/learners/{learner_id:path}/zpd",
    operation_id="get_zone",
    summary="The zone of proximal development of a learner",
    response_model=ZoneAnswer,
    responses=documented("unknown_learner", "unknown_skill", "state_behind"),
)
def get_zone(
    learner_id: LearnerPath,
    call: CurrentCall,
    page: Annotated[Page, Depends()],
    skill_ids: GoalFilter = (),
    min_state_version: LeastVersion = None,
) -> Response:
    """One label for each item now, with the probability that it is in the zone and what it rests on.

    A recommendation towards the same skills at the same moment sees the same zone, and then leaves out stuck skills and items met lately.
    """
    report = call.engine.zone(call.tenant_id, learner_id, at=call.at, skill_ids=skill_ids)
    require_version(report.state_version, min_state_version)
    return rendered(_answer(report, page, call))


def _answer(report: ZoneReport, page: Page, call: Call) -> ZoneAnswer:
    n_rows = Counter(row.label for row in report.rows)
    rows, next_cursor = page.of(report.rows)
    return ZoneAnswer.of(
        report,
        policy_version=call.engine.policy.version,
        counts=LabelCounts.model_validate({name: n_rows[name] for name in LABELS}),
        items=rows,
        next_cursor=next_cursor,
        **call.versions,
    )
