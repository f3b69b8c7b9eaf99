from __future__ import annotations

import immutables
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm

from adaptive.models.normal_logit import ANSWER_INFORMATION, attenuation, interval, p_mastered
from adaptive.models.prior_offsets import start_offsets, update_offsets
from adaptive.protocols import AbilityPrior, Floats, Skills

logits, variances = st.floats(-4.0, 4.0), st.floats(0.01, 6.0)


@given(logits, variances)
def test_the_mean_of_expit_is_approximated_to_two_hundredths(centre: float, variance: float) -> None:
    """The tolerance is the module's claim; the oracle integrates over 400 quantiles."""
    x = norm.ppf((np.arange(400) + 0.5) / 400, loc=centre, scale=np.sqrt(variance))
    assert expit(centre / attenuation(variance)) == pytest.approx(expit(x).mean(), abs=0.02)


@given(logits, variances)
def test_mastery_is_the_upper_tail_of_the_latent_logit(marginal: float, variance: float) -> None:
    centre = marginal * attenuation(variance)
    found = p_mastered(np.array([marginal]), np.array([variance]))[0]
    assert found == pytest.approx(norm.sf(np.log(4.0), loc=centre, scale=np.sqrt(variance)), abs=1e-12)


@given(logits, variances)
def test_intervals_hold_their_mean_and_nine_tenths_of_the_rest(marginal: float, variance: float) -> None:
    low, high = (float(end[0]) for end in interval(np.array([marginal]), np.array([variance])))
    assert low <= expit(marginal) <= high
    centre, scale = marginal * attenuation(variance), np.sqrt(variance)
    inside = norm.cdf(np.log(high / (1 - high)), centre, scale) - norm.cdf(np.log(low / (1 - low)), centre, scale)
    assert inside >= 0.9 - 1e-6


def placed(mean: float, variance: float) -> immutables.Map[str, tuple[float, float]]:
    prior = AbilityPrior(("a", "b"), np.array([mean, mean]), variance * np.eye(2))
    return start_offsets(prior, lambda skills: np.full(len(skills), 0.3))


def test_an_offset_starts_where_the_placement_expects() -> None:
    offset, variance = placed(1.2, 0.5)["a"]
    assert expit(0.3 + offset) == pytest.approx(expit(1.2 / attenuation(0.5)))
    assert variance == 0.5


def test_no_placement_has_no_offsets() -> None:
    assert start_offsets(None, lambda skills: np.zeros(len(skills))) == immutables.Map()
    assert start_offsets(AbilityPrior((), np.zeros(0), np.zeros((0, 0))), lambda skills: np.zeros(len(skills))) == immutables.Map()


def test_after_n_answers_the_placement_weighs_n0_of_n0_plus_n() -> None:
    """Linear case: answers of information .2 that say 0 each leave offset n0 / (n0 + n) of where it was."""
    offsets, p_correct = placed(1.2, 1.0), (1 + np.sqrt(1 - 4 * ANSWER_INFORMATION)) / 2  # p (1 - p) = .2
    start, n0, n = offsets["a"][0], 1 / ANSWER_INFORMATION, 10
    for _ in range(n):
        now = offsets["a"][0]
        offsets = update_offsets(offsets, ("a",), p_correct=p_correct, score=p_correct - ANSWER_INFORMATION * now)
    assert offsets["a"][0] == pytest.approx(start * n0 / (n0 + n))
    assert offsets["a"][1] == pytest.approx(1 / (1 + ANSWER_INFORMATION * n))
    assert offsets["b"] == placed(1.2, 1.0)["b"]


@given(st.floats(0.01, 0.99))
def test_right_answers_raise_and_wrong_ones_lower_an_offset(p_correct: float) -> None:
    before = placed(0.5, 1.0)
    right, wrong = (update_offsets(before, ("a", "new"), p_correct=p_correct, score=score) for score in (1.0, 0.0))
    assert right["a"][0] > before["a"][0] > wrong["a"][0]
    assert "new" not in right


def test_own_logits_are_asked_of_the_placed_skills() -> None:
    def own_logit(skills: Skills) -> Floats:
        return np.array([{"x": 1.0, "y": -1.0}[skill_id] for skill_id in skills.skill_ids])

    offsets = start_offsets(AbilityPrior(("x", "y"), np.zeros(2), np.eye(2)), own_logit)
    assert (offsets["x"][0], offsets["y"][0]) == (-1.0, 1.0)
