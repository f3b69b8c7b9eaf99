"""Policies of one purpose keep to it whatever is asked, and reviews are weighed by the same gain as learning."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest

from adaptive.domain import Mode
from adaptive.errors import InvalidInput
from adaptive.models.information import information_of_forecast
from adaptive.policies import (
    POLICIES,
    DiagnosticPolicy,
    EvenPolicy,
    ExpectedGainPolicy,
    ReviewPolicy,
    RuledPolicy,
    ThresholdPolicy,
    ZoneSettings,
    build_policy,
    mode_for,
    reasons_for,
)
from adaptive.protocols import Candidates, Floats, Forecast, Items, Outlook

BARE = ZoneSettings(floor=0.0)


def candidates(p_mastered: Floats, gain: Floats, mode: Mode = "learn", width: Floats | float = 0.1) -> Candidates:
    """Ready items at P(correct) .7, in the zone where they are not mastered, of intervals so wide to either side."""
    n, p = len(gain), np.full(len(gain), 0.7)
    return Candidates(
        items=Items(tuple(f"q{i}" for i in range(n)), (("s",),) * n),
        forecast=Forecast(p, p - width, p + width),
        p_mastered=p_mastered,
        readiness=np.ones(n),
        zone_probability=np.full(n, 0.8),
        expected_gain=gain,
        mode=mode,
        outlook=Outlook(p - 0.1, np.zeros(n, dtype=np.bool_)),
    )


def test_review_weighs_what_is_mastered_by_what_a_review_adds() -> None:
    """Odds are those of gain to the power 1 / temperature; what is not mastered is left out, whatever the mode."""
    seen = candidates(np.array([0.99, 0.97, 0.2]), np.array([0.02, 0.01, 0.3]))
    p_choice = ReviewPolicy(BARE).probabilities(seen)
    assert p_choice[2] == 0.0
    assert p_choice[0] / p_choice[1] == pytest.approx(2.0 ** (1.0 / BARE.temperature))
    assert reasons_for(ReviewPolicy(BARE).weigh(seen), 0)[0].code == "review_due"
    learner = candidates(np.array([0.2]), np.array([0.3]))
    assert reasons_for(ReviewPolicy(BARE).weigh(learner), 0)[-1].text.startswith("Nothing fits the wanted mode")


def test_diagnostic_weighs_by_nats() -> None:
    """Odds are those of the information in the answers to the power 1 / temperature, mastered or not."""
    seen = candidates(np.array([0.99, 0.2, 0.2]), np.full(3, 0.1), width=np.array([0.05, 0.1, 0.2]))
    nats = information_of_forecast(seen.forecast)
    p_choice = DiagnosticPolicy(BARE).probabilities(seen)
    assert p_choice / p_choice[0] == pytest.approx((nats / nats[0]) ** (1.0 / BARE.temperature))
    (told,) = reasons_for(DiagnosticPolicy(BARE).weigh(seen), 2)
    assert (told.code, told.value) == ("information_gain", nats[2])
    assert told.weight == pytest.approx(log(nats[2]) - np.log(nats).mean())


def test_in_mode_mixed_reviews_compete_by_the_same_gain() -> None:
    """A review worth as much as learning is E[gain] Z of it, and one worth less than half the best gain is left out."""
    seen = candidates(np.array([0.2, 0.99, 0.99]), np.array([0.04, 0.032, 0.01]), mode="mixed")
    p_choice = ExpectedGainPolicy(BARE).probabilities(seen)
    assert p_choice == pytest.approx([0.5, 0.5, 0.0])  # .04 x .8 = .032
    assert {reason.code for reason in reasons_for(ExpectedGainPolicy(BARE).weigh(seen), 1)} >= {"review_due"}
    without = replace(seen, expected_gain=np.full(3, np.nan))
    assert ExpectedGainPolicy(BARE).probabilities(without).tolist() == ThresholdPolicy(BARE).probabilities(without).tolist()


def test_random_is_even_over_what_is_allowed_for_each_learner() -> None:
    seen = candidates(np.full(3, 0.2), np.full(3, 0.1))
    assert EvenPolicy().probabilities(seen).tolist() == [1.0 / 3.0] * 3
    two = np.full((2, 3), 0.5)
    at_once = replace(seen, p_mastered=two, allowed=np.array([[True, True, False], [False, False, True]]))
    assert EvenPolicy().probabilities(at_once).tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    (told,) = reasons_for(EvenPolicy().weigh(seen), 0)
    assert (told.code, told.weight, told.value) == ("exploration", 0.0, 1.0)


def test_a_policy_of_one_mode_decides_in_it() -> None:
    assert mode_for(RuledPolicy(ReviewPolicy()), "learn") == "review"
    assert mode_for(DiagnosticPolicy(), "mixed") == "diagnostic"
    assert mode_for(RuledPolicy(ThresholdPolicy()), "mixed") == "mixed"


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_name_makes_its_policy(name: str) -> None:
    assert build_policy(name).name == name
    with pytest.raises(InvalidInput):
        build_policy(name, {"no_such_setting": 1.0})
