"""Attempts at a size, drawn in columns: ten million rows would be too slow as objects."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit

from adaptive.datasets import AttemptTable
from adaptive.datasets.schema import SCHEMA

__all__ = ["attempts_of", "long_history"]

ATTEMPTS_EACH = 100
ITEMS_PER_SKILL = 40
START_US = 1_767_225_600_000_000
"""2026-01-01 in microseconds."""

LONG_HISTORY = 5_000
"""Attempts of the learner on whom updates and states are measured; not among those fitted."""


def attempts_of(n_attempts: int, n_skills: int) -> AttemptTable:
    """Learners of N(0, 1) ability on a random walk over the skills, items of N(0, 1) difficulty, two hours between attempts in the mean."""
    return _drawn(max(1, n_attempts // ATTEMPTS_EACH), ATTEMPTS_EACH, n_skills, furthest=2, seed=0)


def long_history(n_skills: int) -> AttemptTable:
    """One learner who meets every skill, in leaps: the largest state that these skills can make."""
    return _drawn(1, LONG_HISTORY, n_skills, furthest=n_skills // 2, seed=1)


def _drawn(n_learners: int, attempts_each: int, n_skills: int, *, furthest: int, seed: int) -> AttemptTable:
    """`furthest` is how many skills a step of the walk leaps at most."""
    rng = np.random.default_rng(seed)
    learner = np.repeat(np.arange(n_learners), attempts_each)  # (n,)
    skill = (
        rng.integers(n_skills, size=n_learners)[learner] + rng.integers(-furthest, furthest + 1, size=len(learner)).cumsum()
    ) % n_skills
    item = skill * ITEMS_PER_SKILL + rng.integers(ITEMS_PER_SKILL, size=len(learner))
    ability, difficulty = rng.normal(size=n_learners), rng.normal(size=n_skills * ITEMS_PER_SKILL)
    correct = (rng.random(len(learner)) < expit(ability[learner] - difficulty[item])).astype(np.float64)
    at = START_US + (7.2e9 * rng.exponential(size=len(learner))).astype(np.int64).reshape(n_learners, -1).cumsum(axis=1).ravel()
    columns = pl.DataFrame({"learner": learner, "item": item, "skill": skill, "correct": correct, "at": at, "row": np.arange(len(learner))})
    frame = columns.lazy().select(
        learner_id=pl.format("l{}", pl.col("learner").cast(pl.String).str.zfill(7)),
        item_id=pl.format("q{}", "item"),
        skill_ids=pl.concat_list(pl.format("s{}", "skill")),
        correct="correct",
        occurred_at=pl.col("at").cast(pl.Datetime("us", "UTC")),
        sequence="row",
        attempt_id=pl.format("a{}", "row"),
        study=pl.lit(value=False),
        row="row",
    )
    unknown = {name: pl.lit(None, dtype=dtype) for name, dtype in SCHEMA.items() if name not in frame.collect_schema()}
    return AttemptTable.from_columns(frame.with_columns(**unknown).collect())
