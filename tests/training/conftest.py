"""A small class of learners whose answers follow a Rasch model, for the tests of this folder."""

import numpy as np
import pytest
from scipy.special import expit

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt


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
