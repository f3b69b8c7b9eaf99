"""Scores place a learner, and plans start from there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from adaptive.catalog import Catalog

from .world import SKILL, START, TestClient, World, attempt_body, post_all

SCORE = {"scale": "rit", "score": 204.0, "standard_error": 3.1, "taken_on": "2026-02-16", "grade": "4"}


def place(client: TestClient, *scores: Any, status: int = 201) -> dict[str, Any]:
    content = json.dumps({"learner_id": "ann", "scores": scores})  # which writes NaN as it is
    answer = client.post("/v1/placements", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_higher_score_places_higher_and_is_told_as_the_source(client: TestClient) -> None:
    low = place(client, SCORE | {"score": 180.0})
    high = place(client, SCORE | {"score": 230.0, "taken_on": "2026-02-17"})
    assert (low["state_version"], high["state_version"]) == (1, 2)
    assert low["placement_id"] != high["placement_id"]
    assert {row["source"] for row in high["skills"]} == {"placement"}
    assert all(after["p_mastery"] > before["p_mastery"] for before, after in zip(low["skills"], high["skills"], strict=True))
    assert client.get("/v1/learners/ann/mastery").json()["skills"] == high["skills"]


def test_a_placement_keeps_the_attempts_and_what_had_to_be_assumed(world: World, client: TestClient) -> None:
    post_all(client, [attempt_body(n) for n in range(3)])
    told = place(client, {"scale": "rit", "score": 204.0})
    assert [flag.partition(":")[0] for flag in told["flags"]] == ["no_grade", "no_date"]
    (row,) = (row for row in told["skills"] if row["skill_id"] == SKILL)
    assert (row["n_attempts"], row["source"]) == (3, "evidence")
    with world.engine() as engine, engine.store.unit("default", write=False) as unit:
        stored = unit.placement(told["placement_id"])
    assert (stored.flags, stored.placed_at) == (tuple(told["flags"]), START + timedelta(days=1))


@pytest.mark.parametrize(
    ("score", "where"),
    [
        (SCORE | {"score": 900.0}, "score 2"),
        (SCORE | {"scale": "lexile"}, "score 2"),
        (SCORE | {"area": "Poetry"}, "score 2"),
        (SCORE | {"score": "high"}, "body.scores[1].score"),
        (SCORE | {"score": float("nan")}, "body.scores[1].score"),
        (SCORE | {"standard_error": float("inf")}, "body.scores[1].standard_error"),
        (SCORE | {"standard_error": 0.0}, "body.scores[1].standard_error"),
        (SCORE | {"taken_on": "16.2.2026"}, "body.scores[1].taken_on"),
        (SCORE | {"taken_on": "2026-02-30"}, "body.scores[1].taken_on"),
        ({"scale": "rit"}, "body.scores[1].score"),
    ],
)
def test_a_score_that_breaks_a_rule_is_refused_and_nothing_applied(client: TestClient, score: Any, where: str) -> None:
    refused = place(client, SCORE, score, status=422)
    assert (refused["slug"], [error["where"] for error in refused["errors"]]) == ("validation_error", [where])
    assert client.get("/v1/learners/ann/mastery").status_code == 404


def test_a_plan_is_closed_under_prerequisites_and_can_be_read_again(client: TestClient, catalog: Catalog) -> None:
    place(client, SCORE)
    made = client.post("/v1/plans", json={"learner_id": "ann", "title": "fractions", "skill_ids": [SKILL], "n_weeks": 6})
    assert made.status_code == 201
    plan = made.json()
    read = client.get(f"/v1/plans/{plan['plan_id']}").json()
    assert read == {name: value for name, value in plan.items() if name in read}
    assert set(plan) - set(read) == {"generated_at", "state_version"}
    assert (plan["start_on"], plan["state_version"], plan["goal"]["minutes_per_week"]) == ("2026-03-03", 1, 60.0)
    steps = [step["skill_id"] for step in plan["steps"] if step["purpose"] != "review"]
    assert SKILL in steps
    assert set(steps) <= set(catalog.closure([SKILL]))
    assert all(low <= middle <= high for low, middle, high in (step["minutes"] for step in plan["steps"]))
    assert all(plan["forecast"]["assumptions"])


def test_a_plan_followed_tells_what_it_has_begun_and_pinned(client: TestClient, catalog: Catalog) -> None:
    plan = client.post("/v1/plans", json={"learner_id": "ann", "skill_ids": [SKILL], "pinned": [SKILL], "n_weeks": 6}).json()
    made = client.post("/v1/recommendations", json={"learner_id": "ann", "plan_id": plan["plan_id"], "explain": "full"}).json()
    record = client.get(f"/v1/recommendations/{made['recommendation_id']}").json()
    begun = {step["skill_id"] for step in plan["steps"] if step["start_week"] == 1}
    assert (set(record["plan_skill_ids"]), record["pinned_skill_ids"]) == (begun, [SKILL])
    values = {reason["code"]: reason["value"] for reason in made["items"][0]["reasons"]}
    skills = set(made["items"][0]["skill_ids"])
    assert (values["plan_step"], values["teacher_pin"]) == (float(bool(skills & begun)), float(SKILL in skills))


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({"skill_ids": ["no-such-skill"]}, "unknown_skill"),
        ({"skill_ids": []}, "validation_error"),
        ({"minutes_per_week": 0}, "validation_error"),
        ({"n_weeks": 105}, "validation_error"),
        ({"start_on": "soon"}, "validation_error"),
        ({"start_on": "3000-01-01"}, "validation_error"),
        ({"excluded": [SKILL], "pinned": [SKILL]}, "constraint_infeasible"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(client: TestClient, fields: dict[str, Any], slug: str) -> None:
    refused = client.post("/v1/plans", json={"learner_id": "ann", "skill_ids": [SKILL], **fields})
    assert (refused.status_code, refused.json()["slug"]) == (422, slug)


def test_a_plan_starts_when_it_is_told_to(client: TestClient) -> None:
    made = client.post("/v1/plans", json={"learner_id": "ann", "skill_ids": ["equal-groups"], "start_on": "2026-04-01"})
    assert made.json()["start_on"] == "2026-04-01"


def test_the_furthest_days_are_still_placed_and_planned(client: TestClient) -> None:
    place(client, SCORE | {"taken_on": "1900-01-01"}, SCORE | {"taken_on": "2999-12-31"})
    body = {"learner_id": "ann", "skill_ids": [SKILL], "start_on": "2999-12-31", "n_weeks": 104, "minutes_per_week": 1}
    assert client.post("/v1/plans", json=body).status_code == 201


def test_an_unknown_plan_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/plans/none").json()["slug"] == "not_found"
