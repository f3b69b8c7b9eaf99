"""Plans as files: a JSON line per learner and a CSV row per step."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from adaptive.domain import Placement, Plan, Score

__all__ = ["STEP_COLUMNS", "plan_record", "write_plans"]

STEP_COLUMNS: Final = (
    "learner_id",
    "goal",
    "order",
    "skill_id",
    "purpose",
    "minutes_q10",
    "minutes_q50",
    "minutes_q90",
    "start_week",
    "item_family_ids",
    "reason",
)


def plan_record(plan: Plan, placements: Sequence[Placement] = ()) -> dict[str, Any]:  # Any: JSON values
    """The plan as its line of plans.ndjson (formats page); minutes_for is null where that chance is never reached.

    >>> from datetime import date
    >>> from adaptive.domain import Goal
    >>> record = plan_record(Plan("ann", Goal("sums", ("sums",)), date(2025, 9, 1), steps=()))
    >>> sorted(record)
    ['catalog_version', 'flags', 'forecast', 'goal', 'learner_id', 'model_version', 'placements', 'steps']
    >>> record["forecast"]["minutes_for"]
    {'p50': None, 'p80': None}
    """
    forecast = plan.forecast
    return {
        "learner_id": plan.learner_id,
        "goal": {**asdict(plan.goal), "start_on": plan.start_on.isoformat()},
        "placements": [_placement(placement) for placement in placements],
        "steps": [asdict(step) for step in plan.steps],
        "forecast": {
            "p_by_date": forecast.p_by_date,
            "finish_quantiles": [None if day is None else day.isoformat() for day in forecast.finish_quantiles],
            "minutes_for": {"p50": None, "p80": None, **dict(forecast.minutes_for)},
            "growth": None if forecast.growth is None else dict(zip(("mean", "low", "high"), forecast.growth, strict=True)),
            "assumptions": list(forecast.assumptions),
        },
        "flags": list(plan.flags),
        "model_version": plan.model_version,
        "catalog_version": plan.catalog_version,
    }


def write_plans(plans: Iterable[tuple[Plan, Sequence[Placement]]], folder: Path) -> int:
    """Writes plans.ndjson and plans.csv into the folder, whole or not at all; returns how many plans there were.

    Plans are written as they come, to temporary siblings that take their names at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines, rows = folder / "plans.ndjson", folder / "plans.csv"
    part_lines, part_rows = (path.with_suffix(path.suffix + ".part") for path in (lines, rows))
    n_plans = 0
    try:
        with part_lines.open("w", encoding="utf-8") as ndjson, part_rows.open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(table, lineterminator="\n")
            writer.writerow(STEP_COLUMNS)
            for plan, placements in plans:
                ndjson.write(json.dumps(plan_record(plan, placements), ensure_ascii=False, allow_nan=False) + "\n")
                writer.writerows(_step_rows(plan))
                n_plans += 1
        part_lines.replace(lines)
        part_rows.replace(rows)
    finally:
        part_lines.unlink(missing_ok=True)
        part_rows.unlink(missing_ok=True)
    return n_plans


def _step_rows(plan: Plan) -> list[list[object]]:
    return [
        [
            plan.learner_id,
            plan.goal.title,
            step.order,
            step.skill_id,
            step.purpose,
            *step.minutes,
            step.start_week,
            ";".join(step.item_family_ids),
            step.reason,
        ]
        for step in plan.steps
    ]


def _placement(placement: Placement) -> dict[str, Any]:  # Any: JSON values
    placed_at = None if placement.placed_at is None else placement.placed_at.isoformat()
    scores = [_score(score) for score in placement.scores]
    return {"placement_id": placement.placement_id, "placed_at": placed_at, "scores": scores, "flags": list(placement.flags)}


def _score(score: Score) -> dict[str, Any]:  # Any: JSON values
    fields = asdict(score)
    del fields["learner_id"]
    return {**fields, "taken_on": None if score.taken_on is None else score.taken_on.isoformat()}
