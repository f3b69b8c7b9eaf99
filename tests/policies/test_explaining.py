"""Every choice is explained: named terms that sum to the score it was weighed by, and why the next best was not chosen."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.domain import Reason
from adaptive.policies import (
    ExpectedGainPolicy,
    Place,
    RuledPolicy,
    RuleSettings,
    Term,
    ThresholdPolicy,
    Weigher,
    Weighing,
    ZoneSettings,
    draw_slate,
    reasons_for,
    runner_up_to,
    session_rules,
    weigh,
)
from adaptive.protocols import Candidates, Floats
from tests.policies.moments import Moment, any_moment, plain, ruled

ROUNDING = 1e-6  # of logarithms of probabilities down to 1e-12 and their sums; a weight below 1e-9 is not told
CODES = {
    "below_mastery",
    "prerequisite_gap",
    "zone",
    "review_due",
    "information_gain",
    "plan_step",
    "teacher_pin",
    "variety",
    "exploration",
}


def total(reasons: tuple[Reason, ...]) -> float:
    return sum(reason.weight for reason in reasons)


def gained(candidates: Candidates, gain: Floats) -> Candidates:
    """The same where expected gain is known."""
    return replace(candidates, expected_gain=gain)


@st.composite
def any_weighed(draw: st.DrawFn) -> tuple[Moment, Weigher]:
    moment = draw(any_moment())
    gain = np.array(draw(st.lists(st.floats(1e-4, 0.1), min_size=len(moment.candidates.items), max_size=len(moment.candidates.items))))
    policy = draw(st.sampled_from([ThresholdPolicy(), ExpectedGainPolicy()]))
    known = draw(st.booleans())
    moment = replace(moment, candidates=gained(moment.candidates, gain)) if known else moment
    share = draw(st.sampled_from([0.0, 0.05]))
    under_rules = RuledPolicy(policy, ruled(moment, share).rules).during(moment.session)
    return moment, draw(st.sampled_from([policy, under_rules]))


@given(any_weighed())
def test_the_terms_sum_to_the_score_by_which_the_item_was_weighed(weighed: tuple[Moment, Weigher]) -> None:
    """The odds of any two items are exp of the difference of their sums over the temperature, whatever the mode, the policy, the rules."""
    moment, policy = weighed
    weighing = weigh(policy, moment.candidates)
    np.testing.assert_array_equal(weighing.p_choice, policy.probabilities(moment.candidates))
    reached = np.flatnonzero(weighing.p_choice)
    told = [reasons_for(weighing, int(i)) for i in reached]
    log_p = np.log(weighing.p_choice[reached])
    expected = weighing.temperature * (log_p - log_p.mean())
    assert [total(reasons) for reasons in told] == pytest.approx(expected.tolist(), abs=ROUNDING)
    assert [weighing.score(int(i)) for i in reached] == pytest.approx(expected.tolist(), abs=ROUNDING)
    assert {reason.code for reasons in told for reason in reasons} <= CODES
    assert all(reason.text.endswith(".") for reasons in told for reason in reasons)


@given(any_moment())
def test_without_chance_the_terms_are_the_stated_score_less_the_zones_mean(moment: Moment) -> None:
    """log P(unmastered) + 2 log readiness - ((P(correct) - .70) / .15)^2 / 2, by hand; chance adds nothing where there is no floor."""
    seen = replace(moment.candidates, mode="learn")
    weighing = ThresholdPolicy(ZoneSettings(floor=0.0, temperature=20.0)).weigh(seen)
    reached = np.flatnonzero(weighing.p_choice)
    columns = zip(seen.p_mastered[reached], seen.readiness[reached], seen.forecast.p_correct[reached], strict=True)
    by_hand = [(log(1.0 - m), 2.0 * log(r), -(((p - 0.70) / 0.15) ** 2) / 2.0) for m, r, p in columns]
    mean = np.mean(by_hand, axis=0)
    for i, stated in zip(reached, by_hand, strict=True):
        told = {reason.code: reason.weight for reason in reasons_for(weighing, int(i)) if reason.weight}
        expected = dict(zip(("below_mastery", "prerequisite_gap", "zone"), np.array(stated) - mean, strict=True))
        assert told.keys() <= expected.keys() | {"exploration"}
        assert abs(told.get("exploration", 0.0)) < ROUNDING
        assert {code: told.get(code, 0.0) for code in expected} == pytest.approx(expected, abs=ROUNDING)


@given(any_weighed())
def test_the_runner_up_is_the_best_other_and_its_differences_sum_to_that_of_the_scores(weighed: tuple[Moment, Weigher]) -> None:
    moment, policy = weighed
    weighing, items = weigh(policy, moment.candidates), moment.candidates.items
    for i in np.flatnonzero(weighing.p_choice).tolist():
        told = runner_up_to(weighing, items, i)
        others = np.delete(weighing.p_choice, i)
        if told is None:
            assert len(items) == 1
            continue
        assert told.item_id != items.item_ids[i]
        assert told.propensity == others.max()
        assert told.text.endswith(".")
        assert all(reason.text.endswith(".") for reason in told.differences)
        if told.propensity:
            other = items.item_ids.index(told.item_id)
            assert total(told.differences) == pytest.approx(
                total(reasons_for(weighing, i)) - total(reasons_for(weighing, other)), abs=ROUNDING
            )
            assert told.score == weighing.score(other)
        else:
            assert told.score is None
            assert told.text.startswith("It could not be chosen. ")


@given(any_moment(), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_every_rank_of_a_slate_is_explained_by_its_own_draw(moment: Moment, k: int, seed: int) -> None:
    policy = RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(reference_share=0.05)))
    candidates = replace(moment.candidates, allowed=None)
    slate = draw_slate(policy, candidates, k, np.random.default_rng(seed), lambda _: moment.session)
    ids = candidates.items.item_ids
    for rank, drawn in enumerate(slate):
        assert total(drawn.reasons) == pytest.approx(drawn.score, abs=ROUNDING)
        before = {ids[other.index] for other in slate[:rank]}
        assert (drawn.runner_up is None) is (len(ids) - rank == 1)
        assert drawn.runner_up is None or drawn.runner_up.item_id not in before | {ids[drawn.index]}


def test_a_runner_up_that_was_likelier_lost_by_the_draw_and_a_lesser_one_by_its_terms() -> None:
    seen = plain(np.array([0.7, 0.6])).candidates
    weighing = ThresholdPolicy().weigh(seen)
    lesser, likelier = (runner_up_to(weighing, seen.items, i) for i in (0, 1))
    assert lesser is not None
    assert likelier is not None
    assert (lesser.item_id, likelier.item_id) == ("q1", "q0")
    assert lesser.differences[0].text == "Its challenge fits less well: the chance of success is about 60%, not 70%."
    assert lesser.text == f"It was less likely to be chosen (40% against 60%). {lesser.differences[0].text}"
    assert likelier.text == "It was likelier to be chosen (60% against 40%), and the draw fell on the other."
    assert total(lesser.differences) == pytest.approx(-total(likelier.differences))


def test_a_runner_up_that_could_not_be_drawn_says_which_rule_or_the_zone() -> None:
    moment = plain(np.array([0.7, 0.85, 0.2]))
    easy = RuledPolicy(ThresholdPolicy()).during(replace(moment.session, place=Place(items_done=0)))
    told = runner_up_to(easy.weigh(moment.candidates), moment.candidates.items, 1)
    assert told is not None
    assert (told.item_id, told.propensity, told.score) == ("q0", 0.0, None)
    assert told.text == "It could not be chosen. A session begins and ends with an item that should go well."
    outside = plain(np.array([0.7, 0.2])).candidates
    told = runner_up_to(ThresholdPolicy().weigh(outside), outside.items, 0)
    assert told is not None
    assert told.text == "It could not be chosen. It is outside the zone: mastered, too easy, too hard, or not ready yet."


def test_a_policy_that_says_nothing_of_itself_is_explained_by_its_probabilities() -> None:
    class Steep:
        name = "steep"
        version = "steep-1"

        def probabilities(self, candidates: Candidates) -> Floats:
            return np.array([0.8, 0.2])

    seen = plain(np.array([0.7, 0.6])).candidates
    weighing = weigh(Steep(), seen)
    assert [(reason.code, reason.weight) for reason in reasons_for(weighing, 0)] == [("exploration", pytest.approx(log(2.0)))]
    told = runner_up_to(weighing, seen.items, 0)
    assert told is not None
    assert total(told.differences) == pytest.approx(log(4.0))


def test_terms_of_one_name_are_told_together_in_the_difference() -> None:
    p, everywhere = np.array([0.75, 0.25]), np.ones(2, dtype=np.bool_)
    twice = tuple(Term("variety", np.log(p) / 2.0, everywhere, p, str) for _ in range(2))
    told = runner_up_to(Weighing(p, twice), plain(p).candidates.items, 0)
    assert told is not None
    assert [(reason.code, reason.weight) for reason in told.differences] == [("variety", pytest.approx(log(3.0)))]
