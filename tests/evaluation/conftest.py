"""A small class of learners whose answers follow a Rasch model, for the tests of this folder."""

import numpy as np
import pytest
from scipy.special import expit

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt


@pytest.fixture(scope="session")
def table() -> AttemptTable:
    """30 learners, 25 rows each in mixed order, on 12 items of 4 skills: one row in ten a study row, one in ten hinted."""
    rng = np.random.default_rng(11)
    ability, difficulty = rng.normal(size=30), rng.normal(size=12)
    return AttemptTable.from_attempts(
        _attempt(row, int(learner), rng, ability, difficulty) for row, learner in enumerate(rng.permutation(30 * 25) % 30)
    )


def _attempt(row: int, learner: int, rng: np.random.Generator, ability: np.ndarray, difficulty: np.ndarray) -> Attempt:
    item, kind = int(rng.integers(12)), rng.random()
    correct = float(rng.random() < expit(ability[learner] - difficulty[item]))
    return Attempt(
        f"a{row:04}",
        f"learner {learner}",
        f"item {item}",
        (f"skill {item % 4}",),
        correct=None if kind < 0.1 else correct,
        sequence=row,
        study=kind < 0.1,
        hints_used=1 if kind > 0.9 else 0,
    )
