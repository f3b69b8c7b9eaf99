"""Under an Idempotency-Key a POST is done once, within 24 hours, or not at all."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
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


class Gate:
    """Lets each computation over the whole catalogue wait until the test opens it."""

    def __init__(self, n_waiting: int) -> None:
        self.reached = threading.Barrier(n_waiting + 1)
        self.opened = threading.Event()

    def wait(self) -> None:
        if not self.opened.is_set():
            self.reached.wait(timeout=20)
            assert self.opened.wait(timeout=20)


def gated(world: World, gate: Gate) -> World:
    class Gated(type(world.model)):  # type: ignore[misc] # the class is known at run time only
        def mastery(self, state: Any, skills: Any, at: Any) -> Any:
            if len(skills) > 1:
                gate.wait()
            return super().mastery(state, skills, at)

    return replace(world, model=Gated(world.catalog))


@pytest.mark.parametrize("name", ["plan", "recommendation"])
def test_nobody_waits_while_an_answer_under_a_key_is_computed(world: World, name: str) -> None:
    gate, (path, body) = Gate(1), REQUESTS[name]
    with gated(replace(world, url=f"{world.url}?timeout=1"), gate).serve() as client, ThreadPoolExecutor(1) as threads:
        slow = threads.submit(client.post, path, json=body, headers=KEY)
        gate.reached.wait(timeout=20)
        meanwhile = client.post("/v1/attempts", json=attempt_body(1, learner_id="ben")).status_code
        gate.opened.set()
        assert (meanwhile, slow.result().status_code) == (201, 201)


@pytest.mark.parametrize("name", ["plan", "recommendation"])
def test_of_two_at_once_under_a_key_one_is_done_and_both_get_its_answer(world: World, name: str) -> None:
    """Both find the key unused and compute; the later to store is undone."""
    gate, (path, body) = Gate(2), REQUESTS[name]
    with gated(world, gate).serve() as client, ThreadPoolExecutor(2) as threads:
        both = [threads.submit(client.post, path, json=body, headers=KEY) for _ in range(2)]
        gate.reached.wait(timeout=20)
        gate.opened.set()
        first, second = (request.result() for request in both)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert n_rows(world, name) == 1


def test_of_two_requests_at_once_under_a_key_the_later_is_refused(world: World) -> None:
    gate, (path, body) = Gate(2), REQUESTS["recommendation"]
    with gated(world, gate).serve() as client, ThreadPoolExecutor(2) as threads:
        both = [threads.submit(client.post, path, json={**body, "learner_id": name}, headers=KEY) for name in ("ann", "ben")]
        gate.reached.wait(timeout=20)
        gate.opened.set()
        assert sorted(request.result().status_code for request in both) == [201, 422]
    assert n_rows(world, "recommendation") == 1


CRASH_BEFORE_THE_ANSWER_IS_STORED = """
import os, sys
from datetime import UTC, datetime
import warnings; warnings.simplefilter("ignore")
from sqlalchemy import Engine as Database, event
from starlette.testclient import TestClient
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.engine import Engine
from adaptive.models import build_model
from adaptive.serving import Edge, create_app
from adaptive.storage import Store

@event.listens_for(Database, "before_cursor_execute")
def crash(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO answers"):
        os._exit(9)

url, path, content = sys.argv[1:]
catalog = mathematics_catalog()
engine = Engine(Store.open(url), build_model("logistic", catalog), catalog, "logistic-test")
client = TestClient(create_app(engine, edge=Edge(now=lambda: datetime(2026, 3, 3, 9, tzinfo=UTC))))
client.post(path, content=content, headers={"Content-Type": "application/json", "Idempotency-Key": "k-1"})
"""


@pytest.mark.parametrize("name", ["placement", "plan"])
def test_a_crash_between_the_write_and_its_answer_leaves_neither_and_the_retry_does_it_once(world: World, name: str) -> None:
    path, body = REQUESTS[name]
    crashed = subprocess.run([sys.executable, "-c", CRASH_BEFORE_THE_ANSWER_IS_STORED, world.url, path, json.dumps(body)], check=False)
    assert crashed.returncode == 9
    assert n_rows(world, name) == 0
    with world.serve() as client:
        answers = {client.post(path, json=body, headers=KEY).content for _ in range(2)}
    assert len(answers) == 1
    assert n_rows(world, name) == 1


def test_where_the_answer_cannot_be_stored_nothing_was_done(world: World, client: TestClient) -> None:
    with closing(sqlite3.connect(world.url.removeprefix("sqlite:///"))) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(FAIL, 'full'); END")
        assert client.post("/v1/placements", json=SCORES, headers=KEY).status_code == 503
        assert n_rows(world, "placement") == 0
        database.execute("DROP TRIGGER full")
    assert client.post("/v1/placements", json=SCORES, headers=KEY).json()["state_version"] == 1


COUNTS = {
    "placement": "SELECT count(*) FROM placements",
    "plan": "SELECT count(*) FROM plans",
    "recommendation": "SELECT count(*) FROM decisions",
}


def n_rows(world: World, name: str) -> int:
    """How many records requests of that name have left."""
    with closing(sqlite3.connect(world.url.removeprefix("sqlite:///"))) as database:
        n: int = database.execute(COUNTS[name]).fetchone()[0]
    return n
