"""The zone of learners at once is the engine's event, with an item's gain that of its skills."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from adaptive.engine.bank import Bank
from adaptive.evaluation.laboratory.skill_zone import SkillZone
from adaptive.evaluation.laboratory.world import World
from adaptive.policies import ZoneSettings, zone_event

WORLDS = {
    "one skill each": SimpleNamespace(
        name="one", item_skills=[(k,) for k in range(5) for _ in range(3)], prerequisites=[(0, 1), (1, 2), (0, 3)]
    ),
    "one to three": SimpleNamespace(
        name="many", item_skills=[(0,), (0, 1), (1, 3), (0, 2, 3), (3,), (1, 0)], prerequisites=[(0, 2), (1, 2)]
    ),
}


@pytest.mark.parametrize("family", WORLDS.values(), ids=WORLDS.keys())
def test_z_is_the_mean_of_the_event(family: SimpleNamespace) -> None:
    world, rng = World.of(family), np.random.default_rng(6)  # type: ignore[arg-type]  # a family as far as a world reads it
    success, gain = rng.random((4, 30, world.n_skills)), rng.normal(0.3, 0.2, (4, 30, world.n_skills))
    z, mean_gain = SkillZone(world)(success, gain, ZoneSettings())
    of_items = gain @ world.exercises.T.astype(np.float64)
    links = Bank.of(world.catalog).links
    for learner in range(4):
        event = zone_event(success[learner], of_items[learner], links, np.ones(world.n_items, dtype=np.bool_), ZoneSettings())
        np.testing.assert_allclose(z[learner], event.mean(axis=0))
    np.testing.assert_allclose(mean_gain, of_items.mean(axis=1), atol=1e-6)
    assert 0.0 < z.mean() < 1.0
