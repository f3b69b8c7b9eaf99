"""One class that practised, in a database that the tests of this folder only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adaptive.domain import Decision
from adaptive.engine import Engine
from adaptive.evaluation.off_policy import stored_lines, write_decisions
from adaptive.storage import Store

from .world import TENANT, engine_over, practise


@dataclass(frozen=True)
class Practised:
    """The database, the engine over it, and the decisions in the order in which they were made."""

    url: str
    engine: Engine[Any]  # Any: each model has its own state
    decisions: list[Decision]


@pytest.fixture(scope="session")
def practised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practised]:
    url = f"sqlite:///{tmp_path_factory.mktemp('class') / 'adaptive.db'}"
    store = Store.open(url)
    engine = engine_over(store)
    yield Practised(url, engine, practise(engine, n_learners=20, n_days=3, per_day=4))
    store.close()


@pytest.fixture(scope="session")
def log(practised: Practised, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "decisions.ndjson"
    write_decisions(stored_lines(practised.engine.store, TENANT), path)
    return path
