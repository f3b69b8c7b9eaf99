"""A world's arrays say what its catalogue does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adaptive.engine.bank import Bank
from adaptive.evaluation.laboratory.world import World


def test_readiness_goes_by_the_weights_of_prerequisites_as_the_engines_does(world: World) -> None:
    edges = tuple(replace(edge, weight=weight) for edge, weight in zip(world.catalog.prerequisites, (0.3, 1.0, 0.6), strict=True))
    doubtful, success = World(replace(world.catalog, prerequisites=edges)), np.random.default_rng(1).random((5, world.n_skills))
    ready = doubtful.readiness(success)
    np.testing.assert_allclose(ready, [Bank.of(doubtful.catalog).readiness(row) for row in success])
    assert (ready[:, 1] > world.readiness(success)[:, 1]).all()
    np.testing.assert_array_equal(world.readiness(success)[:, 1], success[:, 0])  # a certain prerequisite counts as it is
