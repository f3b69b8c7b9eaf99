"""Under an Idempotency-Key a POST is done once, within 24 hours, or not at all."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from .world import ITEM, TestClient, World, attempt_body, post_all

KEY = {"Idempotency-Key": "k-1"}
SCORES = {"learner_id": "ann", "scores": [{"scale": "rit", "score": 204.0}]}

REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "recommendation": ("/v1/recommendations", {"learner_id": "ann", "k": 2}),
    "prediction": ("/v1/predictions", {"learner_id": "ann", "item_ids": [ITEM]}),
    "placement": ("/v1/placements", SCORES),
    "plan": ("/v1/plans", {"learner_id": "ann", "skill_ids": ["equal-groups"]}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_same_request_again_is_answered_byte_for_byte_even_after_a_restart(world: World, name: str) -> None:
    path, body = REQUESTS[name]
    with world.serve() as client:
        first = client.post(path, json=body, headers=KEY)
        post_all(client, [attempt_body(1)])
    world.clock.at += timedelta(hours=23)
    with world.serve() as client:
        again = client.post(path, content=json.dumps(body, indent=3), headers={**KEY, "Content-Type": "application/json"})
    assert first.status_code in {200, 201}
    assert (again.status_code, again.content) == (first.status_code, first.content)


def test_a_retried_placement_places_once(client: TestClient) -> None:
    for _ in range(3):
        assert client.post("/v1/placements", json=SCORES, headers=KEY).json()["state_version"] == 1
    assert client.get("/v1/learners/ann/mastery").json()["state_version"] == 1
    assert client.post("/v1/placements", json=SCORES).json()["state_version"] == 2


def test_what_was_done_under_a_key_is_stored(client: TestClient) -> None:
    told = client.post("/v1/recommendations", json={"learner_id": "ann"}, headers=KEY).json()
    assert client.get(f"/v1/recommendations/{told['recommendation_id']}").status_code == 200


def test_another_request_under_the_key_is_refused_and_not_done(client: TestClient) -> None:
    body = {"learner_id": "ann", "skill_ids": ["equal-groups"]}
    assert client.post("/v1/recommendations", json=body, headers=KEY).status_code == 201
    other_body = client.post("/v1/recommendations", json={**body, "learner_id": "ben"}, headers=KEY)
    other_path = client.post("/v1/plans", json=body, headers=KEY)
    for refused in (other_body, other_path):
        assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "Idempotency-Key")


def test_a_key_is_forgotten_after_24_hours(world: World, client: TestClient) -> None:
    client.post("/v1/placements", json=SCORES, headers=KEY)
    world.clock.at += timedelta(hours=24)
    assert client.post("/v1/placements", json=SCORES, headers=KEY).json()["state_version"] == 2


def test_an_error_is_not_stored_so_the_retry_may_succeed(client: TestClient) -> None:
    behind = {"learner_id": "ann", "min_state_version": 1}
    assert client.post("/v1/recommendations", json=behind, headers=KEY).status_code == 503
    post_all(client, [attempt_body(1)])
    assert client.post("/v1/recommendations", json=behind, headers=KEY).status_code == 201


def test_an_error_under_a_key_leaves_nothing_behind(client: TestClient) -> None:
    bad = {"learner_id": "ann", "scores": [{"scale": "rit", "score": 900.0}]}
    assert client.post("/v1/placements", json=bad, headers=KEY).status_code == 422
    assert client.get("/v1/learners/ann/mastery").status_code == 404
    assert client.post("/v1/placements", json=SCORES, headers=KEY).json()["state_version"] == 1


@pytest.mark.parametrize("key", ["", "ann@school.org", "k" * 129])
def test_a_key_is_an_opaque_id(client: TestClient, key: str) -> None:
    refused = client.post("/v1/recommendations", json={"learner_id": "ann"}, headers={"Idempotency-Key": key})
    assert [error["where"] for error in refused.json()["errors"]] == ["header.Idempotency-Key"]


def test_requests_at_the_same_time_are_kept_apart_by_their_keys(client: TestClient) -> None:
    """Sixteen threads, four keys: each key is done once, and each of its four requests gets the one answer."""

    def place(n: int) -> tuple[int, bytes]:
        body = {**SCORES, "learner_id": f"learner-{n % 4}"}
        return n % 4, client.post("/v1/placements", json=body, headers={"Idempotency-Key": f"k-{n % 4}"}).content

    with ThreadPoolExecutor(16) as threads:
        answers = set(threads.map(place, range(16)))
    assert len(answers) == 4
    assert all(json.loads(content)["state_version"] == 1 for _, content in answers)
