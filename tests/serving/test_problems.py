"""Whatever goes wrong is told as problem+json, leaks nothing, and leaves nothing applied."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from adaptive.errors import AdaptiveError
from adaptive.serving import ServingSettings
from adaptive.serving.problems import PROBLEMS
from adaptive.serving.request_log import LOGGER

from .world import ITEM, TestClient, World, assert_problem, attempt_body

JSON_HEADERS = {"Content-Type": "application/json"}


def post_raw(client: TestClient, content: str | bytes, headers: dict[str, str] = JSON_HEADERS) -> dict[str, Any]:
    answer = client.post("/v1/attempts", content=content, headers=headers)
    assert_problem(answer)
    told: dict[str, Any] = answer.json()
    return told


def every_kind(kind: type[AdaptiveError] = AdaptiveError) -> set[str]:
    return {kind.slug}.union(*(every_kind(child) for child in kind.__subclasses__()))


def test_every_error_of_the_tree_has_its_status() -> None:
    assert every_kind() == set(PROBLEMS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"attempt_id": "a-1",}',
        b"attempt_id=a-1",
        b"[]",
        b"7",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"sequence": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda content: str(content[:12]),
)
def test_a_body_that_is_no_json_object_is_refused(client: TestClient, content: bytes) -> None:
    told = post_raw(client, content)
    assert told["slug"] == "validation_error"
    assert all(error["where"].startswith("body") for error in told["errors"])


def test_a_body_of_another_media_type_is_refused(client: TestClient) -> None:
    told = post_raw(client, json.dumps(attempt_body(1)), {"Content-Type": "text/plain"})
    assert told["errors"][0]["way_out"] == "send a JSON object, with Content-Type: application/json"
    assert told["errors"][0]["value"].startswith('{"attempt_id"')


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"attempt_id": ""}, "body.attempt_id"),
        ({"attempt_id": "a" * 129}, "body.attempt_id"),
        ({"attempt_id": 7}, "body.attempt_id"),
        ({"attempt_id": "a\x00b"}, "body.attempt_id"),
        ({"learner_id": "ann\nbob"}, "body.learner_id"),
        ({"learner_id": "\ud800"}, "body.learner_id"),
        ({"learner_id": "ann@school.org"}, "body.learner_id"),
        ({"learner_id": "mailto:Ann.B%40school.org"}, "body.learner_id"),
        ({"item_id": None}, "body.item_id"),
        ({"occurred_at": "2026-03-02T09:30:00"}, "body.occurred_at"),
        ({"occurred_at": "2026-03-02"}, "body.occurred_at"),
        ({"occurred_at": "2026-02-30T09:30:00Z"}, "body.occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "body.occurred_at"),
        ({"occurred_at": "1899-12-31T23:59:59Z"}, "body.occurred_at"),
        ({"occurred_at": "2999-12-31T23:59:59-00:30"}, "body.occurred_at"),
        ({"occurred_at": 1_772_443_800}, "body.occurred_at"),
        ({"occurred_at": "1772443800"}, "body.occurred_at"),
        ({"outcome": {"score": float("nan")}}, "body.outcome.score"),
        ({"outcome": {"score": float("inf")}}, "body.outcome.score"),
        ({"sequence": -1}, "body.sequence"),
        ({"sequence": 10**30}, "body.sequence"),
        ({"sequence": 1.5}, "body.sequence"),
        ({"attempt_number": 0}, "body.attempt_number"),
        ({"hints_used": True}, "body.hints_used"),
        ({"response_ms": -1}, "body.response_ms"),
        ({"response_ms": 604_800_001}, "body.response_ms"),
        ({"context": {"mode": "play"}}, "body.context.mode"),
        ({"hint_used": 1}, "body.hint_used"),
    ],
    ids=str,
)
def test_a_field_that_breaks_a_rule_is_named_by_its_path(world: World, client: TestClient, fields: dict[str, Any], where: str) -> None:
    told = post_raw(client, json.dumps({**attempt_body(1), **fields}))
    assert [error["where"] for error in told["errors"]] == [where]
    assert all(told["errors"][0][name] for name in ("rule", "way_out"))
    assert world.n_attempts() == 0


def test_all_problems_of_a_request_are_told_at_once(client: TestClient) -> None:
    told = post_raw(client, json.dumps({"attempt_id": "", "outcome": {"score": 2}, "colour": "red"}))
    assert {error["where"] for error in told["errors"]} == {
        "body.attempt_id",
        "body.learner_id",
        "body.item_id",
        "body.occurred_at",
        "body.outcome.score",
        "body.colour",
    }
    assert "body.outcome.score: Input should be less than or equal to 1. Got '2'; correct the value" in told["detail"]


def test_odd_text_is_stored_and_told_as_it_came(client: TestClient) -> None:
    """Ids are opaque: bidirectional marks, emoji and quotes are somebody's naming scheme."""
    learner_id = "\u202eann '\"; DROP TABLE attempts; \U0001f600"
    assert client.post("/v1/attempts", json=attempt_body(1, learner_id=learner_id)).json()["learner_id"] == learner_id


def test_a_long_value_is_shortened_in_the_answer(client: TestClient) -> None:
    told = post_raw(client, json.dumps({**attempt_body(1), "occurred_at": "x" * 5_000}))
    assert told["errors"][0]["value"] == "x" * 80 + "..."


def test_the_first_hundred_problems_are_told_and_the_rest_counted(client: TestClient) -> None:
    content = json.dumps({"learner_id": "ann", "scores": [{"scale": "rit", "colour": 1}] * 85})
    told = client.post("/v1/placements", content=content, headers=JSON_HEADERS).json()
    assert len(told["errors"]) == 101
    assert told["errors"][-1] == {
        "where": "request",
        "rule": "and 70 more rules are broken",
        "value": "170 in all",
        "way_out": "correct these first",
    }
    assert len(told["detail"].splitlines()) == 102


@pytest.mark.parametrize("path", ["/v1/attempts", "/v1/plans"])
def test_an_object_of_very_many_fields_is_one_problem(client: TestClient, path: str) -> None:
    content = json.dumps({f"k{n}": n for n in range(60_000)})
    told = client.post(path, content=content, headers=JSON_HEADERS)
    (error,) = told.json()["errors"]
    assert (error["where"], error["rule"]) == ("body", "An object has at most 100 fields")
    assert len(error["value"]) == 83
    assert len(told.content) < 2_000


def test_a_batch_of_broken_rows_is_answered_with_three_megabytes_at_most(client: TestClient) -> None:
    content = json.dumps({"attempts": [{f"k{n}": 1 for n in range(99)}] * 1_000})
    told = client.post("/v1/attempts:batch", content=content, headers=JSON_HEADERS)
    assert {len(row["problem"]["errors"]) for row in told.json()["rows"]} == {11}
    assert len(told.content) < 3_000_000


def test_the_name_of_a_misspelt_field_is_shortened_too(client: TestClient) -> None:
    (error,) = post_raw(client, json.dumps({**attempt_body(1), "x" * 5_000: 1}))["errors"]
    assert error["where"] == "body." + "x" * 195 + "..."


def test_a_batch_may_be_larger_than_one_object(world: World) -> None:
    small = replace(world, settings=ServingSettings(max_body_bytes=300, max_batch_bytes=2_000))
    with small.serve() as client:
        batch = {"attempts": [attempt_body(n) for n in range(4)]}
        assert client.post("/v1/attempts:batch", json=batch).status_code == 207
        assert client.post("/v1/placements", json=batch).status_code == 413
        assert client.post("/v1/attempts:batch", json={"attempts": batch["attempts"] * 4}).status_code == 413


def test_a_body_that_is_too_large_is_refused_however_its_length_is_told(world: World) -> None:
    small = replace(world, settings=ServingSettings(max_body_bytes=1_000))
    content = json.dumps({**attempt_body(1), "item_id": "x" * 2_000}).encode()
    with small.serve() as client:
        in_chunks = client.post("/v1/attempts", content=iter([content[:600], content[600:]]), headers=JSON_HEADERS)
        announced = client.post("/v1/attempts", content=b"{", headers={**JSON_HEADERS, "Content-Length": "1001"})
        for answer in (in_chunks, announced):
            assert assert_problem(answer).slug == "payload_too_large"
        assert client.post("/v1/attempts", json=attempt_body(1)).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v2/attempts", 404),
        ("POST", "/v1/attempts/", 404),
        ("GET", "/v1/attempts", 405),
        ("PUT", "/v1/plans", 405),
        ("DELETE", "/v1/learners/ann/mastery", 405),
    ],
)
def test_unknown_paths_and_methods_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, "allow" in answer.headers) == (status, status == 405)


def test_a_learner_id_in_a_path_follows_the_same_rules(client: TestClient) -> None:
    answer = client.get("/v1/learners/ann%40school.org/mastery")
    assert [error["where"] for error in answer.json()["errors"]] == ["path.learner_id"]


def test_an_unexpected_error_tells_nothing_of_its_cause(world: World, catalog: Any) -> None:
    class Broken(type(world.model)):  # type: ignore[misc] # the class is known at run time only
        def predict(self, *_: Any) -> Any:
            raise RuntimeError("secret of learner ann")

    broken = replace(world, model=Broken(catalog))
    with broken.serve() as client:
        answer = client.post("/v1/predictions", json={"learner_id": "ann", "item_ids": [ITEM]})
    problem = assert_problem(answer)
    assert (problem.status, problem.slug) == (500, "internal_error")
    assert "secret" not in answer.text
    assert problem.detail.startswith("Something broke in the server, and nothing was applied.")


def test_a_number_out_of_its_range_is_an_error_and_not_an_answer(world: World, catalog: Any) -> None:
    class Wrong(type(world.model)):  # type: ignore[misc] # the class is known at run time only
        def predict(self, state: Any, items: Any, at: Any) -> Any:
            forecast = super().predict(state, items, at)
            return replace(forecast, p_correct=forecast.p_correct * float("nan"))

    wrong = replace(world, model=Wrong(catalog))
    with wrong.serve() as client:
        assert client.post("/v1/predictions", json={"learner_id": "ann", "item_ids": [ITEM]}).status_code == 500


def test_a_read_only_database_answers_503_and_says_when_to_come_back(
    world: World, client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller is told to come back; the log tells the operator why, and where."""
    monkeypatch.setattr(LOGGER, "propagate", True)
    client.post("/v1/attempts", json=attempt_body(1))
    path = world.url.removeprefix("sqlite:///")
    with replace(world, url=f"sqlite:///file:{path}?mode=ro&uri=true").serve() as reader:
        refused = reader.post("/v1/attempts", json=attempt_body(2))
        assert assert_problem(refused).slug == "storage_unavailable"
        assert path not in refused.text
    (line,) = (record for record in caplog.records if record.getMessage() == "problem")
    assert "the database is read-only" in line.fields["reason"]
    assert line.fields["instance"] == refused.json()["instance"]
    with replace(world, url=f"sqlite:///file:{path}?mode=ro&uri=true").serve() as reader:
        assert refused.headers["retry-after"] == "1"
        assert reader.post("/v1/predictions", json={"learner_id": "ann", "item_ids": [ITEM]}).json()["state_version"] == 1
    assert world.n_attempts() == 1


def test_concurrent_retries_of_one_attempt_count_once(world: World, client: TestClient) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(client.post("/v1/attempts", json=attempt_body(1)).status_code)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 7 + [201]
    assert world.state()["version"] == 1
