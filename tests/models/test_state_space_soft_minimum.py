"""What several skills bring to an item, and what an answer says of each: against quadrature over jointly normal abilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from adaptive.models.state_space import OFF, kernel
from adaptive.models.state_space.arrays import Difficulty, Ground, Scratch, fresh_learner, fresh_memory
from adaptive.models.state_space.simulate import soft_minimum
from adaptive.protocols import Floats

_NODES = np.linspace(-6.0, 6.0, 241)
_MASS = np.exp(-0.5 * _NODES**2) / np.exp(-0.5 * _NODES**2).sum()

PAIRS = [(apart, unsure, weakest) for apart in (0.0, 0.5, 1.5) for unsure in (0.1, 0.5) for weakest in (0.0, 1.0, 4.0, 12.0, 1e6)]
"""Distance of the means, variance of each ability that is its own, and how much the weakest decides."""


def two_skills(apart: float, unsure: float, form: float = 0.0) -> Floats:
    """Rows of two skills, the second hanging more on the shared ability; `form` is the share of what is its own that is a form."""
    own = [unsure * (1.0 - form), 0.0, unsure * form, 0.0, -np.inf]
    return np.array([[0.2, unsure, 0.0, 0.0, 0.0, -np.inf, 0.8], [0.2 + apart, *own, 1.0]])


def abilities(rows: Floats) -> tuple[Floats, Floats]:
    """(241, 241, 2) abilities with their forms, and the mass (241, 241) of each pair."""
    slope = rows[:, 6:]
    root = np.linalg.cholesky(slope @ slope.T + np.diag(rows[:, 1] + rows[:, 3]))
    normals = np.stack(np.meshgrid(_NODES, _NODES, indexing="ij"), axis=-1)
    return rows[:, 0] + normals @ root.T, np.outer(_MASS, _MASS)


@pytest.mark.parametrize(("apart", "unsure", "weakest"), PAIRS)
def test_two_skills_bring_the_mean_and_variance_of_their_soft_minimum(apart: float, unsure: float, weakest: float) -> None:
    """Mean within .04 logits, variance within 6 %; the soft minimum of the means is off by up to .4."""
    rows = two_skills(apart, unsure, form=0.5)
    ability, mass = abilities(rows)
    brought = soft_minimum(ability, weakest)
    item = Difficulty(np.zeros(1), np.zeros(1), np.ones(1), *np.zeros((3, 1)))
    seen = (
        fresh_learner(1, OFF),
        rows,
        np.arange(2),
        np.array([0, 2]),
        np.zeros(1, np.int64),
        np.array([fresh_memory(OFF)]),
        item,
        weakest,
    )
    mean, variance = kernel.logits(*seen)
    exact = (mass * brought).sum()
    assert mean[0] == pytest.approx(exact, abs=0.04)
    assert variance[0] == pytest.approx((mass * brought**2).sum() - exact**2, rel=0.06)


@pytest.mark.parametrize(("apart", "unsure", "weakest"), PAIRS)
@pytest.mark.parametrize("score", [0.0, 1.0])
def test_an_answer_moves_both_skills_to_their_exact_moments(apart: float, unsure: float, weakest: float, score: float) -> None:
    """Posterior means within .03 logits and sds within 4 % of quadrature; the project's bar is .05."""
    fresh = two_skills(apart, unsure)
    ability, mass = abilities(fresh)
    logit = soft_minimum(ability, weakest) - 0.4
    mass = mass * expit(logit if score else -logit)
    mass = mass / mass.sum()
    exact = np.einsum("ab,abk->k", mass, ability)
    exact_sd = np.sqrt(np.einsum("ab,abk->k", mass, ability**2) - exact**2)
    rows, learner, h = fresh.copy(), fresh_learner(1, OFF), OFF._replace(weakest=weakest)
    ground = Ground(fresh, np.zeros(0, np.int64), np.zeros(3, np.int64), np.zeros(0), np.zeros(2), np.ones(2))
    seen = (0, score, np.nan, 0.4, 0.0, 1.0, 0.0)
    kernel.step(learner, rows, np.arange(2), ground, np.array([fresh_memory(h)]), seen, Scratch.of(2, 1), h)
    mean = rows[:, 0] + rows[:, 6] * learner[4]
    sd = np.sqrt(rows[:, 1] + rows[:, 6] ** 2 * learner[5])
    np.testing.assert_allclose(mean, exact, atol=0.03)
    np.testing.assert_allclose(sd, exact_sd, rtol=0.04)


@pytest.mark.parametrize("weakest", [1.0, 12.0])
def test_many_skills_bring_about_the_mean_of_their_soft_minimum(weakest: float) -> None:
    """Four alike abilities of sd 1: within a fifth of what the soft minimum lies below that of the means (250,000 draws)."""
    rows = np.tile([0.0, 0.5, 0.0, 0.0, 0.0, -np.inf, np.sqrt(0.5)], (4, 1))
    rng = np.random.default_rng(0)
    ability = np.sqrt(0.5) * (rng.normal(size=(250_000, 4)) + rng.normal(size=(250_000, 1)))
    item = Difficulty(np.zeros(1), np.zeros(1), np.ones(1), *np.zeros((3, 1)))
    seen = (
        fresh_learner(1, OFF),
        rows,
        np.arange(4),
        np.array([0, 4]),
        np.zeros(1, np.int64),
        np.array([fresh_memory(OFF)]),
        item,
        weakest,
    )
    exact = soft_minimum(ability, weakest).mean()
    assert exact < -0.3
    assert kernel.logits(*seen)[0][0] == pytest.approx(exact, rel=0.2)


def test_one_skill_is_what_it_is_however_much_the_weakest_decides() -> None:
    rows = two_skills(0.5, 0.5)
    item = Difficulty(np.zeros(1), np.zeros(1), np.ones(1), *np.zeros((3, 1)))
    found = [
        kernel.logits(
            fresh_learner(1, OFF),
            rows,
            np.array([1]),
            np.array([0, 1]),
            np.zeros(1, np.int64),
            np.array([fresh_memory(OFF)]),
            item,
            weakest,
        )
        for weakest in (0.0, 1e6)
    ]
    assert found[0] == found[1]
    assert (found[0][0][0], found[0][1][0]) == (pytest.approx(0.7), pytest.approx(1.5))
