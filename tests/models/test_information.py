from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm

from adaptive.domain import Attempt
from adaptive.models.information import information, information_of_forecast, information_of_logit
from adaptive.models.replay import replay
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Draws, Floats, Forecast, Items, Skills

means, sds, guesses = st.floats(-6.0, 6.0), st.floats(0.0, 4.0), st.floats(0.0, 0.5)


def _of(item_success: Floats) -> Draws:
    none = np.zeros((len(item_success), 0))
    return Draws((), none, item_success, none)


def _entropy(p: Floats) -> Floats:
    return np.asarray(-p * np.log(p) - (1.0 - p) * np.log1p(-p))


@given(means, sds, guesses)
def test_quadrature_agrees_with_ten_thousand_points(mean: float, sd: float, guess: float) -> None:
    """The oracle sums the definition over a fine grid; the tolerances are the module's claim."""
    x = np.linspace(-9.0, 9.0, 10_001)
    weights = norm.pdf(x) / norm.pdf(x).sum()
    p = guess + (1.0 - guess) * expit(mean + sd * x)
    p = np.clip(p, 1e-300, 1.0 - 1e-16)
    oracle = _entropy(np.array([weights @ p])) - weights @ _entropy(p)
    found = information_of_logit(np.array([mean]), np.array([sd**2]), np.array([guess]))
    assert found == pytest.approx(oracle, abs=1e-6 if sd <= 3.0 else 3e-5)


@given(means, st.floats(0.0, 3.9), st.floats(0.01, 0.1))
def test_more_doubt_about_the_logit_never_tells_less_around_even_chances(mean: float, sd: float, more: float) -> None:
    """Where the mean is 0 the information rises with the spread; it is never below 0 nor above ln 2 anywhere."""
    narrow, wide = information_of_logit(np.zeros(2), np.array([sd**2, (sd + more) ** 2]))
    assert narrow < wide
    assert 0.0 <= information_of_logit(np.array([mean]), np.array([sd**2]))[0] <= np.log(2.0)


@given(st.floats(-3.0, 3.0), st.floats(0.0, 2.5), st.floats(0.0, 0.25))
def test_the_forecast_alone_tells_nearly_as_much(mean: float, sd: float, guess: float) -> None:
    """Tolerances are the function's claim; the mean of the forecast plays no part where an interval does."""
    low, high = (guess + (1.0 - guess) * expit(np.array([mean + sign * 1.6448536 * sd])) for sign in (-1.0, 1.0))
    found = information_of_forecast(Forecast((low + high) / 2.0, low, high))
    exact = information_of_logit(np.array([mean]), np.array([sd**2]), np.array([guess]))
    assert found == pytest.approx(exact, abs=4e-3 if sd <= 1.0 else 3.5e-2)


@given(st.floats(0.01, 0.4), st.floats(0.6, 0.99), st.floats(0.06, 0.94))
def test_a_forecast_of_two_states_tells_exactly_what_they_differ_in(low: float, high: float, p_known: float) -> None:
    p, ends = low + (high - low) * p_known, np.array([low, high])
    expected = _entropy(np.array([p])) - _entropy(ends) @ np.array([1.0 - p_known, p_known])
    found = information_of_forecast(Forecast(np.array([p]), ends[:1], ends[1:], is_two_state=True))
    assert found == pytest.approx(np.maximum(expected, 0.0), abs=1e-9)  # rounding


def test_of_two_states_one_of_which_is_left_out_the_other_is_guessed() -> None:
    """Guess .2, slip .1, known with .05 and .95: .054 and .042 nats; told within .015, since the other end is taken for .8 and .1."""
    p, low, high = np.array([0.235, 0.865]), np.array([0.2, 0.865]), np.array([0.235, 0.9])
    found = information_of_forecast(Forecast(p, low, high, is_two_state=True))
    ends, known = np.array([0.2, 0.9]), np.array([[0.05], [0.95]])
    exact = _entropy(p) - (np.hstack([1.0 - known, known]) @ _entropy(ends))
    assert found == pytest.approx(exact, abs=0.015)


def test_a_small_variance_counts_by_the_fisher_information() -> None:
    """The next term of the series is of the order of the variance squared, 1e-8."""
    mean = np.array([-2.0, 0.0, 1.0])
    success = expit(mean)
    assert information_of_logit(mean, np.full(3, 1e-4)) == pytest.approx(0.5e-4 * success * (1.0 - success), abs=1e-8)


def test_draws_agree_with_the_quadrature() -> None:
    """20,000 draws with a fixed seed; the standard error is at most .002 nats, so that four of them alarm falsely once in 15,000."""
    mean, sd, guess = np.array([-1.0, 0.0, 2.0]), np.array([0.5, 1.0, 2.0]), np.array([0.0, 0.25, 0.0])
    x = mean + sd * np.random.default_rng(0).normal(size=(20_000, 3))
    assert information(_of(guess + (1.0 - guess) * expit(x))) == pytest.approx(information_of_logit(mean, sd**2, guess), abs=8e-3)


def test_what_is_certain_tells_nothing() -> None:
    assert information(_of(np.tile([0.0, 0.3, 1.0], (7, 1)))) == pytest.approx(np.zeros(3), abs=1e-15)
    assert information_of_logit(np.array([0.0, -30.0]), np.zeros(2)) == pytest.approx(np.zeros(2), abs=1e-15)


def test_two_certain_and_opposed_draws_tell_a_bit() -> None:
    assert information(_of(np.array([[0.0], [1.0]]))) == pytest.approx([np.log(2.0)])


def test_the_cores_draws_and_its_logits_tell_the_same() -> None:
    """5,000 draws, tolerance four standard errors; a practised skill leaves less to be told at equal chances."""
    model = StateSpaceIrt()
    history = [Attempt(f"a{n}", "ann", f"q{n}", ("old",), correct=float(n % 2)) for n in range(40)]
    state = replay(model, history)
    items = Items(("q-old", "q-new"), (("old",), ("new",)))
    drawn = information(model.draw(state, items, Skills(("old",)), n=5_000, at=None, rng=np.random.default_rng(0)))
    mean, variance = model.item_logits(state, items, None)
    by_logit = information_of_logit(mean, variance, model.hyperparameters.guess)
    at_equal_chances = information_of_logit(np.zeros(2), variance, model.hyperparameters.guess)
    assert at_equal_chances[0] < at_equal_chances[1]
    assert drawn == pytest.approx(by_logit, abs=0.015)
