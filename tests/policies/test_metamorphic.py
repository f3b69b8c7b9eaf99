"""What must hold of every policy, alone and under rules: other names, another order, an item twice, equal seeds, frequencies."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from adaptive.policies import (
    POLICIES,
    Place,
    RuledPolicy,
    RuleSettings,
    Session,
    ZoneSettings,
    build_policy,
    draw_slate,
    session_rules,
    settings_of,
)
from adaptive.protocols import Candidates, Forecast, Items, Outlook, Policy
from tests.policies.moments import N_SKILLS, Moment, any_moment, permuted, rules

ROUNDING: Final = 1e-12  # of sums of at most ten probabilities
N_DRAWS: Final = 16

names = st.sampled_from(sorted(POLICIES))


@st.composite
def any_drawn_moment(draw: st.DrawFn) -> Moment:
    """A moment of a learner who can be drawn: items of one skill share what they are worth on each draw."""
    moment = draw(any_moment())
    c, n = moment.candidates, len(moment.candidates.items)
    kind = np.array([int(skill_ids[0][1:]) for skill_ids in c.items.skill_ids])
    worth = draw(arrays(np.float64, (N_DRAWS, N_SKILLS), elements=st.sampled_from([0.0, 0.01, 0.02, 0.05])))
    lesson = draw(st.none() | arrays(np.float64, n, elements=st.sampled_from([1e-6, 0.3, 0.9, 1.0])))
    outlook = Outlook(c.forecast.low, draw(arrays(np.bool_, n)), (worth, kind), lesson)
    gain = worth.mean(axis=0)[kind] * (1.0 if lesson is None else lesson)
    return replace(moment, candidates=replace(c, expected_gain=gain, outlook=outlook))


def policy_at(name: str, moment: Moment, *, under_rules: bool, share: float = 0.05) -> Policy:
    bare = build_policy(name)
    return RuledPolicy(bare, rules(len(moment.candidates.items), share)).during(moment.session) if under_rules else bare


@given(any_drawn_moment(), names, st.booleans(), st.data())
def test_another_order_of_items_permutes_the_probabilities(moment: Moment, name: str, under_rules: bool, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(moment.candidates.items))))
    turned = permuted(moment, order)
    p_choice = policy_at(name, moment, under_rules=under_rules).probabilities(moment.candidates)
    p_turned = policy_at(name, turned, under_rules=under_rules).probabilities(turned.candidates)
    assert p_choice.sum() == pytest.approx(1.0, abs=ROUNDING)
    assert (p_choice >= 0.0).all()
    np.testing.assert_allclose(p_turned, p_choice[order], rtol=0.0, atol=ROUNDING)


@given(any_drawn_moment(), names, st.booleans(), st.permutations(range(N_SKILLS)))
def test_other_names_of_skills_change_nothing(moment: Moment, name: str, under_rules: bool, others: list[int]) -> None:
    items = moment.candidates.items
    renamed = replace(items, skill_ids=tuple((f"t{others[int(skill_id[1:])]}",) for (skill_id,) in items.skill_ids))
    policy = policy_at(name, moment, under_rules=under_rules)
    p_choice = policy.probabilities(replace(moment.candidates, items=renamed))
    assert p_choice.tolist() == policy.probabilities(moment.candidates).tolist()


@given(any_drawn_moment(), names, st.booleans(), st.data())
def test_a_duplicate_shares_the_probability_of_its_item(moment: Moment, name: str, under_rules: bool, data: st.DataObject) -> None:
    """Each twin is as likely as the other. Both together are at least as likely as the one was, at most twice, and no other item gains.

    That is what sharing means for a softmax, whose odds to other items stay: a twin adds a chance, of which the others cede their part.
    An even draw (floor, reference items) gives the two 2 / (n + 1) where the one had 1 / n. A duplicate of a kind that `thompson` finds
    the best shares what the kind has.
    """
    n = len(moment.candidates.items)
    twin = data.draw(st.integers(0, n - 1))
    both = permuted(moment, [*range(n), twin])
    bare = build_policy(name)
    p_one, p_both = (
        (RuledPolicy(bare, session_rules(RuleSettings(reference_share=0.05))).during(m.session) if under_rules else bare).probabilities(
            m.candidates
        )
        for m in (moment, both)
    )
    assert p_both[n] == pytest.approx(p_both[twin], abs=ROUNDING)
    assert p_one[twin] - ROUNDING <= p_both[n] + p_both[twin] <= 2.0 * p_one[twin] + ROUNDING
    assert (np.delete(p_both[:n], twin) <= np.delete(p_one, twin) + ROUNDING).all()


@given(any_drawn_moment(), names, st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_slate(moment: Moment, name: str, seed: int) -> None:
    policy = policy_at(name, moment, under_rules=True)
    first, second = (draw_slate(policy, moment.candidates, 3, np.random.default_rng(seed), lambda _: moment.session) for _ in range(2))
    assert first == second


FALSE_ALARM: Final = 1e-4
"""Of all cases of the test below together: each is held to a share of it (Bonferroni)."""

CASES: Final = [(name, mode, ruled) for name in sorted(POLICIES) for mode in ("learn", "mixed") for ruled in (False, True)]
N_SLATES: Final = 1_000


@pytest.mark.parametrize(("name", "mode", "under_rules"), CASES)
def test_propensities_are_the_frequencies_of_draws(name: str, mode: str, under_rules: bool) -> None:
    """Chi-square of 1,000 first and second items each, the second given the likeliest first; seeds fixed."""
    moment = known_moment(mode)
    policy = RuledPolicy(build_policy(name), session_rules(RuleSettings(reference_share=0.1))) if under_rules else build_policy(name)
    slates = [draw_slate(policy, moment.candidates, 2, np.random.default_rng(seed), lambda _: moment.session) for seed in range(N_SLATES)]
    firsts = {slate[0].index: slate[0].propensity for slate in slates}
    first = max(firsts, key=lambda index: firsts[index])
    seconds = {slate[1].index: slate[1].propensity for slate in slates if slate[0].index == first}
    for told, drawn in (
        (firsts, [slate[0].index for slate in slates]),
        (seconds, [slate[1].index for slate in slates if slate[0].index == first]),
    ):
        expected = np.array([*told.values()]) * len(drawn)
        counts = np.array([drawn.count(index) for index in told])
        never = len(drawn) - expected.sum()  # what was never drawn, one cell more
        assert never > -1e-6
        cells = (np.append(counts, 0), np.append(expected, never)) if never > 1e-6 else (counts, expected)
        if len(cells[0]) > 1:
            statistic = ((cells[0] - cells[1]) ** 2 / cells[1]).sum()
            assert stats.chi2.sf(statistic, len(cells[0]) - 1) > FALSE_ALARM / (2 * len(CASES))


def known_moment(mode: str) -> Moment:
    """Eight items of three skills, two of them mastered, of a learner known for long on whom no rule bears but the reference items."""
    p = np.array([0.55, 0.62, 0.7, 0.74, 0.8, 0.86, 0.88, 0.6])
    kind = np.array([0, 0, 1, 1, 2, 2, 2, 0])
    rng = np.random.default_rng(8)
    worth = rng.gamma(2.0, [0.01, 0.012, 0.008], size=(N_DRAWS, N_SKILLS))
    candidates = Candidates(
        Items(tuple(f"q{i}" for i in range(8)), tuple((f"s{k}",) for k in kind)),
        Forecast(p, p - 0.1, p + 0.08),
        p_mastered=np.where(kind == 2, 0.97, 0.3),
        readiness=np.full(8, 0.9),
        zone_probability=np.full(8, 0.7),
        expected_gain=worth.mean(axis=0)[kind],
        mode=mode,  # type: ignore[arg-type]  # one of the cases
        outlook=Outlook(p - 0.1, np.zeros(8, dtype=np.bool_), (worth, kind)),
    )
    never, none = np.full(8, 99), np.zeros(8, dtype=np.int64)
    return Moment(candidates, Session(Place(), np.array(50), np.array(0), never, never * 9.0, none, np.full(8, 0.2)))


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_every_policy_has_a_zone_by_settings(name: str) -> None:
    assert isinstance(settings_of(RuledPolicy(build_policy(name))), ZoneSettings)
