"""A small world, and learners at school in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.evaluation.laboratory.schooling import schooling
from adaptive.evaluation.laboratory.world import World
from tests.evaluation.laboratory.worlds import Growing


@pytest.fixture(scope="session")
def growing() -> Growing:
    return Growing(np.random.default_rng(3))


@pytest.fixture(scope="session")
def world(growing: Growing) -> World:
    return World.of(growing)


@pytest.fixture(scope="session")
def school(growing: Growing, world: World) -> AttemptTable:
    return schooling(growing, world, 30, np.random.default_rng(4))


@pytest.fixture(autouse=True)
def no_cached_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks fitted to real attempts may lie in the user's cache; tests are the same with and without."""
    monkeypatch.setenv("ADAPTIVE_CACHE_DIR", str(tmp_path))
