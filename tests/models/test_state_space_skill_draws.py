"""Draws of skills alone are those of the model's own draws, for one learner as for many."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adaptive.models import replay
from adaptive.models.checks.data import TINY_SKILLS, tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.state_space import DAY_ZERO, StateSpaceIrt
from adaptive.models.state_space.arrays import SLOPE
from adaptive.models.state_space.asked import LearnerThen, then
from adaptive.models.state_space.skill_draws import n_normals, rise, skill_draws
from adaptive.protocols import Floats, Items, SkillDraws

N = 40_000


@pytest.fixture(scope="module")
def fitted() -> StateSpaceIrt:
    return StateSpaceIrt().fit(table_of([tiny_attempts(np.random.default_rng(n))[0] for n in range(3)]))


def learner(model: StateSpaceIrt, seed: int) -> LearnerThen:
    state = replay(model, tiny_attempts(np.random.default_rng(seed))[0])
    fresh = model.fitted.skills.fresh(model.hyperparameters)[model.fitted.skills.skills.codes(TINY_SKILLS.skill_ids)]
    return then(state, TINY_SKILLS.skill_ids, fresh, float("nan"), model.hyperparameters)


def drawn(model: StateSpaceIrt, known: LearnerThen, normals: Floats) -> SkillDraws:
    typical = model.fitted.bank.typical(TINY_SKILLS.skill_ids)
    return skill_draws(known.vector, known.skills, typical, normals, 14.0, model.hyperparameters)


def normals_for(known: LearnerThen, n: int) -> Floats:
    return np.random.default_rng(1).standard_normal((n, n_normals(len(known.skills), known.skills.shape[1] - SLOPE)))


def test_success_and_gain_are_distributed_as_in_the_models_draws(fitted: StateSpaceIrt) -> None:
    """Means within 5 standard errors, and correlations between skills within .04, of 40,000 draws each (seeds 1 and 2)."""
    state, known = replay(fitted, tiny_attempts(np.random.default_rng(7))[0]), learner(fitted, 7)
    own = fitted.draw(state, Items((), ()), TINY_SKILLS, n=N, at=None, rng=np.random.default_rng(2))
    found = drawn(fitted, known, normals_for(known, N))
    error = 5.0 * np.sqrt(2.0 / N) * own.skill_success.std(axis=0)
    assert np.all(np.abs(found.success.mean(axis=0) - own.skill_success.mean(axis=0)) < error)
    np.testing.assert_allclose(np.corrcoef(found.success.T), np.corrcoef(own.skill_success.T), atol=0.04)


def test_the_gain_is_that_of_the_typical_item(fitted: StateSpaceIrt) -> None:
    """An item that nobody met is as hard as its skill's typical one: mean gains agree within 5 standard errors and 7 % (seeds 1, 2)."""
    state, known = replay(fitted, tiny_attempts(np.random.default_rng(7))[0]), learner(fitted, 7)
    items = Items(tuple(f"new-{skill_id}" for skill_id in TINY_SKILLS.skill_ids), tuple((skill_id,) for skill_id in TINY_SKILLS.skill_ids))
    own = fitted.expected_gain(
        fitted.draw(state, items, TINY_SKILLS, n=N, at=None, rng=np.random.default_rng(2)), items, timedelta(days=14)
    )
    found = drawn(fitted, known, normals_for(known, N)).gain
    error = 5.0 * np.sqrt(2.0 / N) * np.maximum(own.std(axis=0), 1e-6)
    guessed = 0.07 * own.mean(axis=0)  # guessing lifts success on an item above that of its skill, and with it the gain
    assert np.all(np.abs(found.mean(axis=0) - own.mean(axis=0)) < error + guessed)


def test_many_learners_at_once_are_each_as_alone(fitted: StateSpaceIrt) -> None:
    alone = [learner(fitted, seed) for seed in (3, 4)]
    normals = normals_for(alone[0], 20)
    together = LearnerThen(np.stack([one.vector for one in alone]), np.stack([one.skills for one in alone]), alone[0].memories)
    found = drawn(fitted, together, normals)
    assert found.success.shape == (2, 20, len(TINY_SKILLS))
    for row, one in enumerate(alone):
        expected = drawn(fitted, one, normals)
        np.testing.assert_allclose(found.success[row], expected.success, atol=1e-12)
        np.testing.assert_allclose(found.gain[row], expected.gain, atol=1e-12)


def test_an_attempt_never_takes_away_and_teaches_less_each_time() -> None:
    h = DAY_ZERO._replace(saturation=0.5, skill_form_kept=0.5)
    form, p = np.array([-1.0, 0.0, 50.0]), np.full(3, 0.6)
    first, later = (rise(p, form, np.full(3, n), h) for n in (0.0, 20.0))
    assert np.all(later > 0.0)
    assert np.all(first > later)
    assert np.all(np.diff(first) <= 0.0)  # the more form there is, the less can be lent
