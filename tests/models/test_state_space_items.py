"""What is known of an item: difficulty and discrimination are estimated together, and both are unsure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptive.domain import Attempt
from adaptive.models.checks.subject import table_of
from adaptive.models.state_space import DAY_ZERO, StateSpaceIrt
from adaptive.models.state_space.arrays import Difficulty, Sums
from adaptive.models.state_space.draws import drawn_items
from adaptive.models.state_space.item_posterior import ItemNormals, newton_step
from adaptive.models.state_space.items import common_variance
from adaptive.models.state_space.table import TableRows
from adaptive.protocols import Items


def test_a_step_goes_towards_the_two_by_two_posterior() -> None:
    """The log likelihood here is quadratic, so that nine tenths of the way are nine tenths of a step; as solved item by item."""
    rng, n = np.random.default_rng(0), 5
    weight, lever = rng.uniform(0.1, 0.3, size=(n, 40)), rng.normal(loc=1.0, size=(n, 40))
    slopes = rng.normal(size=(2, n))
    sums = Sums(slopes[0], weight.sum(axis=1), slopes[1], (weight * lever**2).sum(axis=1), (weight * lever).sum(axis=1))
    prior = ItemNormals(rng.normal(size=n), rng.normal(size=n) / 4.0, np.full(n, 0.8), np.full(n, 0.1), rng.uniform(-0.2, 0.2, size=n))
    now = prior._replace(difficulty=prior.difficulty + 0.3, log_discrimination=prior.log_discrimination - 0.2)
    found = newton_step(now, prior, sums)
    for i in range(n):
        before = np.linalg.inv([[prior.variance[i], prior.covariance[i]], [prior.covariance[i], prior.steep_variance[i]]])
        told = np.array([[sums.curvature[i], -sums.cross[i]], [-sums.cross[i], sums.discrimination_curvature[i]]])
        covariance = np.linalg.inv(before + told)
        step = covariance @ (np.array([-slopes[0, i], slopes[1, i]]) - before @ np.array([0.3, -0.2]))
        moved = found.difficulty[i] - now.difficulty[i], found.log_discrimination[i] - now.log_discrimination[i]
        np.testing.assert_allclose(moved, 0.9 * step, rtol=1e-9)
        np.testing.assert_allclose(
            (found.variance[i], found.covariance[i], found.steep_variance[i]), covariance[[0, 0, 1], [0, 1, 1]], rtol=1e-9
        )


def test_no_posterior_is_wider_than_its_prior() -> None:
    """Curvatures of single answers can be negative, so that a sum of few may be less than its cross term allows."""
    prior = ItemNormals(*np.array([[0.0, 0.0], [0.0, 0.0], [0.8, 0.8], [0.1, 0.1], [0.0, 0.1]]))
    found = newton_step(prior, prior, Sums(*np.array([[1.0, 1.0], [0.5, -0.5], [1.0, 1.0], [0.1, -3.0], [30.0, -30.0]])))
    assert (found.variance <= prior.variance + 1e-12).all()
    assert (found.steep_variance <= prior.steep_variance + 1e-12).all()
    assert (found.variance * found.steep_variance > found.covariance**2).all()


def test_draws_of_items_have_the_moments_that_are_known() -> None:
    """100,000 draws: within five standard errors of each moment; an item taken for certain is itself."""
    items = Difficulty(*np.array([[0.5, 1.0], [0.3, 0.0], [1.4, 0.8], [0.09, 0.0], [-0.1, 0.0], [0.0, 0.0]]))
    difficulty, discrimination = drawn_items(items, *np.random.default_rng(0).normal(size=(2, 100_000, 2)))
    found = np.cov(difficulty[:, 0], np.log(discrimination[:, 0]))
    np.testing.assert_allclose(found, [[0.3, -0.1], [-0.1, 0.09]], atol=5 * 0.3 * np.sqrt(2 / 100_000))
    np.testing.assert_allclose(
        (difficulty[:, 0].mean(), np.log(discrimination[:, 0]).mean()), (0.5, np.log(1.4)), atol=5 * np.sqrt(0.3 / 100_000)
    )
    np.testing.assert_array_equal(difficulty[:, 1], 1.0)
    np.testing.assert_array_equal(discrimination[:, 1], 0.8)


def test_what_a_skills_items_are_off_by_together_is_in_intervals_alone() -> None:
    """Six learners, of whom two answer three items of `b`: ability_sd^2 / 6 + skill_sd^2 (1 / 2 - 1 / 6); of `a` one item each."""
    rows = [Attempt(f"a{n}", f"l{n}", "a0", ("a",), float(n % 2), sequence=0) for n in range(6)]
    rows += [Attempt(f"b{n}-{i}", f"l{n}", f"b{i}", ("b",), float(i % 2), sequence=1 + i) for n in range(2) for i in range(3)]
    codes, h = table_of([rows[n : n + 1] + [row for row in rows[6:] if row.learner_id == f"l{n}"] for n in range(6)]).codes(), DAY_ZERO
    table = TableRows.of(codes)
    of_skills = dict(zip(table.columns.skill_ids, common_variance(table, h).tolist(), strict=True))
    assert of_skills["a"] == pytest.approx(h.ability_sd**2 / 6)
    assert of_skills["b"] == pytest.approx(h.ability_sd**2 / 6 + h.skill_sd**2 / 3)
    model = StateSpaceIrt().fit_items(codes)
    bank = replace(model.fitted.bank, common_variance=np.zeros(2))
    without, items = StateSpaceIrt()._become(replace(model.fitted, bank=bank), frozenset()), Items(("b0", "new"), (("b",), ("c",)))
    wide, narrow = (each.predict(each.initial_state(), items, None) for each in (model, without))
    np.testing.assert_array_equal(wide.p_correct, narrow.p_correct)
    assert wide.low[0] < narrow.low[0] < narrow.high[0] < wide.high[0]
    assert (wide.low[1], wide.high[1]) == (narrow.low[1], narrow.high[1])
