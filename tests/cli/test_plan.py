"""`adaptive plan`: from a file of scores to plans, with the exit codes and messages of every command."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from adaptive.catalog import Catalog, read_catalog, write_catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.cli.plan import plan
from adaptive.domain import Prerequisite, Skill
from adaptive.errors import AdaptiveError, InvalidInput, ModelUnavailable, UnknownName
from adaptive.models import Metadata, build_model
from adaptive.training.model_folder import write_model

SCORES = """learner_id,scale,area,score,standard_error,taken_on,grade
ann,rit,,200,3.1,2025-09-10,4
bob,rit,Number and Operations,188,5.1,2025-09-10,4
bob,rit,Geometry,201,5.1,2025-09-10,4
cyd,rit,,absent,3.1,2025-09-10,5
eve,theta,,0.3,,,
"""

SMALL = Catalog(
    "small",
    "rit",
    skills=(
        Skill("halves", grade="3", domain="NF", difficulty=190.0),
        Skill("sums", grade="4", domain="NF", difficulty=203.0),
        Skill("products", grade="5", domain="NF", difficulty=213.0),
    ),
    prerequisites=(Prerequisite("halves", "sums"), Prerequisite("sums", "products")),
)


@pytest.fixture
def run(tmp_path: Path):
    """The command as the console script runs it, on SCORES unless the test writes another file."""
    app = typer.Typer()
    app.command("plan")(plan)
    scores = tmp_path / "scores.csv"
    scores.write_text(SCORES, encoding="utf-8")

    def _run(*options: str, text: str = SCORES) -> Result:
        scores.write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, [str(scores), "--out", str(tmp_path / "out"), "--start", "2025-09-15", *options])

    return _run


def records(tmp_path: Path) -> dict[str, dict]:
    lines = (tmp_path / "out" / "plans.ndjson").read_text(encoding="utf-8").splitlines()
    return {record["learner_id"]: record for record in map(json.loads, lines)}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def failed(result: Result, kind: type[AdaptiveError]) -> str:
    """The message of the error that the console script turns into exit code 1."""
    assert isinstance(result.exception, kind), result.output
    return str(result.exception)


def test_every_learner_with_a_sound_score_gets_a_plan_for_the_generated_catalogue(run, tmp_path: Path) -> None:
    result = run("--minutes-per-week", "50", "--weeks", "6")
    assert result.exit_code == 0, result.output
    found = records(tmp_path)
    assert list(found) == ["ann", "bob", "eve"]
    grade_4 = [skill.skill_id for skill in mathematics_catalog().skills if skill.grade == "4"]
    assert found["ann"]["goal"]["skill_ids"] == grade_4
    assert found["eve"]["goal"]["skill_ids"] == [skill.skill_id for skill in mathematics_catalog().skills]
    for record in found.values():
        assert sum(step["minutes"][1] for step in record["steps"]) <= 300.0
        assert record["model_version"] == "bkt-day-zero"
        assert record["catalog_version"] == mathematics_catalog().version
    assert {flag.partition(":")[0] for flag in found["eve"]["flags"]} >= {"no_grade", "no_date"}
    steps = rows(tmp_path / "out" / "plans.csv")
    assert len(steps) == sum(len(record["steps"]) for record in found.values())


def test_plans_are_closed_under_the_prerequisites_that_are_not_ready(run, tmp_path: Path) -> None:
    run("--catalog", str(write_small(tmp_path)))
    assert [(step["skill_id"], step["purpose"]) for step in records(tmp_path)["bob"]["steps"]][:2] == [
        ("halves", "gap"),
        ("sums", "grade_level"),
    ]


def write_small(tmp_path: Path) -> Path:
    write_catalog(SMALL, tmp_path / "catalog")
    return tmp_path / "catalog"


def test_rejects_go_to_standard_error_and_every_row_has_its_fate(run, tmp_path: Path) -> None:
    result = run("--catalog", str(write_small(tmp_path)))
    assert "row 3: score must be a number. Got 'absent'; correct the row." in result.stderr
    assert "3 used, 1 flagged, 0 skipped, 1 rejected" in result.stdout
    assert rows(tmp_path / "out" / "rejected.csv") == [
        {"row": "3", "rule": "score must be a number", "value": "absent", "way_out": "correct the row"}
    ]
    assert [row["status"] for row in rows(tmp_path / "out" / "rows.csv")] == ["used", "used", "used", "rejected", "flagged"]


def test_strict_leaves_with_code_one_where_a_row_was_rejected_but_writes_the_plans(run, tmp_path: Path) -> None:
    catalog = str(write_small(tmp_path))
    assert run("--catalog", catalog, "--strict").exit_code == 1
    assert list(records(tmp_path)) == ["ann", "bob", "eve"]
    assert run("--catalog", catalog, "--strict", text=SCORES.replace("absent", "204")).exit_code == 0


def test_equal_runs_write_equal_bytes(run, tmp_path: Path) -> None:
    catalog = str(write_small(tmp_path))
    run("--catalog", catalog)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    run("--catalog", catalog)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_fitted_model_brings_its_own_catalogue_and_names_its_version(run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_model(
        build_model("baseline", SMALL),
        read_catalog(write_small(tmp_path)),
        folder,
        metadata=Metadata(created=datetime(2025, 9, 1, tzinfo=UTC)),
    )
    result = run("--model", str(folder))
    assert result.exit_code == 0, result.output
    record = records(tmp_path)["ann"]
    assert record["catalog_version"] == SMALL.version
    assert record["model_version"].startswith("baseline-")
    assert any("standard learner" in line for line in record["forecast"]["assumptions"])


def test_grade_and_scale_given_once_stand_in_where_rows_have_none(run, tmp_path: Path) -> None:
    result = run("--catalog", str(write_small(tmp_path)), "--grade", "5", "--scale", "rit", text="learner_id,score\nann,206\n")
    assert result.exit_code == 0, result.output
    assert records(tmp_path)["ann"]["goal"]["skill_ids"] == ["products"]


def test_grade_without_skills_in_the_catalogue_plans_for_all_of_it(run, tmp_path: Path) -> None:
    run("--catalog", str(write_small(tmp_path)), text=SCORES.replace(",4\n", ",9\n"))
    assert records(tmp_path)["ann"]["goal"]["skill_ids"] == ["halves", "sums", "products"]


def test_last_years_score_plans_for_this_years_grade(run, tmp_path: Path) -> None:
    run("--catalog", str(write_small(tmp_path)), text="learner_id,scale,score,taken_on,grade\nann,rit,203,2025-05-10,4\n")
    assert records(tmp_path)["ann"]["goal"]["grade"] == "5"


@pytest.mark.parametrize(
    ("options", "text", "kind", "named"),
    [
        ((), "learner,score\nann,200\n", InvalidInput, "column learner_id must be there"),
        ((), "", InvalidInput, "header and rows"),
        ((), "learner_id,scale,score\nann,rit,absent\n", InvalidInput, "at least one row must hold a sound score"),
        (("--minutes-per-week", "0"), SCORES, InvalidInput, "minutes above zero"),
        (("--weeks", "0"), SCORES, InvalidInput, "at least one week"),
        (("--model", "no/such/folder"), SCORES, ModelUnavailable, "no/such/folder"),
        (("--catalog", "no/such/catalog"), SCORES, InvalidInput, "no/such/catalog"),
    ],
)
def test_bad_input_names_the_rule_and_leaves_no_plans(
    run, tmp_path: Path, options: tuple[str, ...], text: str, kind: type[AdaptiveError], named: str
) -> None:
    assert named in failed(run(*options, text=text), kind)
    assert not (tmp_path / "out" / "plans.ndjson").exists()


def test_folder_that_cannot_be_made_is_bad_input(run, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands here")
    assert "can be made and written to" in failed(run(text="learner,score\n"), InvalidInput)  # said before the scores are read


def test_a_learner_whose_id_looks_like_markup_is_shown_as_it_is(run, tmp_path: Path) -> None:
    result = run("--catalog", str(write_small(tmp_path)), text="learner_id,scale,score,taken_on,grade\n[/b],rit,203,2025-09-10,4\n")
    assert result.exit_code == 0, result.exception
    assert "[/b]" in result.stdout


def test_unknown_scale_rejects_the_row_and_lists_the_known_ones(run) -> None:
    result = run(text="learner_id,scale,score\nann,stanine,5\n")
    assert "Known: rit, theta" in result.stderr
    assert not isinstance(result.exception, UnknownName)


def test_wrong_usage_leaves_with_code_two(run) -> None:
    assert run("--start", "next week").exit_code == 2
    assert run("--weeks", "some").exit_code == 2


def test_long_classes_are_shown_shortened(run, tmp_path: Path) -> None:
    text = "learner_id,scale,score,taken_on,grade\n" + "".join(f"l{n},rit,{190 + n % 20},2025-09-10,4\n" for n in range(45))
    result = run("--catalog", str(write_small(tmp_path)), text=text)
    assert "and 5 more learners" in result.stdout
    assert len(records(tmp_path)) == 45
