"""The policy gives a distribution, the drawing keeps its propensities, the zone always finds something."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adaptive.domain import Reason
from adaptive.policies import ThresholdPolicy, Weigher, ZoneSettings, draw_slate, find_zone, reasons_for, take, zone_probability
from adaptive.policies.modes import MODES
from adaptive.protocols import Candidates, Floats, Forecast, Items

SETTINGS = ZoneSettings()


def candidates_of(p_correct: Floats, p_mastered: Floats, readiness: Floats, mode: str = "learn", width: float = 0.1) -> Candidates:
    n = len(p_correct)
    items = Items(tuple(f"q{i}" for i in range(n)), tuple((f"s{i % 3}",) for i in range(n)))
    forecast = Forecast(p_correct, np.maximum(p_correct - width, 1e-6), np.minimum(p_correct + width, 1 - 1e-6))
    zone = zone_probability(p_mastered, readiness)
    return Candidates(items, forecast, p_mastered, readiness, zone, np.full(n, np.nan), mode)  # type: ignore[arg-type]  # mode is drawn from MODES


def reasons(policy: Weigher, candidates: Candidates, index: int) -> tuple[Reason, ...]:
    return reasons_for(policy.weigh(candidates), index)


@st.composite
def any_candidates(draw: st.DrawFn) -> Candidates:
    n = draw(st.integers(1, 12))
    column = arrays(np.float64, n, elements=st.floats(0.001, 0.999))
    return candidates_of(draw(column), draw(column), draw(column), draw(st.sampled_from(sorted(MODES))), draw(st.floats(0.0, 0.4)))


@given(any_candidates())
def test_probabilities_are_a_distribution_over_the_zone_with_a_floor(candidates: Candidates) -> None:
    policy = ThresholdPolicy()
    p_choice, members = policy.probabilities(candidates), policy.zone(candidates).members
    assert p_choice.sum() == pytest.approx(1.0, abs=1e-12)  # rounding of at most twelve additions
    assert (p_choice[members] >= SETTINGS.floor / members.sum() - 1e-12).all()
    assert (p_choice[~members] == 0.0).all()


@given(any_candidates(), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_slate_has_no_repeats_and_reports_the_propensity_it_was_drawn_with(candidates: Candidates, k: int, seed: int) -> None:
    policy = ThresholdPolicy()
    slate = draw_slate(policy, candidates, k, np.random.default_rng(seed))
    indexes = [drawn.index for drawn in slate]
    assert len(indexes) == min(k, len(candidates.items)) == len(set(indexes))
    left = list(range(len(candidates.items)))
    for drawn in slate:
        p_choice = policy.probabilities(take(candidates, np.array(left)))
        assert drawn.propensity == pytest.approx(p_choice[left.index(drawn.index)], abs=1e-15)
        assert drawn.propensity > 0.0
        left.remove(drawn.index)


def test_probabilities_are_the_stated_softmax() -> None:
    """log[(1 - P(mastered)) readiness^2] - ((P(correct) - .70) / .15)^2 / 2 at temperature .5, and a tenth spread evenly."""
    p_correct, p_mastered, readiness = [0.6, 0.7, 0.8], [0.1, 0.5, 0.2], [0.7, 0.9, 1.0]
    columns = zip(p_correct, p_mastered, readiness, strict=True)
    weights = [exp(2.0 * (log((1.0 - m) * r**2) - ((p - 0.70) / 0.15) ** 2 / 2.0)) for p, m, r in columns]
    expected = [0.9 * weight / sum(weights) + 0.1 / 3 for weight in weights]
    told = ThresholdPolicy().probabilities(candidates_of(*map(np.array, (p_correct, p_mastered, readiness))))
    assert told.tolist() == pytest.approx(expected, rel=1e-12)


def test_draw_frequencies_match_propensities() -> None:
    """Chi-square with 3 degrees of freedom at the 1e-4 level: false-alarm rate 1 in 10,000, seed fixed."""
    candidates = candidates_of(np.array([0.55, 0.65, 0.75, 0.85]), np.array([0.1, 0.5, 0.3, 0.7]), np.ones(4))
    policy, rng, n = ThresholdPolicy(), np.random.default_rng(7), 4_000
    expected = policy.probabilities(candidates) * n
    counts = np.bincount([draw_slate(policy, candidates, 1, rng)[0].index for _ in range(n)], minlength=4)
    assert ((counts - expected) ** 2 / expected).sum() < 21.1


def test_same_seed_draws_the_same_slate() -> None:
    candidates = candidates_of(np.linspace(0.5, 0.9, 9), np.full(9, 0.4), np.ones(9))
    first, second = (draw_slate(ThresholdPolicy(), candidates, 5, np.random.default_rng(3)) for _ in range(2))
    assert first == second


def test_zone_prefers_ready_unmastered_items_in_the_band() -> None:
    p_correct = np.array([0.7, 0.7, 0.7, 0.3, 0.95])
    p_mastered = np.array([0.2, 0.99, 0.2, 0.2, 0.2])
    readiness = np.array([0.9, 0.9, 0.3, 0.9, 0.9])
    assert find_zone(candidates_of(p_correct, p_mastered, readiness), SETTINGS).members.tolist() == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("p_correct", "p_mastered", "readiness", "relaxed"),
    [
        (0.70, 0.2, 0.9, ()),
        (0.95, 0.2, 0.9, ("upper bound",)),
        (0.70, 0.2, 0.3, ("readiness",)),
        (0.40, 0.2, 0.9, ("lower bound",)),
        (0.10, 0.2, 0.9, ("unmastered",)),
        (0.70, 0.99, 0.9, ("anything",)),
    ],
)
def test_empty_zone_relaxes_in_the_stated_order_and_says_so(
    p_correct: float, p_mastered: float, readiness: float, relaxed: tuple[str, ...]
) -> None:
    candidates = candidates_of(np.array([p_correct]), np.array([p_mastered]), np.array([readiness]))
    assert find_zone(candidates, SETTINGS).relaxed == relaxed
    texts = [reason.text for reason in reasons(ThresholdPolicy(), candidates, 0) if reason.code == "exploration"]
    assert len(texts) == len(relaxed)


def test_a_wide_interval_is_not_taken_for_challenge() -> None:
    """P(correct) .55 that may as well be .15 is ignorance: the known .55 is in the zone, the guessed one is not."""
    known = candidates_of(np.array([0.55, 0.55]), np.full(2, 0.2), np.ones(2))
    wide = replace(known, forecast=Forecast(known.forecast.p_correct, np.array([0.45, 0.15]), known.forecast.high))
    assert find_zone(wide, SETTINGS).members.tolist() == [True, False]


def test_the_ends_of_a_two_state_forecast_are_no_doubt_about_the_challenge() -> None:
    """Guess .15 and 1 - slip .9: the low end is the guess itself, so it must not empty the zone."""
    seen = candidates_of(np.array([0.7]), np.array([0.6]), np.ones(1))
    two_state = replace(seen, forecast=Forecast(seen.forecast.p_correct, np.array([0.15]), np.array([0.9]), is_two_state=True))
    assert find_zone(two_state, SETTINGS).relaxed == ()
    assert find_zone(replace(two_state, forecast=replace(two_state.forecast, is_two_state=False)), SETTINGS).relaxed != ()


def test_later_ranks_say_what_had_to_be_relaxed_for_them() -> None:
    seen = candidates_of(np.array([0.7, 0.97, 0.2]), np.full(3, 0.2), np.ones(3))
    slate = draw_slate(ThresholdPolicy(), seen, 3, np.random.default_rng(0))
    relaxed = [[reason.text for reason in drawn.reasons if reason.code == "exploration"] for drawn in slate]
    assert [drawn.index for drawn in slate] == [0, 1, 2]
    assert [len(texts) for texts in relaxed] == [0, 1, 1]
    assert relaxed[1] != relaxed[2]


def test_settings_are_part_of_the_version() -> None:
    assert ThresholdPolicy().version == ThresholdPolicy().version
    assert ThresholdPolicy().version != ThresholdPolicy(replace(SETTINGS, target=0.6)).version


def test_review_takes_mastered_items_and_falls_back_when_there_are_none() -> None:
    policy = ThresholdPolicy()
    mixed = candidates_of(np.array([0.7, 0.8]), np.array([0.2, 0.99]), np.ones(2), "review")
    assert policy.probabilities(mixed).tolist() == [0.0, 1.0]
    none_mastered = candidates_of(np.array([0.1]), np.array([0.2]), np.ones(1), "review")
    assert policy.zone(none_mastered).relaxed == ("mode", "unmastered")


def test_the_first_reason_is_what_speaks_most_for_the_item() -> None:
    """Rather mastered, ready and at the target rate: its challenge is why it was chosen, not its mastery."""
    seen = candidates_of(np.array([0.7, 0.52, 0.88]), np.array([0.6, 0.2, 0.2]), np.ones(3))
    assert reasons(ThresholdPolicy(), seen, 0)[0].code == "zone"
    assert reasons(ThresholdPolicy(), seen, 1)[0].code == "below_mastery"


@pytest.mark.parametrize(
    ("mode", "p_mastered", "readiness", "codes"),
    [
        ("learn", 0.2, 0.9, {"below_mastery", "zone", "prerequisite_gap"}),
        ("learn", 0.2, 0.3, {"below_mastery", "zone", "prerequisite_gap", "exploration"}),
        ("review", 0.99, 0.9, {"review_due"}),
        ("mixed", 0.99, 0.9, {"review_due"}),
        ("mixed", 0.2, 0.9, {"below_mastery", "zone", "prerequisite_gap"}),
        ("diagnostic", 0.2, 0.9, {"information_gain"}),
    ],
)
def test_each_mode_gives_its_own_reasons(mode: str, p_mastered: float, readiness: float, codes: set[str]) -> None:
    told = reasons(ThresholdPolicy(), candidates_of(np.array([0.7]), np.array([p_mastered]), np.array([readiness]), mode), 0)
    assert {reason.code for reason in told} == codes
    assert all("%" in reason.text or reason.code == "exploration" for reason in told)


def test_every_mode_of_the_protocol_has_its_rule() -> None:
    assert set(MODES) == set(get_args(get_type_hints(Candidates)["mode"]))


def test_no_candidates_give_no_distribution_and_an_empty_slate() -> None:
    empty = candidates_of(np.zeros(0), np.zeros(0), np.zeros(0))
    assert ThresholdPolicy().probabilities(empty).shape == (0,)
    assert draw_slate(ThresholdPolicy(), empty, 3, np.random.default_rng(0)) == ()


@given(st.data(), st.sampled_from(sorted(MODES)))
def test_learners_at_once_are_each_alone_with_what_each_is_allowed(data: st.DataObject, mode: str) -> None:
    n_learners, n = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 8))
    table = arrays(np.float64, (n_learners, n), elements=st.floats(0.001, 0.999))
    allowed = data.draw(arrays(np.bool_, (n_learners, n)))
    allowed[:, 0] |= ~allowed.any(axis=1)
    p_correct, p_mastered, readiness = data.draw(table), data.draw(table), data.draw(table)
    alone = [candidates_of(*columns, mode) for columns in zip(p_correct, p_mastered, readiness, strict=True)]
    forecast = Forecast(*(np.stack([getattr(one.forecast, name) for one in alone]) for name in ("p_correct", "low", "high")))
    together = replace(
        alone[0],
        forecast=forecast,
        p_mastered=p_mastered,
        readiness=readiness,
        zone_probability=zone_probability(p_mastered, readiness),
        expected_gain=np.full((n_learners, n), np.nan),
        allowed=allowed,
    )
    p_choice = ThresholdPolicy().probabilities(together)
    for row, one, open_now in zip(p_choice, alone, allowed, strict=True):
        expected = np.zeros(n)
        expected[open_now] = ThresholdPolicy().probabilities(take(one, np.flatnonzero(open_now)))
        np.testing.assert_allclose(row, expected, rtol=0.0, atol=1e-12)  # sums of at most eight in another order
