"""The OpenAPI document is what an app developer needs: complete, exact, with examples that run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import starlette.testclient

from adaptive.serving.problems import MEDIA_TYPE, PROBLEMS

from .world import TestClient

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"

OPERATIONS = {
    "get_health": "GET /healthz",
    "get_mastery": "GET /v1/learners/{learner_id}/mastery",
    "get_plan": "GET /v1/plans/{plan_id}",
    "get_readiness": "GET /readyz",
    "get_recommendation": "GET /v1/recommendations/{recommendation_id}",
    "get_zone": "GET /v1/learners/{learner_id}/zpd",
    "make_plan": "POST /v1/plans",
    "place": "POST /v1/placements",
    "predict": "POST /v1/predictions",
    "recommend": "POST /v1/recommendations",
    "record_attempt": "POST /v1/attempts",
    "record_attempts": "POST /v1/attempts:batch",
}
"""Clients are generated from these names: they change in a new version of the API only."""


@pytest.fixture
def document(client: TestClient) -> Any:
    return client.app.openapi()  # type: ignore[attr-defined] # the application is FastAPI's


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_operation_ids_are_stable(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert {operation["operationId"]: name for name, operation in operations(document)} == OPERATIONS


def test_every_operation_is_tagged_described_and_tells_its_problems(document: Any) -> None:
    for name, operation in operations(document):
        assert operation["tags"], name
        assert operation["summary"], name
        assert operation["description"], name
        problems = [answer for status, answer in operation["responses"].items() if int(status) >= 400]
        assert problems or name == "GET /healthz", name
        assert {media for answer in problems for media in answer["content"]} <= {MEDIA_TYPE}, name


def test_only_what_reads_a_body_says_that_it_may_be_too_large(document: Any) -> None:
    for name, operation in operations(document):
        assert ("413" in operation["responses"]) == ("requestBody" in operation), name


def test_the_answer_to_a_wrong_method_is_described_once_for_all(document: Any) -> None:
    assert "405 (`method_not_allowed`" in document["info"]["description"]


def test_every_field_and_parameter_is_described(document: Any) -> None:
    fields = [
        (f"{schema}.{name}", field)
        for schema, content in document["components"]["schemas"].items()
        for name, field in content["properties"].items()
    ]
    parameters = [(f"{name} {p['name']}", p) for name, operation in operations(document) for p in operation.get("parameters", [])]
    by_reference = {"$ref"}
    undescribed = [
        name for name, field in (*fields, *parameters) if not field.get("description") and not is_described(document, field, by_reference)
    ]
    assert undescribed == []


def is_described(document: Any, field: Any, by_reference: set[str]) -> bool:
    """A field that is a whole object is described by that object; a constant by its value."""
    options = [field, *field.get("anyOf", [])]
    names = [option["$ref"].rsplit("/", 1)[-1] for option in options if by_reference & set(option)]
    return "const" in field or any(document["components"]["schemas"][name].get("description") for name in names)


def test_numbers_have_their_range_or_unit(document: Any) -> None:
    units = ("in [0, 1]", "minutes", "weeks", "units", "summed skill success")
    for schema, content in document["components"]["schemas"].items():
        for name, field in content["properties"].items():
            kinds = [field, *field.get("anyOf", [])]
            numbers = [kind for kind in kinds if kind.get("type") in {"number", "integer"}]
            bounded = all(kind.keys() & {"minimum", "exclusiveMinimum"} for kind in numbers)
            said = field.get("description", "").lower()
            assert bounded or any(unit in said for unit in units), f"{schema}.{name}"


def test_an_outcome_has_exactly_one_field_and_no_null(document: Any) -> None:
    outcome = document["components"]["schemas"]["Outcome"]
    assert (outcome["minProperties"], outcome["maxProperties"]) == (1, 1)
    assert {name: field.get("type") for name, field in outcome["properties"].items()} == {
        "correct": "boolean",
        "score": "number",
        "dont_know": "boolean",
        "study": "boolean",
    }
    assert (outcome["properties"]["score"]["minimum"], outcome["properties"]["study"]["const"]) == (0.0, True)


def test_the_examples_run(client: TestClient, document: Any) -> None:
    n_run = 0
    for path, methods in document["paths"].items():
        if "post" not in methods:
            continue
        name = methods["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        for example in document["components"]["schemas"][name]["examples"]:
            answer = client.post(path, json=example)
            assert answer.status_code < 300, f"{path}: {answer.text}"
            assert {row["status"] for row in answer.json().get("rows", [])} <= {201}
            n_run += 1
    assert n_run == 6


def test_the_documentation_pages_are_served(client: TestClient) -> None:
    client.event_hooks = {}
    assert "swagger" in client.get("/docs").text
    assert client.get("/openapi.json").json()["info"]["title"] == "adaptive"


def shell_blocks() -> list[str]:
    """The commands of the guide, in its order, with continued lines joined."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.startswith("curl ")]


def test_the_guides_commands_run(client: TestClient) -> None:
    """Each curl line is sent as it stands, except that the ids in braces are those of the answers before it."""
    seen: dict[str, str] = {}
    for line in shell_blocks():
        words = shlex.split(line)
        for name, value in seen.items():
            words = [word.replace(f"{{{name}}}", value) for word in words]
        options = dict(pairwise(words))
        url = next(word for word in words if word.startswith("http://127.0.0.1:8000"))
        headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
        content = options.get("-d")
        answer = client.request("POST" if content else "GET", url.removeprefix("http://127.0.0.1:8000"), content=content, headers=headers)
        assert answer.status_code < 300, f"{line}: {answer.text}"
        told = answer.json()
        seen |= {name: told[name] for name in ("recommendation_id", "plan_id") if name in told}
    assert len(shell_blocks()) >= 10


def test_the_guide_lists_every_slug_beside_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {slug: int(status) for status, slugs in rows for slug in re.findall(r"`(\w+)`", slugs)}
    assert listed == {slug: kind.status for slug, kind in PROBLEMS.items()}


def test_the_pages_of_documentation_need_no_other_network(client: TestClient) -> None:
    browser = starlette.testclient.TestClient(client.app)  # pages are not of the contract that `client` holds answers to
    for page in ("/docs", "/redoc"):
        html = browser.get(page).text
        scripts = re.findall(r'<script[^>]* src="([^"]+)"', html)
        assert scripts
        assert all(browser.get(script).status_code == 200 for script in scripts)
