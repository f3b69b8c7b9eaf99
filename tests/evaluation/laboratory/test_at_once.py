"""Learners side by side are the learners one after another: the same states, mastery and forecasts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.evaluation.laboratory.at_once import OneByOne, at_once
from adaptive.evaluation.laboratory.timetable import Timetable
from adaptive.evaluation.laboratory.world import World
from adaptive.models import build_model

SAME = 1e-9
"""Sums in another order, over some fifty steps."""


@pytest.mark.parametrize("name", ["state_space_irt", "bkt", "bkt_forgetting"])
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


def test_memories_beyond_the_most_are_dropped_as_the_model_drops_them() -> None:

    wide = World.of(SimpleNamespace(name="wide", item_skills=[(i % 3,) for i in range(320)], prerequisites=[]))  # type: ignore[arg-type]  # all that World reads
    model = build_model("state_space_irt", wide.catalog)
    fast, slow = at_once(model, wide, 1), OneByOne(model, wide, 1)
    for moment, item in zip(Timetable(320, (1,) * 15), np.random.default_rng(1).permutation(320), strict=True):
        for learners in (fast, slow):
            learners.update(np.array([item]), np.array([float(item % 2)]), moment.at)
    ours, theirs = fast.forecast(moment.at), slow.forecast(moment.at)
    np.testing.assert_allclose(ours.p_correct, theirs.p_correct, rtol=0.0, atol=SAME)
