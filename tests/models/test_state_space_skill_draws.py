"""Draws of skills alone are those of the model's own draws, for one learner as for many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf, nan

import numpy as np
import pytest
from numpy.polynomial.polynomial import polyval

from adaptive.catalog import Catalog
from adaptive.domain import READY_AT, Item, Prerequisite, Skill
from adaptive.models import replay
from adaptive.models.checks.data import TINY_SKILLS, tiny_attempts
from adaptive.models.checks.subject import table_of
from adaptive.models.state_space import DAY_ZERO, OFF, StateSpaceIrt
from adaptive.models.state_space.arrays import HOUR, SLOPE, Ground
from adaptive.models.state_space.asked import LearnerThen, then
from adaptive.models.state_space.skill_draws import Learning, learning_rate, lesson_of, n_normals, readiness, rise, skill_draws, spaced
from adaptive.policies.outlook import lesson_at
from adaptive.protocols import Floats, Items, SkillDraws

N = 40_000
AT = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
"""A little after the last attempt of all."""

DIFFICULTIES = (-3.0, -1.5, 0.0, 1.5, 3.0)
ITEMS = Items(
    tuple(f"{level}-{skill_id}" for level in range(len(DIFFICULTIES)) for skill_id in TINY_SKILLS.skill_ids),
    tuple((skill_id,) for _ in DIFFICULTIES for skill_id in TINY_SKILLS.skill_ids),
)
"""An item of each difficulty and skill."""


@pytest.fixture(scope="module")
def fitted() -> StateSpaceIrt:
    edges = (Prerequisite("halves", "quarters"), Prerequisite("halves", "sums", 0.6), Prerequisite("quarters", "sums"))
    skills = tuple(Skill(skill_id, difficulty=0.0) for skill_id in TINY_SKILLS.skill_ids)
    of_items = zip(ITEMS.item_ids, ITEMS.skill_ids, np.repeat(DIFFICULTIES, len(skills)).tolist(), strict=True)
    items = tuple(Item(item_id, skill_ids, difficulty=difficulty) for item_id, skill_ids, difficulty in of_items)
    catalog = Catalog("c", skills=skills, items=items, prerequisites=edges)
    h = DAY_ZERO._replace(gain_right=0.4, gain_wrong=0.3, rate_sd=0.8, gate=2.0, massing=0.6, challenge=0.5)
    return StateSpaceIrt(catalog, hyperparameters=h).fit(table_of([tiny_attempts(np.random.default_rng(n))[0] for n in range(3)]))


def ground(model: StateSpaceIrt) -> Ground:
    of_skills, typical = model.fitted.skills, model.fitted.bank.typical(TINY_SKILLS.skill_ids)
    return of_skills.ground(TINY_SKILLS.skill_ids, of_skills.fresh(model.hyperparameters), typical)


def learner(model: StateSpaceIrt, seed: int) -> LearnerThen:
    state = replay(model, tiny_attempts(np.random.default_rng(seed))[0])
    return then(state, TINY_SKILLS.skill_ids, ground(model).fresh, AT.timestamp(), model.hyperparameters)


def drawn(model: StateSpaceIrt, known: LearnerThen, normals: Floats) -> SkillDraws:
    return skill_draws(known.vector, known.skills, ground(model), normals, AT.timestamp(), 14.0, model.hyperparameters)


def normals_for(known: LearnerThen, n: int) -> Floats:
    return np.random.default_rng(1).standard_normal((n, n_normals(len(known.skills), known.skills.shape[1] - SLOPE)))


def test_success_and_gain_are_distributed_as_in_the_models_draws(fitted: StateSpaceIrt) -> None:
    """Means within 5 standard errors, and correlations between skills within .04, of 40,000 draws each (seeds 1 and 2)."""
    state, known = replay(fitted, tiny_attempts(np.random.default_rng(7))[0]), learner(fitted, 7)
    own = fitted.draw(state, Items((), ()), TINY_SKILLS, n=N, at=AT, rng=np.random.default_rng(2))
    found = drawn(fitted, known, normals_for(known, N))
    error = 5.0 * np.sqrt(2.0 / N) * own.skill_success.std(axis=0)
    assert np.all(np.abs(found.success.mean(axis=0) - own.skill_success.mean(axis=0)) < error)
    np.testing.assert_allclose(np.corrcoef(found.success.T), np.corrcoef(own.skill_success.T), atol=0.04)


@pytest.mark.parametrize("seed", [3, 4, 7])
def test_the_gain_at_its_best_and_the_lesson_are_the_gain_of_each_item(fitted: StateSpaceIrt, seed: int) -> None:
    """Items of difficulty -3 to 3 that nobody met, means of 40,000 draws: the lesson at the forecast is within 10 % from P = .6 on.

    Below it says too much, up to twice as much at P = .1: what form falls back by does not shrink with the lift, and guesses teach less.
    The item of a skill that it says to teach most teaches at least .85 of the most: it leans to harder ones.
    """
    state, known = replay(fitted, tiny_attempts(np.random.default_rng(seed))[0]), learner(fitted, seed)
    own = fitted.expected_gain(fitted.draw(state, ITEMS, TINY_SKILLS, n=N, at=AT, rng=np.random.default_rng(2)), ITEMS, timedelta(days=14))
    p_correct, found = fitted.predict(state, ITEMS, AT).p_correct, drawn(fitted, known, normals_for(known, N))
    said = np.tile(found.gain.mean(axis=0), len(DIFFICULTIES)) * lesson_at(p_correct, found.lesson)
    ratio = said / own.mean(axis=0)
    likely = p_correct >= 0.6
    assert 0 < likely.sum() < len(likely)
    np.testing.assert_allclose(ratio[likely], 1.0, atol=0.1)
    assert np.all((ratio > 0.95) & (ratio < 2.0))
    said, own = (each.reshape(len(DIFFICULTIES), len(TINY_SKILLS)) for each in (said, own.mean(axis=0)))
    assert np.all(own[said.argmax(axis=0), range(len(TINY_SKILLS))] > 0.85 * own.max(axis=0))


def test_the_lesson_is_1_at_the_chance_that_teaches_most() -> None:
    """By challenge alone at .5; by right answers alone at 1; where nothing teaches every item is alike."""
    h = OFF._replace(gain_right=0.4, gain_wrong=0.4)
    for lessons, best in ((h._replace(challenge=1.0), 0.5), (h._replace(gain_wrong=0.0), 1.0), (h._replace(gain_right=0.2), 0.0)):
        lesson, found = lesson_of(14.0, lessons)
        assert found == pytest.approx(best)
        assert polyval(best, lesson) == pytest.approx(1.0)
    assert lesson_of(14.0, OFF) == ((1.0,), 0.5)


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
    form, p, ones = np.array([-1.0, 0.0, 50.0]), np.full(3, 0.6), np.ones(3)
    first, later = (rise(p, p, Learning(form, np.full(3, n), ones, ones, ones), 0.0, h) for n in (0.0, 20.0))
    assert np.all(later > 0.0)
    assert np.all(first > later)
    assert np.all(np.diff(first) <= 0.0)  # the more form there is, the less can be lent


def test_a_rise_goes_with_rate_readiness_spacing_and_challenge() -> None:
    """Without forms: gain (1 - c + c 4 p (1 - p)) times each of them; a chance of .5 teaches most."""
    h = OFF._replace(gain_right=0.4, gain_wrong=0.4, challenge=0.5)
    p = np.array([0.5, 0.9, 0.02])
    found = rise(np.full(3, 0.7), p, Learning(np.zeros(3), np.zeros(3), np.full(3, 1.5), np.full(3, 0.8), np.full(3, 0.6)), 0.0, h)
    np.testing.assert_allclose(found, 0.4 * 1.5 * 0.8 * 0.6 * (0.5 + 0.5 * 4.0 * p * (1.0 - p)), rtol=1e-12)
    assert found.argmax() == 0


def test_what_is_lent_and_what_is_gained_last_by_their_own_exponents() -> None:
    h = OFF._replace(gain_right=0.4, skill_form_right=0.6, skill_form_kept=1.0, skill_forgetting=0.5, skill_form_forgetting=1.0)
    once = Learning(np.zeros(1), np.zeros(1), np.ones(1), np.ones(1), np.ones(1))
    found = rise(np.ones(1), np.ones(1), once, 1.0, h._replace(time_scale=86400.0))
    assert found[0] == pytest.approx(0.4 / np.sqrt(2.0) + 0.6 / 2.0)


def test_no_draw_of_a_learner_unlearns() -> None:
    factors = np.array([[3.0, -9.0], [3.0, 0.0], [3.0, 2.0]])
    np.testing.assert_allclose(learning_rate(factors, OFF._replace(rate_sd=0.5)), [0.0, 1.0, 2.0])


def test_a_skill_is_ready_by_the_weakest_that_it_builds_on() -> None:
    nothing = np.zeros((3, SLOPE + 1))
    edges = Ground(nothing, np.array([0, 0, 1]), np.array([0, 0, 1, 3]), np.array([1.0, 0.5, 1.0]), np.zeros(3), np.ones(3))
    found = readiness(np.array([[0.2, 0.9, 0.0], [0.95, 0.4, 0.0]]), edges)
    np.testing.assert_allclose(found, [[1.0, 0.2 / READY_AT, 0.6 / READY_AT], [1.0, 1.0, 0.4 / READY_AT]])


def test_what_massing_takes_is_half_back_within_an_hour() -> None:
    """All of it at once, none where a time is unknown or nothing was practised."""
    found = spaced(np.array([0.0, 0.0, -inf]), HOUR, OFF._replace(massing=0.6))
    np.testing.assert_allclose(found, [0.7, 0.7, 1.0])
    np.testing.assert_allclose(spaced(np.array([HOUR, 2.0 * HOUR]), HOUR, OFF._replace(massing=0.6)), [0.4, 0.4])
    np.testing.assert_allclose(spaced(np.zeros(1), nan, OFF._replace(massing=0.6)), [1.0])
