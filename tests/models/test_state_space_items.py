"""What is known of an item: difficulty and discrimination are estimated together."""

from __future__ import annotations

import numpy as np

from adaptive.models.state_space.items import difficulty_step, discrimination_step, joint_variance


def test_the_variance_of_a_difficulty_is_that_of_the_two_by_two_posterior() -> None:
    rng = np.random.default_rng(0)
    weight, lever = rng.uniform(0.1, 0.3, size=(5, 40)), rng.normal(loc=1.0, size=(5, 40))
    curvature, steep, cross = weight.sum(axis=1), (weight * lever**2).sum(axis=1), (weight * lever).sum(axis=1)
    nothing, spread, steep_spread = np.zeros(5), 0.8, 0.1
    _, known = difficulty_step(nothing, nothing, curvature, nothing, spread)
    _, steep_variance = discrimination_step(nothing, nothing, steep, 0.0, steep_spread)
    found = joint_variance(known, steep_variance, cross, spread)
    for i in range(5):
        together = np.array([[curvature[i] + 1 / spread, -cross[i]], [-cross[i], steep[i] + 1 / steep_spread]])
        np.testing.assert_allclose(found[i], np.linalg.inv(together)[0, 0], rtol=1e-12)
    assert np.all(found > 1.05 * known)


def test_the_variance_of_a_difficulty_is_never_above_its_prior() -> None:
    """Curvatures of single answers can be negative, so that a sum of few may be less than its cross term allows."""
    found = joint_variance(np.array([0.5]), np.array([0.1]), np.array([30.0]), 0.8)
    np.testing.assert_array_equal(found, [0.8])
