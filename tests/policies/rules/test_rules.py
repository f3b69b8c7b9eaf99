"""Rules of a session: never an empty distribution, exact propensities, each rule kept where it can be and relaxed only where it must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.policies import (
    ColdStart,
    EasyAfterFailures,
    Exposure,
    NewItems,
    Place,
    Reference,
    RuledPolicy,
    RuleSettings,
    Session,
    ThresholdPolicy,
    draw_slate,
    reasons_for,
    session_rules,
)
from adaptive.protocols import Forecast
from tests.policies.moments import Moment, S, any_moment, plain, row_of, ruled

ROUNDING = 1e-12  # of sums of at most ten probabilities


@given(any_moment(), st.sampled_from([0.0, 0.05]))
def test_the_distribution_is_never_empty_and_sums_to_one(moment: Moment, share: float) -> None:
    p_choice, allowed = ruled(moment, share).probabilities(moment.candidates), moment.candidates.allowed
    assert p_choice.sum() == pytest.approx(1.0, abs=ROUNDING)
    assert (p_choice >= 0.0).all()
    assert allowed is None or (p_choice[~allowed] == 0.0).all()


@given(any_moment())
def test_each_rule_holds_where_it_can_and_is_relaxed_only_where_it_must(moment: Moment) -> None:
    """By hand, as sets: a rule is kept if something is left beside all that were kept before it."""
    policy, open_now = ruled(moment), moment.candidates.allowed
    left = set(range(len(moment.candidates.items))) if open_now is None else set(np.flatnonzero(open_now).tolist())
    told = []
    for rule in policy.rules:
        kept = left & set(np.flatnonzero(rule.allowed(moment.candidates, moment.session)).tolist())
        if kept != left:
            told.append(rule.name if kept else f"{rule.name}:relaxed")
        left = kept or left
    limited, p_choice = policy.limited(moment.candidates), policy.probabilities(moment.candidates)
    assert set(np.flatnonzero(limited.allowed).tolist()) == left
    assert list(limited.constraints) == told
    assert set(np.flatnonzero(p_choice).tolist()) <= left


@given(st.data(), st.integers(1, 4))
@settings(max_examples=50)
def test_learners_at_once_are_each_alone(data: st.DataObject, n_learners: int) -> None:
    together = data.draw(any_moment(n_learners))
    p_choice = ruled(together, 0.05).probabilities(together.candidates)
    for row in range(n_learners):
        alone = row_of(together, row)
        expected = ruled(alone, 0.05).probabilities(alone.candidates)
        np.testing.assert_allclose(p_choice[row], expected, rtol=0.0, atol=ROUNDING)


P_CORRECT = np.array([0.55, 0.7, 0.85, 0.3])


@pytest.mark.parametrize(
    ("changed", "left", "constraint"),
    [
        ({}, [0, 1, 2, 3], ()),
        ({"n_failures": np.array(2)}, [2], ("easy_after_failures",)),
        ({"n_failures": np.array(1)}, [0, 1, 2, 3], ()),
        ({"place": Place(items_done=0)}, [2], ("easy_ends",)),
        ({"place": Place(items_done=1, minutes_left=1.4)}, [2], ("easy_ends",)),
        ({"place": Place(items_done=1, minutes_left=1.5)}, [0, 1, 2, 3], ()),
        ({"run_attempts": np.array([4, 3, 0, 9])}, [1, 2], ("variety",)),
        ({"items_since": np.array([20, 21, 99, 1])}, [1, 2], ("no_repeat",)),
        ({"hours_since": np.array([23.9, 24.0, 99.0, 99.0])}, [1, 2, 3], ("no_repeat",)),
        ({"n_answered": np.array(5)}, [0, 1, 2], ("cold_start",)),
        ({"n_answered": np.array(6)}, [0, 1, 2, 3], ()),
        ({"n_failures": np.array(2), "run_attempts": np.array([0, 0, 4, 0])}, [2], ("easy_after_failures", "variety:relaxed")),
    ],
)
def test_what_each_rule_leaves(changed: dict[str, object], left: list[int], constraint: tuple[str, ...]) -> None:
    moment = plain(P_CORRECT)
    policy = RuledPolicy(ThresholdPolicy()).during(replace(moment.session, **changed))  # type: ignore[arg-type]  # fields of a session
    limited = policy.limited(moment.candidates)
    assert (np.flatnonzero(limited.allowed).tolist(), limited.constraints) == (left, constraint)


def test_references_are_an_exact_mixture_over_what_rests() -> None:
    moment = plain(P_CORRECT)
    session = replace(moment.session, items_since=np.array([99, 99, 99, 3]), n_failures=np.array(2))
    without, within = (
        RuledPolicy(ThresholdPolicy(), session_rules(RuleSettings(reference_share=share))).during(session) for share in (0.0, 0.05)
    )
    expected = 0.95 * without.probabilities(moment.candidates) + 0.05 * np.array([1.0, 1.0, 1.0, 0.0]) / 3.0
    np.testing.assert_allclose(within.probabilities(moment.candidates), expected, rtol=0.0, atol=ROUNDING)
    by_chance, by_rule = (reasons_for(within.weigh(moment.candidates), i) for i in (0, 2))
    assert (by_chance[0].code, by_chance[0].value) == ("exploration", pytest.approx(1.0))  # nothing but the mixture lets it be drawn
    assert by_rule[0].code == "variety"  # the policy alone would have taken the harder ones
    assert [reason.value for reason in by_rule if reason.code == "exploration"] == [pytest.approx(0.05 / 3.0 + 0.95 * 0.1, abs=0.01)]


def test_new_items_share_a_tenth_and_need_a_learner_who_is_known() -> None:
    moment = plain(np.array([0.7, 0.7, 0.7]))
    rule = NewItems(frozenset({"q0", "q1"}), S.new_share, S.new_width)
    of_known = RuledPolicy(ThresholdPolicy(), (rule,)).during(moment.session).probabilities(moment.candidates)
    np.testing.assert_allclose(of_known, [0.05, 0.05, 0.9], rtol=0.0, atol=ROUNDING)
    hardly_known = replace(moment.session, width=np.array([0.4, 0.2, 0.4]))
    of_other = RuledPolicy(ThresholdPolicy(), (rule,)).during(hardly_known).probabilities(moment.candidates)
    np.testing.assert_allclose(of_other, [0.0, 0.1, 0.9], rtol=0.0, atol=ROUNDING)


def test_exposure_is_selection_repeated_until_one_passes() -> None:
    """By drawing: select by the policy, show with probability K, else select again (false alarm 1e-4: 3.9 standard errors of 40,000)."""
    moment, rng, n = plain(np.array([0.7, 0.7, 0.6])), np.random.default_rng(3), 40_000
    policy = ThresholdPolicy()
    k = np.array([0.25, 1.0, 1.0])
    told = RuledPolicy(policy, (Exposure((("q0", 0.25),)),)).during(moment.session).probabilities(moment.candidates)
    selected = rng.choice(3, size=(n, 40), p=policy.probabilities(moment.candidates))
    passed = rng.random((n, 40)) < k[selected]
    shown = selected[np.arange(n), passed.argmax(axis=1)][passed.any(axis=1)]
    assert len(shown) == n
    assert (np.abs(np.bincount(shown, minlength=3) / n - told) < 3.9 * np.sqrt(told * (1.0 - told) / n)).all()


def test_who_has_just_come_gets_what_tells_more() -> None:
    moment = plain(np.array([0.7, 0.7]))
    wide = replace(moment.candidates, forecast=Forecast(np.full(2, 0.7), np.array([0.6, 0.4]), np.full(2, 0.8)))
    policy = RuledPolicy(ThresholdPolicy(), (ColdStart(S.n_cold, S.cold_lowest),))
    new_here, known = (replace(moment.session, n_answered=np.array(n)) for n in (S.n_cold - 1, S.n_cold))
    np.testing.assert_allclose(policy.during(known).probabilities(wide), [0.5, 0.5], rtol=0.0, atol=ROUNDING)
    np.testing.assert_allclose(policy.during(new_here).probabilities(wide), [1 / 3, 2 / 3], rtol=0.0, atol=ROUNDING)  # widths .2 and .4
    assert reasons_for(policy.during(new_here).weigh(wide), 1)[0].code == "information_gain"


def test_a_slate_asks_for_the_session_at_each_rank() -> None:
    """Two failures: the first rank is easy, the next ones are free again."""
    moment, asked = plain(np.array([0.55, 0.7, 0.85, 0.9])), []

    def session_after(shown: object) -> Session:
        asked.append(list(shown))  # type: ignore[call-overload]  # a sequence of places
        return moment.session if shown else replace(moment.session, n_failures=np.array(2))

    slate = draw_slate(RuledPolicy(ThresholdPolicy()), moment.candidates, 3, np.random.default_rng(1), session_after)
    assert [drawn.constraints for drawn in slate] == [("easy_after_failures",), (), ()]
    assert slate[0].index in {2, 3}
    assert asked == [[], [slate[0].index], [drawn.index for drawn in slate[:2]]]


def test_the_version_names_the_rules_and_tells_their_constants_apart() -> None:
    two, three = (RuledPolicy(ThresholdPolicy(), (EasyAfterFailures(n, S.easy_from),)) for n in (2, 3))
    assert two.version.startswith(f"{ThresholdPolicy().version}+easy_after_failures-")
    assert two.version != three.version
    assert two.version == two.during(plain(P_CORRECT).session).version
    news = {RuledPolicy(ThresholdPolicy(), (NewItems(frozenset(ids), 0.1, 0.3),)).version for ids in (["a", "b", "c"], ["c", "b", "a"])}
    assert len(news) == 1


def test_without_a_session_the_policy_is_alone() -> None:
    moment = plain(P_CORRECT)
    bare, policy = ThresholdPolicy(), RuledPolicy(ThresholdPolicy(), (Reference(1.0, 20, 24.0),))
    assert policy.probabilities(moment.candidates).tolist() == bare.probabilities(moment.candidates).tolist()
    assert reasons_for(policy.weigh(moment.candidates), 1) == reasons_for(bare.weigh(moment.candidates), 1)
