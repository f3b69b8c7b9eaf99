"""Learners at school, whose attempts train the models under test (decision 0014)."""

from __future__ import annotations

from typing import Final

import numpy as np

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.evaluation.laboratory.family import Family
from adaptive.evaluation.laboratory.oracles import p_answered
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.protocols import Ints

__all__ = ["SCHOOL_ATTEMPTS", "schooling"]

SCHOOL_ATTEMPTS: Final = 100
"""Attempts of each learner at school (decision 0014)."""

_BLOCK: Final = 5
"""Attempts on a skill before the lesson goes on, on average; blocks are 3 to 7 long (ours)."""

_JUMP: Final = 0.2
"""Share of blocks that are on any skill rather than on the next one (ours): revision, and lessons out of turn."""


def schooling(family: Family, world: World, n_learners: int, rng: np.random.Generator) -> AttemptTable:
    """SCHOOL_ATTEMPTS attempts of each of n_learners learners, in sessions as `Timetable` has them.

    A learner begins at a skill drawn from the catalogue and goes on in its order, in blocks of a skill, with jumps; items of a skill are
    drawn evenly. Nothing here looks at the truth but the answers.
    """
    skills = _lessons(world, n_learners, SCHOOL_ATTEMPTS, rng)
    state, attempts = family.learners(n_learners, rng), []
    of_skill = [np.flatnonzero(world.exercises[:, k]) for k in range(world.n_skills)]
    item_ids, item_skills = world.catalog.item_columns.item_ids, world.catalog.item_columns.skill_ids
    for step, moment in enumerate(Timetable.drawn(SCHOOL_ATTEMPTS, rng)):
        if moment.rested_days:
            state = family.rest(state, moment.rested_days, rng)
        item = np.array([of_skill[k][int(rng.random() * len(of_skill[k]))] for k in skills[:, step]], dtype=np.int64)
        correct = (rng.random(n_learners) < p_answered(family, state, item)).astype(np.float64)
        state = family.practise(state, item, correct, rng)
        attempts += [
            Attempt(f"a{who:05d}-{step:03d}", f"l{who:05d}", item_ids[i], item_skills[i], correct=score, occurred_at=moment.at)
            for who, (i, score) in enumerate(zip(item.tolist(), correct.tolist(), strict=True))
        ]
    return AttemptTable.from_attempts(sorted(attempts, key=lambda attempt: attempt.attempt_id))


def _lessons(world: World, n_learners: int, n_attempts: int, rng: np.random.Generator) -> Ints:
    """(n_learners, n_attempts): the skill of each attempt, only skills that have items."""
    with_items = np.flatnonzero(world.with_items)
    place = rng.integers(len(with_items), size=n_learners)
    left, lessons = np.zeros(n_learners, dtype=np.int64), np.empty((n_learners, n_attempts), dtype=np.int64)
    for step in range(n_attempts):
        over = left == 0
        if step:
            following = np.where(rng.random(n_learners) < _JUMP, rng.integers(len(with_items), size=n_learners), place + 1)
            place = np.where(over, following % len(with_items), place)
        left = np.where(over, rng.integers(_BLOCK - 2, _BLOCK + 2, size=n_learners, endpoint=True), left) - 1
        lessons[:, step] = with_items[place]
    return lessons
