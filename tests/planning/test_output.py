"""Plans as files: the fields of the formats page, whole files or none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adaptive.domain import Forecasted, Goal, Placement, Plan, PlanStep, Score
from adaptive.planning import plan_record, write_plans

PLAN = Plan(
    "ann",
    Goal("sums, grade 4", ("sums",), grade="4"),
    date(2025, 9, 1),
    steps=(
        PlanStep(1, "halves", "gap", (3.0, 6.0, 12.0), 1, ("f1", "f2"), "Needed before sums."),
        PlanStep(2, "sums", "grade_level", (4.0, 8.0, 15.0), 1, (), 'Work of the "grade".'),
    ),
    forecast=Forecasted(
        p_by_date=0.75,
        finish_quantiles=(date(2025, 9, 8), date(2025, 9, 15), None),
        minutes_for=(("p50", 20.0),),
        growth=(5.0, 1.0, 9.0),
        assumptions=("Practice continues.",),
    ),
    flags=("no_date: …",),
    model_version="m",
    catalog_version="c",
)
PLACEMENT = Placement(
    "p1", "ann", (Score("ann", "rit", 200.0, taken_on=date(2025, 8, 20), grade="4"),), datetime(2025, 9, 1, tzinfo=UTC), ("x: y",)
)


def test_line_has_the_fields_of_the_formats_page() -> None:
    record = json.loads(json.dumps(plan_record(PLAN, [PLACEMENT])))
    assert list(record) == ["learner_id", "goal", "placements", "steps", "forecast", "flags", "model_version", "catalog_version"]
    assert list(record["steps"][0]) == ["order", "skill_id", "purpose", "minutes", "start_week", "item_family_ids", "reason"]
    assert record["steps"][0]["minutes"] == [3.0, 6.0, 12.0]
    assert record["forecast"] == {
        "p_by_date": 0.75,
        "finish_quantiles": ["2025-09-08", "2025-09-15", None],
        "minutes_for": {"p50": 20.0, "p80": None},
        "growth": {"mean": 5.0, "low": 1.0, "high": 9.0},
        "assumptions": ["Practice continues."],
    }
    assert record["goal"]["start_on"] == "2025-09-01"
    assert record["placements"][0]["scores"] == [
        {"scale": "rit", "score": 200.0, "area": "", "standard_error": None, "taken_on": "2025-08-20", "grade": "4"}
    ]


def test_files_hold_a_line_per_learner_and_a_row_per_step(tmp_path: Path) -> None:
    assert write_plans([(PLAN, [PLACEMENT]), (PLAN, [])], tmp_path / "new" / "out") == 2
    lines = (tmp_path / "new" / "out" / "plans.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        json.loads(json.dumps(plan_record(PLAN, placements))) for placements in ([PLACEMENT], [])
    ]
    with (tmp_path / "new" / "out" / "plans.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    assert rows[1]["reason"] == 'Work of the "grade".'
    assert (rows[0]["minutes_q10"], rows[0]["minutes_q50"], rows[0]["minutes_q90"]) == ("3.0", "6.0", "12.0")
    assert rows[0]["item_family_ids"] == "f1;f2"


def test_interrupted_run_leaves_the_files_of_the_run_before(tmp_path: Path) -> None:
    write_plans([(PLAN, [])], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupted() -> Iterator[tuple[Plan, list[Placement]]]:
        yield PLAN, [PLACEMENT]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_plans(interrupted(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
