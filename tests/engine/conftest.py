"""A small world: three skills in a chain, a few items each, a fitted-on-nothing model, a real SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.engine import Engine
from adaptive.models import MODELS, build_model
from adaptive.storage import Store

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SKILLS = ("halves", "sums", "ratios")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog(
        name="fractions",
        scale="rit",
        skills=tuple(
            Skill(skill_id, title=skill_id, grade=grade, domain="NF", difficulty=rit)
            for skill_id, grade, rit in zip(SKILLS, "345", (185.0, 195.0, 210.0), strict=True)
        ),
        items=(
            *(Item(f"{skill_id}-{n}", (skill_id,), family_id=skill_id) for skill_id in SKILLS for n in range(30)),
            Item("both", ("halves", "sums")),
            Item("old", ("halves",), retired=True),
        ),
        prerequisites=(Prerequisite("halves", "sums"), Prerequisite("sums", "ratios", weight=0.8)),
    )


@pytest.fixture(scope="session", params=sorted(MODELS))
def model(request: pytest.FixtureRequest, catalog: Catalog) -> Any:  # Any: each model has its own state type
    return build_model(request.param, catalog).fit(AttemptTable.from_attempts([]))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'adaptive.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(url)
    yield store
    store.close()


@pytest.fixture
def engine(store: Store, catalog: Catalog, model: Any) -> Engine[Any]:
    return Engine(store, model, catalog, model_version=f"{model.name}-prior")


def attempt_of(n: int, item_id: str, *, correct: float = 1.0, learner_id: str = "ann", minutes: float | None = None) -> Attempt:
    """The n-th attempt, a minute after the one before unless said otherwise."""
    at = START + timedelta(minutes=n if minutes is None else minutes)
    return Attempt(f"{learner_id}-{n}", learner_id, item_id, (), correct=correct, occurred_at=at)
