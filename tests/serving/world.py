"""The served world of these tests: a real application on a real file, whose every answer is checked against its own document."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from adaptive.catalog import Catalog
from adaptive.engine import Engine
from adaptive.models import build_model
from adaptive.serving import Edge, ServingSettings, create_app
from adaptive.serving.fields import Answer
from adaptive.serving.problems import MEDIA_TYPE, PROBLEMS, ProblemDetails
from adaptive.storage import Store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette wishes for httpx2, which is not among our packages
    from starlette.testclient import TestClient

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TENANT = "default"
ITEM = "add-fractions-unlike.sum.d7ee6891"
SKILL = "add-fractions-unlike"

Json = dict[str, Any]


def attempt_body(n: int, item_id: str = ITEM, *, learner_id: str = "ann", **fields: Any) -> Json:
    """The n-th attempt, a minute after the one before unless said otherwise."""
    at = (START + timedelta(minutes=n)).isoformat().replace("+00:00", "Z")
    required = {"attempt_id": f"{learner_id}-{n}", "learner_id": learner_id, "item_id": item_id, "occurred_at": at}
    return {**required, "outcome": {"correct": n % 3 != 0}, **fields}


def some_attempts(catalog: Catalog, n: int = 12) -> list[Json]:
    """Attempts over several skills."""
    return [attempt_body(i, catalog.items[(i % 5) * 12 + i % 3].item_id) for i in range(n)]


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = START + timedelta(days=1)
    n_ids: int = 0

    def edge(self) -> Edge:
        return Edge(now=lambda: self.at, new_id=self._new_id, new_seed=lambda: 7)

    def _new_id(self) -> str:
        self.n_ids += 1
        return f"00000000-0000-4000-8000-{self.n_ids:012}"


@dataclass
class World:
    """One database file; `serve` puts an application over it, as often as wished."""

    url: str
    catalog: Catalog
    model: Any  # Any: each model has its own state
    clock: Clock = field(default_factory=Clock)
    settings: ServingSettings = field(default_factory=ServingSettings)

    @contextmanager
    def engine(self) -> Iterator[Engine[Any]]:
        store = Store.open(self.url)
        try:
            yield Engine(store, self.model, self.catalog, model_version=f"{self.model.name}-test")
        finally:
            store.close()

    @contextmanager
    def serve(self) -> Iterator[TestClient]:
        """A client of a new application on the file, as after a restart."""
        with self.engine() as engine:
            app = create_app(engine, settings=self.settings, edge=self.clock.edge())
            with TestClient(app, raise_server_exceptions=False) as client:
                client.event_hooks = {"response": [contract().check]}
                yield client

    def state(self, learner_id: str = "ann") -> Json:
        """The learner's stored state, which a replay of the log must equal."""
        with self.engine() as engine:
            assert engine.stale_learners(TENANT) == ()
            snapshot = engine.snapshot(TENANT, learner_id)
            assert snapshot is not None
            return {"version": snapshot.state_version, **snapshot.state}

    def n_attempts(self, learner_id: str = "ann") -> int:
        with self.engine() as engine, engine.store.unit(TENANT, write=False) as unit:
            return unit.n_attempts(learner_id)


@dataclass(frozen=True)
class Contract:
    """What the OpenAPI document promises of every answer: a listed status, its media type, its schema."""

    document: Json

    def check(self, response: httpx.Response) -> None:
        response.read()
        assert response.headers["X-Request-ID"]
        if response.status_code >= 400:
            assert_problem(response)
        operation = self._operation(response.request)
        if operation is None:
            assert response.status_code in {404, 405}
            return
        documented = operation["responses"][str(response.status_code)]["content"][response.headers["content-type"]]
        name = documented["schema"]["$ref"].rsplit("/", 1)[-1]
        answers()[name].model_validate_json(response.content)

    def _operation(self, request: httpx.Request) -> Json | None:
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{[^/]+?\\\}", ".+", re.escape(template))
            if re.fullmatch(pattern, request.url.path) and request.method.lower() in operations:
                found: Json = operations[request.method.lower()]
                return found
        return None


@cache
def contract() -> Contract:
    """The same document whatever is served."""
    catalog = Catalog("empty")
    with World("sqlite://", catalog, build_model("baseline", catalog)).engine() as engine:
        return Contract(create_app(engine).openapi())


def assert_problem(response: httpx.Response) -> ProblemDetails:
    """Every error is one, says so, and says when to come back where that may help."""
    assert response.headers["content-type"] == MEDIA_TYPE
    problem = ProblemDetails.model_validate_json(response.content)
    assert problem.status == response.status_code == PROBLEMS[problem.slug].status
    assert problem.instance == f"urn:uuid:{response.headers['X-Request-ID']}"
    assert ("retry-after" in response.headers) == (response.status_code == 503)
    return problem


def answers() -> dict[str, type[Answer]]:
    """Every documented answer by its name."""
    waiting: list[type[Answer]] = [Answer]
    found = {}
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return found


def post_all(client: TestClient, attempts: Sequence[Json]) -> list[int]:
    return [client.post("/v1/attempts", json=attempt).status_code for attempt in attempts]


def url_of(folder: Path, name: str = "adaptive.db") -> str:
    return f"sqlite:///{folder / name}"
