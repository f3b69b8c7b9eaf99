from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm

from adaptive.models.normal_logit import attenuation, interval, p_mastered

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
