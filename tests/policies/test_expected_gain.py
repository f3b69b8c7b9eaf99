"""The expected-gain policy prefers what is expected to teach most where the learner is likely ready for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adaptive.policies import GAIN_SETTINGS, ExpectedGainPolicy, ThresholdPolicy, reasons_for, with_draws
from adaptive.protocols import Candidates, Floats, Forecast, Items, Outlook


def candidates(gain: Floats, z: Floats, p: Floats) -> Candidates:
    n = len(gain)
    return Candidates(
        items=Items(tuple(f"q{i}" for i in range(n)), (("s",),) * n),
        forecast=Forecast(p, np.maximum(p - 0.1, 0.01), np.minimum(p + 0.1, 0.99)),
        p_mastered=np.full(n, 0.4),
        readiness=np.ones(n),
        zone_probability=z,
        expected_gain=gain,
        outlook=Outlook(np.maximum(p - 0.1, 0.01), np.zeros(n, dtype=np.bool_)),
    )


numbers = st.lists(st.tuples(st.floats(0.001, 0.2), st.floats(0.01, 1.0), st.floats(0.05, 0.97)), min_size=1, max_size=12)


@given(numbers)
def test_it_is_a_distribution_and_more_gain_is_never_less_likely(rows: list[tuple[float, float, float]]) -> None:
    gain, z, p = np.array(rows).T
    seen = candidates(gain, z, p)
    p_choice = ExpectedGainPolicy().probabilities(seen)
    assert p_choice.shape == (len(rows),)
    np.testing.assert_allclose(p_choice.sum(), 1.0)
    first = int(np.argmax(p_choice))
    more = ExpectedGainPolicy().probabilities(replace(seen, expected_gain=np.where(np.arange(len(gain)) == first, gain * 2.0, gain)))
    assert more[first] >= p_choice[first] - 1e-12


def test_score_is_gain_times_z_times_nearness() -> None:
    """Ratios of probabilities, the even part aside, are those of E[g] Z to the power 1 / temperature."""
    policy = ExpectedGainPolicy()
    s = replace(policy.settings, floor=0.0)
    seen = candidates(np.array([0.04, 0.02]), np.array([0.6, 0.9]), np.full(2, 0.7))
    p_choice = ExpectedGainPolicy(s).probabilities(seen)
    np.testing.assert_allclose(p_choice[0] / p_choice[1], (0.04 * 0.6 / (0.02 * 0.9)) ** (1.0 / s.temperature))


def test_without_draws_and_in_other_modes_it_is_the_threshold_policy() -> None:
    seen = candidates(np.array([0.04, 0.01]), np.array([0.6, 0.9]), np.array([0.6, 0.8]))
    blind = replace(seen, expected_gain=np.full(2, np.nan), outlook=None)
    by_gain, threshold = ExpectedGainPolicy(), ThresholdPolicy(ExpectedGainPolicy().settings)
    np.testing.assert_array_equal(by_gain.probabilities(blind), threshold.probabilities(blind))
    diagnostic = replace(seen, mode="diagnostic")
    np.testing.assert_array_equal(by_gain.probabilities(diagnostic), threshold.probabilities(diagnostic))
    assert by_gain.version != threshold.version


def test_what_a_chance_takes_from_a_gain_is_told_apart_and_counts_once() -> None:
    """Where the model tells it, no target is asked: the score is log E[g] + log Z, whose part by the challenge is the log of the lesson."""
    whole = candidates(np.array([0.04, 0.04]), np.array([0.8, 0.8]), np.array([0.5, 0.9]))
    seen = with_draws(
        whole, whole.zone_probability, whole.expected_gain, np.zeros(2, dtype=np.bool_), lesson=(0.5, 2.0, -2.0), settings=GAIN_SETTINGS
    )
    policy = ExpectedGainPolicy()
    np.testing.assert_allclose(policy.score(seen), np.log(0.8 * 0.04 * np.array([1.0, 0.68])))
    by_code = {term.code: term.contribution for term in policy.weigh(seen).terms}
    np.testing.assert_allclose(by_code["below_mastery"], np.log(0.04))
    np.testing.assert_allclose(by_code["zone"], np.log([1.0, 0.68]))


def test_reasons_name_gain_readiness_and_challenge() -> None:
    seen = candidates(np.array([0.04, 0.02]), np.array([0.6, 0.9]), np.array([0.7, 0.7]))
    reasons = {reason.code: reason for reason in reasons_for(ExpectedGainPolicy().weigh(seen), 0)}
    assert set(reasons) == {"below_mastery", "prerequisite_gap", "zone", "exploration"}
    assert "60%" in reasons["prerequisite_gap"].text
    assert reasons["below_mastery"].weight > 0.0 > reasons["prerequisite_gap"].weight
