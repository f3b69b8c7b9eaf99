"""A batch answers for each row, in the order given, and one bad row costs no other its place."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog

from .world import TestClient, World, assert_problem, attempt_body, post_all, some_attempts, url_of


def post_batch(client: TestClient, attempts: list[Any]) -> list[dict[str, Any]]:
    answer = client.post("/v1/attempts:batch", json={"attempts": attempts})
    assert answer.status_code == 207
    rows: list[dict[str, Any]] = answer.json()["rows"]
    assert [row["row"] for row in rows] == list(range(len(attempts)))
    return rows


def test_each_row_has_its_status_in_the_order_given(world: World, client: TestClient) -> None:
    post_all(client, [attempt_body(1), attempt_body(2)])
    rows = post_batch(
        client,
        [
            attempt_body(9, learner_id="ben"),
            attempt_body(1),
            attempt_body(2, outcome={"score": 0.5}),
            attempt_body(3, "no-such-item"),
            {**attempt_body(4), "occurred_at": "yesterday", "outcome": {"correct": "yes"}},
            "not an attempt",
            attempt_body(0),
        ],
    )
    assert [row["status"] for row in rows] == [201, 200, 409, 422, 422, 422, 201]
    assert [row["problem"] and row["problem"]["slug"] for row in rows] == [
        None,
        None,
        "attempt_conflict",
        "unknown_item",
        "validation_error",
        "validation_error",
        None,
    ]
    assert [error["where"] for error in rows[4]["problem"]["errors"]] == ["attempt.occurred_at", "attempt.outcome.correct"]
    assert [row["effect"] and row["effect"]["applied"] for row in rows] == ["appended", "duplicate", None, None, None, None, "refolded"]
    assert world.state()["version"] == 3
    assert world.state("ben")["version"] == 1


def test_a_batch_in_any_order_ends_where_single_attempts_do(tmp_path: Path, catalog: Catalog, each_model: Any) -> None:
    attempts = some_attempts(catalog)
    single, batched = (World(url_of(tmp_path, name), catalog, each_model) for name in ("single.db", "batched.db"))
    with single.serve() as client:
        post_all(client, attempts)
    with batched.serve() as client:
        assert {row["status"] for row in post_batch(client, attempts[::-1])} == {201}
        assert {row["status"] for row in post_batch(client, attempts)} == {200}
    assert batched.state() == single.state()


def test_a_row_more_than_a_day_ahead_of_the_servers_clock_is_refused_alone(client: TestClient) -> None:
    rows = post_batch(client, [attempt_body(1), attempt_body(2, occurred_at="2999-12-31T00:00:00Z"), attempt_body(3)])
    assert [row["status"] for row in rows] == [201, 422, 201]
    assert [error["where"] for error in rows[1]["problem"]["errors"]] == ["attempt.occurred_at"]
    assert client.post("/v1/attempts", json=attempt_body(4)).json()["applied"] == "appended"


@pytest.mark.parametrize("n_rows", [0, 1_001])
def test_a_batch_has_1_to_1000_rows(client: TestClient, n_rows: int) -> None:
    refused = client.post("/v1/attempts:batch", json={"attempts": [attempt_body(0)] * n_rows})
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "body.attempts")


def test_rows_after_a_failure_of_the_database_may_be_sent_again(world: World, client: TestClient) -> None:
    """The database refuses Ben. Cem, who comes after, is not tried: where a disk is full, each try would wait."""
    batch = [attempt_body(1), attempt_body(1, learner_id="ben"), attempt_body(1, learner_id="cem"), attempt_body(2)]
    with closing(sqlite3.connect(world.url.removeprefix("sqlite:///"))) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON attempts WHEN NEW.learner_id = 'ben' BEGIN SELECT RAISE(FAIL, 'full'); END")
        rows = post_batch(client, batch)
        assert [row["status"] for row in rows] == [201, 503, 503, 201]
        assert {row["problem"]["slug"] for row in rows[1:3]} == {"storage_unavailable"}
        assert assert_problem(client.post("/v1/attempts:batch", json={"attempts": batch[1:]})).slug == "storage_unavailable"
        assert world.n_attempts("cem") == 0
        database.execute("DROP TRIGGER full")
    assert [row["status"] for row in post_batch(client, batch)] == [200, 201, 201, 200]
