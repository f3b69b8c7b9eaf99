"""Attempts over HTTP count once, by event time, and survive restarts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog

from .world import ITEM, SKILL, START, TestClient, World, attempt_body, post_all, some_attempts, url_of


def test_an_attempt_is_recorded_and_tells_how_its_skill_moved(client: TestClient) -> None:
    answer = client.post("/v1/attempts", json=attempt_body(1))
    told = answer.json()
    assert answer.status_code == 201
    assert (told["attempt_id"], told["duplicate"], told["applied"], told["state_version"]) == ("ann-1", False, "appended", 1)
    (update,) = told["updates"]
    assert update["skill_id"] == SKILL
    assert update["p_mastery_before"] < update["p_mastery_after"]
    assert update["reason_code"] == "raised"
    assert (told["model_version"], told["catalog_version"]) == ("logistic-test", "fa5b60942e0e3373")
    assert told["generated_at"] == "2026-03-03T09:00:00Z"


def test_a_retried_attempt_answers_200_and_changes_nothing(world: World, client: TestClient) -> None:
    post_all(client, [attempt_body(1), attempt_body(2)])
    before = world.state()
    again = client.post("/v1/attempts", json=attempt_body(1))
    assert (again.status_code, again.json()["duplicate"], again.json()["state_version"], again.json()["updates"]) == (200, True, 2, [])
    assert world.state() == before


def test_a_retry_may_write_its_time_in_another_offset(client: TestClient) -> None:
    client.post("/v1/attempts", json=attempt_body(1))
    again = client.post("/v1/attempts", json=attempt_body(1, occurred_at="2026-03-02T14:31:00.000+05:30"))
    assert again.status_code == 200


def test_another_body_under_the_same_id_conflicts_and_changes_nothing(world: World, client: TestClient) -> None:
    client.post("/v1/attempts", json=attempt_body(1))
    before = world.state()
    conflict = client.post("/v1/attempts", json=attempt_body(1, outcome={"correct": False}))
    assert (conflict.status_code, conflict.json()["slug"]) == (409, "attempt_conflict")
    assert world.state() == before


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": {"dont_know": True}},
        {"recommendation_id": "r-2"},
        {"recommendation_id": None},
        {"context": {"mode": "test", "session_id": "s-1"}},
        {"context": {"mode": "practice"}},
        {"context": None},
    ],
    ids=str,
)
def test_how_it_went_what_it_followed_and_where_are_content_too(client: TestClient, change: dict[str, Any]) -> None:
    sent = attempt_body(1, outcome={"correct": False}, recommendation_id="r-1", context={"mode": "practice", "session_id": "s-1"})
    assert [client.post("/v1/attempts", json=sent).status_code for _ in range(2)] == [201, 200]
    assert client.post("/v1/attempts", json=sent | change).status_code == 409
    assert client.post("/v1/attempts", json=sent | {"outcome": {"score": 0}}).status_code == 200


def test_an_attempt_of_an_unknown_item_is_refused_and_names_it(client: TestClient) -> None:
    refused = client.post("/v1/attempts", json=attempt_body(1, "no-such-item"))
    assert (refused.status_code, refused.json()["slug"]) == (422, "unknown_item")
    assert "'no-such-item'" in refused.json()["detail"]
    assert client.get("/v1/learners/ann/mastery").status_code == 404


def test_a_late_attempt_refolds_to_the_state_of_the_right_order(tmp_path: Path, catalog: Catalog, each_model: Any) -> None:
    attempts = some_attempts(catalog)
    in_order, late = (World(url_of(tmp_path, name), catalog, each_model) for name in ("in-order.db", "late.db"))
    with in_order.serve() as client:
        post_all(client, attempts)
    with late.serve() as client:
        post_all(client, [*attempts[:4], *attempts[5:]])
        answer = client.post("/v1/attempts", json=attempts[4])
    assert (answer.status_code, answer.json()["applied"]) == (201, "refolded")
    assert late.state() == in_order.state()


def test_reverse_order_with_retries_ends_in_the_same_state(tmp_path: Path, catalog: Catalog, each_model: Any) -> None:
    attempts = some_attempts(catalog)
    forward, backward = (World(url_of(tmp_path, name), catalog, each_model) for name in ("forward.db", "backward.db"))
    for world, order in ((forward, attempts), (backward, attempts[::-1])):
        with world.serve() as client:
            assert set(post_all(client, order)) == {201}
            assert set(post_all(client, order[::3])) == {200}
    assert backward.state() == forward.state()


def test_a_restart_in_between_changes_nothing(tmp_path: Path, catalog: Catalog, each_model: Any) -> None:
    attempts = some_attempts(catalog)
    steady, restarted = (World(url_of(tmp_path, name), catalog, each_model) for name in ("steady.db", "restarted.db"))
    with steady.serve() as client:
        post_all(client, attempts)
    for share in (attempts[:5], attempts[5:6], attempts[6:]):
        with restarted.serve() as client:
            post_all(client, share)
    assert restarted.state() == steady.state()


@pytest.mark.parametrize(
    ("outcome", "correct"),
    [({"correct": True}, 1.0), ({"correct": False}, 0.0), ({"score": 0.25}, 0.25), ({"dont_know": True}, 0.0), ({"study": True}, None)],
)
def test_each_outcome_is_stored_as_its_score(world: World, client: TestClient, outcome: dict[str, Any], correct: float | None) -> None:
    where = {"mode": "review", "session_id": "s-1"}
    sent = attempt_body(
        1, outcome=outcome, sequence=3, attempt_number=1, hints_used=0, response_ms=8_400, recommendation_id="r-1", context=where
    )
    assert client.post("/v1/attempts", json=sent).status_code == 201
    with world.engine() as engine, engine.store.unit("default", write=False) as unit:
        stored = unit.attempt("ann-1")
    assert stored is not None
    assert (stored.correct, stored.study, stored.item_id, stored.skill_ids) == (correct, correct is None, ITEM, (SKILL,))
    assert stored.occurred_at == START + timedelta(minutes=1)
    assert (stored.sequence, stored.attempt_number, stored.hints_used, stored.response_ms) == (3, 1, 0, 8_400)
    assert (stored.recommendation_id, stored.mode, stored.session_id) == ("r-1", "review", "s-1")
    assert stored.dont_know == ("dont_know" in outcome)


@pytest.mark.parametrize(
    "outcome",
    [
        {},
        None,
        True,
        {"correct": None},
        {"correct": "yes"},
        {"correct": 1},
        {"score": 1.5},
        {"score": "0.5"},
        {"score": -0.1},
        {"dont_know": False},
        {"study": False},
        {"correct": True, "score": 1.0},
        {"grade": 1},
    ],
)
def test_an_outcome_that_is_not_exactly_one_of_the_four_is_refused(world: World, client: TestClient, outcome: Any) -> None:
    refused = client.post("/v1/attempts", json=attempt_body(1, outcome=outcome))
    assert (refused.status_code, refused.json()["slug"]) == (422, "validation_error")
    assert all(error["where"].startswith("body.outcome") for error in refused.json()["errors"])
    assert world.n_attempts() == 0


def test_an_attempt_more_than_a_day_ahead_of_the_servers_clock_is_refused(world: World, client: TestClient) -> None:
    """One in 2999 would make every later attempt of the learner a late one."""
    at_most = attempt_body(1, occurred_at="2026-03-04T09:00:00Z")
    too_far = attempt_body(2, occurred_at="2026-03-04T09:00:00.000001Z")
    refused = client.post("/v1/attempts", json=too_far)
    assert (refused.status_code, refused.json()["slug"]) == (422, "validation_error")
    (error,) = refused.json()["errors"]
    assert error["where"] == "body.occurred_at"
    assert "the server's clock, which says 2026-03-03T09:00:00+00:00" in error["rule"]
    assert client.post("/v1/attempts", json=at_most).status_code == 201
    world.clock.at += timedelta(seconds=1)
    assert client.post("/v1/attempts", json=too_far).json()["applied"] == "appended"


def test_a_skill_tried_long_without_mastery_raises_an_alert(client: TestClient) -> None:
    wrong = [attempt_body(n, outcome={"correct": False}) for n in range(25)]
    answers = [client.post("/v1/attempts", json=attempt).json() for attempt in wrong]
    assert [answer["alerts"] for answer in answers[:24]] == [[]] * 24
    assert answers[24]["alerts"] == [{"code": "stuck", "skill_id": SKILL}]
