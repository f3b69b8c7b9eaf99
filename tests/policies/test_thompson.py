"""The Thompson policy is one draw of the learner and what teaches most on it, as an exact distribution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from adaptive.policies import ExpectedGainPolicy, RuledPolicy, ThompsonPolicy, ZoneSettings, needs_draws, reasons_for, take
from adaptive.protocols import Candidates, Floats, Forecast, Items, Outlook

BARE = ZoneSettings(floor=0.0)


def drawn(worth: Floats, kind: list[int], p_correct: Floats | None = None) -> Candidates:
    """Items in the zone, of kinds worth `worth` (n_draws, n_kinds) on each draw."""
    n = len(kind)
    p = np.full(n, 0.7) if p_correct is None else p_correct
    return Candidates(
        items=Items(tuple(f"q{i}" for i in range(n)), tuple((f"s{k}",) for k in kind)),
        forecast=Forecast(p, p - 0.1, p + 0.1),
        p_mastered=np.full(n, 0.2),
        readiness=np.ones(n),
        zone_probability=np.full(n, 0.8),
        expected_gain=worth.mean(axis=0)[kind],
        outlook=Outlook(p - 0.1, np.zeros(n, dtype=np.bool_), (worth, np.array(kind))),
    )


def test_it_is_a_draw_of_the_learner_and_what_is_worth_most_on_it() -> None:
    """By doing so: 20,000 draws of a learner, the best kind, an item of it (false alarm 1e-4)."""
    rng = np.random.default_rng(3)
    worth = rng.gamma(1.0, [0.01, 0.012, 0.02], size=(64, 3))
    worth[:8] = 0.0  # draws on which nothing teaches: each kind alike
    seen = drawn(worth, [0, 0, 1, 2])
    told = ThompsonPolicy(BARE).probabilities(seen)
    best = [rng.choice(np.flatnonzero(row == row.max())) for row in worth[rng.integers(64, size=20_000)]]
    items = {0: [0, 1], 1: [2], 2: [3]}
    counts = np.bincount([rng.choice(items[kind]) for kind in best], minlength=4)
    assert told.sum() == pytest.approx(1.0, abs=1e-12)  # rounding of four additions
    assert stats.chisquare(counts, told * 20_000).pvalue > 1e-4


def test_within_a_kind_the_challenge_tells_and_the_floor_is_even() -> None:
    seen = drawn(np.array([[1.0, 0.0]]), [0, 0, 1], np.array([0.7, 0.55, 0.7]))
    p_choice = ThompsonPolicy(BARE).probabilities(seen)
    assert p_choice[0] / p_choice[1] == pytest.approx(np.exp(0.5 / BARE.temperature))  # .55 lies one width from .70
    assert p_choice[2] == 0.0
    floored = ThompsonPolicy(ZoneSettings(floor=0.3)).probabilities(seen)
    np.testing.assert_allclose(floored, 0.7 * p_choice + 0.1, rtol=0.0, atol=1e-12)


def test_what_a_plan_asks_for_counts_as_if_it_taught_more_on_each_draw() -> None:
    seen = drawn(np.array([[1.0, 1.5], [1.0, 3.0]]), [0, 1])
    asked = replace(seen, plan_step=np.array([True, False]))
    assert ThompsonPolicy(BARE).probabilities(seen).tolist() == [0.0, 1.0]
    assert ThompsonPolicy(BARE).probabilities(asked).tolist() == [0.5, 0.5]


def test_learners_at_once_are_each_alone() -> None:
    rng = np.random.default_rng(5)
    worth, kind, p = rng.random((3, 16, 4)), [0, 1, 1, 2, 3], rng.uniform(0.5, 0.9, (3, 5))
    alone = [drawn(worth[row], kind, p[row]) for row in range(3)]
    names = ("p_mastered", "readiness", "zone_probability", "expected_gain")
    columns = {name: np.stack([getattr(one, name) for one in alone]) for name in names}
    allowed = np.array([[True] * 5, [True, False, True, False, True], [False, False, False, True, False]])
    outlook = Outlook(p - 0.1, np.zeros((3, 5), dtype=np.bool_), (worth, np.array(kind)))
    together = replace(alone[0], forecast=Forecast(p, p - 0.1, p + 0.1), outlook=outlook, allowed=allowed, **columns)
    p_choice = ThompsonPolicy().probabilities(together)
    for row in range(3):
        expected = np.zeros(5)
        expected[allowed[row]] = ThompsonPolicy().probabilities(take(alone[row], np.flatnonzero(allowed[row])))
        np.testing.assert_allclose(p_choice[row], expected, rtol=0.0, atol=1e-12)  # sums in another order


def test_without_draws_and_in_other_modes_it_is_the_expected_gain_policy() -> None:
    seen = drawn(np.array([[1.0, 2.0], [1.0, 0.0]]), [0, 1])
    assert seen.outlook is not None
    for other in (replace(seen, outlook=replace(seen.outlook, drawn=None)), replace(seen, mode="mixed")):
        assert ThompsonPolicy().probabilities(other).tolist() == ExpectedGainPolicy().probabilities(other).tolist()
        assert reasons_for(ThompsonPolicy().weigh(other), 0) == reasons_for(ExpectedGainPolicy().weigh(other), 0)


def test_it_says_how_often_nothing_teaches_more() -> None:
    seen = drawn(np.array([[1.0, 2.0], [1.0, 0.0], [3.0, 1.0], [2.0, 1.0]]), [0, 1])
    weighing = ThompsonPolicy().weigh(seen)
    assert weighing.p_choice.tolist() == ThompsonPolicy().probabilities(seen).tolist()
    told = reasons_for(weighing, 0)
    assert told[0].text == "As far as the learner is known, it is 75% likely that nothing else teaches more now."
    assert sum(reason.weight for reason in told) == pytest.approx(weighing.score(0))


def test_it_asks_for_draws_under_rules_too() -> None:
    assert needs_draws(RuledPolicy(ThompsonPolicy()))
    assert not needs_draws(RuledPolicy(ExpectedGainPolicy()))
