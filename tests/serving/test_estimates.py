"""Predictions and mastery are read from the newest state, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models import build_model, replay
from adaptive.protocols import Items

from .world import ITEM, SKILL, START, TestClient, World, attempt_body, post_all, some_attempts, url_of


def predict(client: TestClient, status: int = 200, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/predictions", json={"learner_id": "ann", "item_ids": [ITEM], **fields})
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_prediction_is_the_models_own_after_a_replay_of_the_history(world: World, client: TestClient, catalog: Catalog) -> None:
    post_all(client, some_attempts(catalog))
    with world.engine() as engine, engine.store.unit("default", write=False) as unit:
        history: list[Attempt] = unit.history("ann")
    items = catalog.items[:3]
    columns = Items(tuple(item.item_id for item in items), tuple(item.skill_ids for item in items))
    expected = world.model.predict(replay(world.model, history), columns, START)
    told = predict(client, item_ids=list(columns.item_ids), at="2026-03-02T09:00:00Z")
    assert [row["item_id"] for row in told["predictions"]] == list(columns.item_ids)
    assert [row["p_correct"] for row in told["predictions"]] == expected.p_correct.tolist()  # bit for bit: JSON keeps each float
    assert told["state_version"] == 12


def test_a_prediction_is_for_the_moment_asked_for(tmp_path: Path, catalog: Catalog) -> None:
    """A model that forgets expects less of a learner who was right a year ago."""
    world = World(url_of(tmp_path), catalog, build_model("bkt_forgetting", catalog))
    with world.serve() as client:
        post_all(client, [attempt_body(n, outcome={"correct": True}) for n in range(5)])
        soon, later = (predict(client, at=at)["predictions"][0]["p_correct"] for at in ("2026-03-02T09:05:00Z", "2027-03-02T09:05:00Z"))
    assert later < soon


def test_a_prediction_tells_the_models_own_doubt_from_chance(tmp_path: Path, catalog: Catalog) -> None:
    """Few answers are no data, whatever the estimate; the information stands beside it."""
    world = World(url_of(tmp_path), catalog, build_model("bkt", catalog))
    with world.serve() as client:
        before = predict(client)["predictions"][0]
        post_all(client, [attempt_body(n, outcome={"correct": True}) for n in range(9)])
        after = predict(client)["predictions"][0]
    assert before["doubt"] == "not_enough_data"
    assert before["information"] > 0.0
    assert after["doubt"] == "foregone"
    assert after["information"] < 0.1


def test_a_new_learner_is_predicted_from_the_prior(client: TestClient) -> None:
    assert predict(client, learner_id="nobody yet")["state_version"] == 0


def test_an_unknown_item_is_refused(client: TestClient) -> None:
    assert predict(client, status=422, item_ids=[ITEM, "no-such-item"])["slug"] == "unknown_item"


@pytest.mark.parametrize("item_ids", [[], ["x"] * 1_001, "x", [""], [7]])
def test_1_to_1000_items_are_predicted(client: TestClient, item_ids: Any) -> None:
    assert predict(client, status=422, item_ids=item_ids)["errors"][0]["where"].startswith("body.item_ids")


def test_mastery_has_a_row_for_each_skill_and_says_what_it_rests_on(client: TestClient, catalog: Catalog) -> None:
    post_all(client, [attempt_body(n, outcome={"correct": True}) for n in range(4)])
    told = client.get("/v1/learners/ann/mastery").json()
    rows = {row["skill_id"]: row for row in told["skills"]}
    assert tuple(rows) == catalog.skill_columns.skill_ids
    assert (rows[SKILL]["n_attempts"], rows[SKILL]["last_attempt_at"], rows[SKILL]["source"]) == (4, "2026-03-02T09:03:00Z", "evidence")
    assert (rows["equal-groups"]["status"], rows["equal-groups"]["source"]) == ("not_enough_data", "prior")
    assert rows[SKILL]["interval"][0] < rows[SKILL]["retention_now"] < rows[SKILL]["interval"][1]
    assert (rows[SKILL]["level"]["rule"], rows[SKILL]["needs_review"], rows[SKILL]["review_due_at"]) == ("bkt_threshold", False, None)
    assert (told["learner_id"], told["state_version"], told["model_version"]) == ("ann", 4, "logistic-test")


def test_levels_are_the_servers_and_those_of_any_rule_that_is_asked_for(client: TestClient) -> None:
    answers = [
        client.post("/v1/attempts", json=attempt_body(n, outcome={"correct": True}, context={"mode": mode})).json()
        for n, mode in enumerate(("practice", "practice", "practice", "quiz"))
    ]
    (first,), (third,) = answers[0]["updates"], answers[2]["updates"]
    assert (first["level_before"], first["level_after"]) == ("not started", "practising")
    assert third["level_before"] == "practising"
    streak, khan = (level_by(client, rule) for rule in ("streak", "khan_levels"))
    assert (streak["value"], streak["awarded_at"]) == ("mastered", "2026-03-02T09:02:00Z")
    assert streak["evidence_ids"] == ["ann-0", "ann-1", "ann-2"]
    assert (khan["rule"], khan["value"], khan["points"]) == ("khan_levels", "familiar", 50)


def test_an_unknown_rule_lists_the_known_ones(client: TestClient) -> None:
    post_all(client, [attempt_body(1)])
    refused = client.get("/v1/learners/ann/mastery", params={"rule": "three_stars"})
    assert (refused.status_code, refused.json()["slug"]) == (422, "validation_error")
    assert "skill_builder" in refused.json()["detail"]


def level_by(client: TestClient, rule: str) -> dict[str, Any]:
    told = client.get("/v1/learners/ann/mastery", params={"rule": rule, "skill_ids": [SKILL]}).json()
    level: dict[str, Any] = told["skills"][0]["level"]
    return level


def test_mastery_of_some_skills_keeps_the_order_asked(client: TestClient) -> None:
    post_all(client, [attempt_body(1)])
    told = client.get("/v1/learners/ann/mastery", params={"skill_ids": [SKILL, "equal-groups"]}).json()
    assert [row["skill_id"] for row in told["skills"]] == [SKILL, "equal-groups"]


@pytest.mark.parametrize("skill_ids", [[SKILL, "equal-groups", SKILL], [f"skill-{n}" for n in range(201)]], ids=["repeated", "too many"])
def test_mastery_is_asked_of_200_different_skills_at_most(client: TestClient, skill_ids: list[str]) -> None:
    post_all(client, [attempt_body(1)])
    refused = client.get("/v1/learners/ann/mastery", params={"skill_ids": skill_ids}).json()
    assert (refused["slug"], [error["where"] for error in refused["errors"]]) == ("validation_error", ["query.skill_ids"])
    most = client.get("/v1/learners/ann/mastery", params={"skill_ids": [f"skill-{n}" for n in range(200)]}).json()
    assert most["slug"] == "unknown_skill"  # 200 pass


def test_unknown_learners_and_skills_are_told_apart(client: TestClient) -> None:
    post_all(client, [attempt_body(1)])
    unknown_learner = client.get("/v1/learners/nobody/mastery")
    unknown_skill = client.get("/v1/learners/ann/mastery", params={"skill_ids": "no-such-skill"})
    assert (unknown_learner.status_code, unknown_learner.json()["slug"]) == (404, "unknown_learner")
    assert (unknown_skill.status_code, unknown_skill.json()["slug"]) == (422, "unknown_skill")


def test_a_learner_id_may_hold_a_slash(client: TestClient) -> None:
    post_all(client, [attempt_body(1, learner_id="school/17")])
    assert client.get("/v1/learners/school%2F17/mastery").json()["learner_id"] == "school/17"


def test_a_read_that_asks_for_a_newer_state_is_refused_for_now(client: TestClient) -> None:
    version = client.post("/v1/attempts", json=attempt_body(1)).json()["state_version"]
    recommendation = {"learner_id": "ann"}
    for wanted, statuses in ((version, (200, 200, 201)), (version + 1, (503, 503, 503))):
        answers = (
            client.get("/v1/learners/ann/mastery", params={"min_state_version": wanted}),
            client.post("/v1/predictions", json={**recommendation, "item_ids": [ITEM], "min_state_version": wanted}),
            client.post("/v1/recommendations", json={**recommendation, "min_state_version": wanted}),
        )
        assert tuple(answer.status_code for answer in answers) == statuses
    assert {answer.json()["slug"] for answer in answers} == {"state_behind"}
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
