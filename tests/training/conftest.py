"""A small class of learners whose answers follow a Rasch model, for the tests of this folder."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.special import expit

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models import registry


@pytest.fixture(scope="session")
def table() -> AttemptTable:
    """25 learners, 20 attempts each, on 12 items of 4 skills."""
    rng = np.random.default_rng(5)
    ability, difficulty = rng.normal(size=25), rng.normal(size=12)
    item = rng.integers(12, size=500)
    return AttemptTable.from_attempts(
        Attempt(
            f"a{row:03}",
            f"learner {row % 25}",
            f"item {item[row]}",
            (f"skill {item[row] % 4}",),
            correct=float(rng.random() < expit(ability[row % 25] - difficulty[item[row]])),
            sequence=row,
        )
        for row in range(500)
    )


@pytest.fixture(scope="session")
def small_model() -> ModuleType:
    """The module `small_model.py`."""
    spec = importlib.util.spec_from_file_location("small_model", Path(__file__).parent / "small_model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def small(small_model: ModuleType, monkeypatch: pytest.MonkeyPatch) -> type:
    """The small model, known under its name for the test."""
    monkeypatch.setattr(registry, "MODELS", small_model.MODELS_WITH_SMALL)
    return small_model.SmallModel
