"""One answer moves a posterior where Bayes' rule puts it, and no logit is too far for a forecast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from adaptive.models.state_space import OFF, kernel
from adaptive.models.state_space.arrays import Difficulty, Ground, Scratch, fresh_learner, fresh_memory


@given(st.floats(-4, 4), st.floats(0.05, 6.0), st.sampled_from([0.0, 1.0]))
def test_one_answer_moves_the_posterior_to_its_exact_moments(mean: float, variance: float, score: float) -> None:
    """Within .002 of quadrature with 301 nodes; the project's bar is .05."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(301)
    x = mean + np.sqrt(variance) * nodes
    posterior = weights * expit(x if score else -x)
    exact = (posterior * x).sum() / posterior.sum()
    exact_sd = np.sqrt((posterior * x**2).sum() / posterior.sum() - exact**2)
    fresh = np.array([[mean, variance, 0.0, 0.0, 0.0, -np.inf, 0.0]])
    ground = Ground(fresh, np.zeros(0, np.int64), np.zeros(2, np.int64), np.zeros(0), np.zeros(1), np.ones(1))
    skills, which = fresh.copy(), np.zeros(1, dtype=np.int64)
    seen = (0, score, np.nan, 0.0, 0.0, 1.0, 0.0)
    kernel.step(fresh_learner(1, OFF), skills, which, ground, np.array([fresh_memory(OFF)]), seen, Scratch.of(1, 1), OFF)
    assert skills[0, 0] == pytest.approx(exact, abs=2e-3)
    assert np.sqrt(skills[0, 1]) == pytest.approx(exact_sd, abs=2e-3)


def test_forecasts_stay_inside_the_unit_interval_at_any_logit() -> None:
    items = Difficulty(np.array([-1e6, -40.0, 40.0, 1e6]), np.full(4, 0.5), np.ones(4), *np.zeros((3, 4)))
    skills = np.array([[0.0, 1.0, 0.0, 0.0, 0.0, -np.inf, 0.0]])
    memories = np.tile(fresh_memory(OFF), (4, 1))
    found = kernel.logits(fresh_learner(1, OFF), skills, np.zeros(4, np.int64), np.arange(5), np.zeros(4, np.int64), memories, items, 0.0)
    p = kernel.success(*found, items.guess)
    assert np.all((p > 0.0) & (p < 1.0))
    assert np.all(np.diff(p) <= 0.0)
