"""Learners side by side are the learners one after another: the same states, mastery and forecasts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.evaluation.laboratory.at_once import DrawnAtOnce, OneByOne, at_once
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.models import build_model
from adaptive.protocols import GenerativeModel

SAME = 1e-9
"""Sums in another order, over some fifty steps."""


@pytest.mark.parametrize("name", ["state_space_irt", "bkt", "bkt_forgetting", "bkt_hierarchical"])
def test_side_by_side_is_one_after_another(name: str, world: World, school: AttemptTable) -> None:
    model, rng = build_model(name, world.catalog).fit(school), np.random.default_rng(7)
    fast, slow = at_once(model, world, 5), OneByOne(model, world, 5)
    assert type(fast) is not OneByOne
    for moment in Timetable.drawn(45, rng):
        item, correct = rng.integers(world.n_items, size=5), rng.integers(2, size=5).astype(np.float64)
        fast.update(item, correct, moment.at)
        slow.update(item, correct, moment.at)
    for at in (moment.at, moment.at.replace(year=moment.at.year + 1)):
        for ours, theirs in ((fast.mastery(at), slow.mastery(at)), (fast.forecast(at), slow.forecast(at))):
            for column in set(theirs.__slots__) - {"skill_ids", "is_two_state"}:
                np.testing.assert_allclose(getattr(ours, column), getattr(theirs, column), rtol=0.0, atol=SAME, err_msg=column)
        assert fast.forecast(at).is_two_state == slow.forecast(at).is_two_state


@pytest.mark.parametrize("name", ["state_space_irt", "bkt_hierarchical"])
def test_draws_of_skills_are_those_of_the_model(name: str, world: World, school: AttemptTable) -> None:
    model, rng, skills = build_model(name, world.catalog).fit(school), np.random.default_rng(7), world.catalog.skill_columns
    assert isinstance(model, GenerativeModel)
    fast, slow = at_once(model, world, 3), OneByOne(model, world, 3)
    assert isinstance(fast, DrawnAtOnce)
    for moment in Timetable.drawn(25, rng):
        item, correct = rng.integers(world.n_items, size=3), rng.integers(2, size=3).astype(np.float64)
        fast.update(item, correct, moment.at)
        slow.update(item, correct, moment.at)
    later = moment.at + timedelta(days=20)
    of_all = fast.draw_skills(later, n=40, days=14.0, seed=3)
    assert of_all.success.shape == of_all.gain.shape == (3, 40, world.n_skills)
    for learner, state in enumerate(slow.states):
        theirs = model.draw_skills(state, skills, n=40, at=later, horizon=timedelta(days=14), seed=3)
        np.testing.assert_allclose(of_all.success[learner], theirs.success, rtol=0.0, atol=SAME)
        np.testing.assert_allclose(of_all.gain[learner], theirs.gain, rtol=0.0, atol=SAME)
        assert of_all.lesson == theirs.lesson


def test_memories_beyond_the_most_are_dropped_as_the_model_drops_them() -> None:

    wide = World.of(SimpleNamespace(name="wide", item_skills=[(i % 3,) for i in range(320)], prerequisites=[]))  # type: ignore[arg-type]  # all that World reads
    model = build_model("state_space_irt", wide.catalog)
    fast, slow = at_once(model, wide, 1), OneByOne(model, wide, 1)
    for moment, item in zip(Timetable(320, (1,) * 15), np.random.default_rng(1).permutation(320), strict=True):
        for learners in (fast, slow):
            learners.update(np.array([item]), np.array([float(item % 2)]), moment.at)
    ours, theirs = fast.forecast(moment.at), slow.forecast(moment.at)
    np.testing.assert_allclose(ours.p_correct, theirs.p_correct, rtol=0.0, atol=SAME)
