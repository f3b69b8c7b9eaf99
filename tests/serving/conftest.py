"""A served world over each model, and over one for claims that hold whatever the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.models import MODELS, build_model

from .world import TestClient, World, url_of


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return mathematics_catalog()


@pytest.fixture(scope="session")
def model(catalog: Catalog) -> Any:  # Any: each model has its own state
    return build_model("logistic", catalog)


@pytest.fixture(scope="session", params=sorted(MODELS))
def each_model(request: pytest.FixtureRequest, catalog: Catalog) -> Any:  # Any: each model has its own state
    return build_model(request.param, catalog)


@pytest.fixture
def world(tmp_path: Path, catalog: Catalog, model: Any) -> World:
    return World(url_of(tmp_path), catalog, model)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    with world.serve() as client:
        yield client
