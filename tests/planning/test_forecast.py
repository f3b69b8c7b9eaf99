"""The forecast against sums worked out by hand and by a slow loop."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from adaptive.domain import Goal
from adaptive.planning import MinutesToMastery, PlanSettings
from adaptive.planning.forecast import forecast_goal, total_minutes

START = date(2025, 9, 1)
GOAL = Goal("g", ("a", "b"), minutes_per_week=50.0, n_weeks=4)


def forecast(minutes: MinutesToMastery, goal: Goal = GOAL):
    return forecast_goal(minutes, goal, START, settings=PlanSettings(n_draws=20_000), rng=np.random.default_rng(3))


def test_totals_follow_the_distribution_of_the_sum() -> None:
    """Oracle: all 16 pairs of two four-point distributions. 20,000 draws: SE .0035; false alarm at 5 SE below 1e-6."""
    first, second = [10.0, 20.0, 30.0, 100.0], [5.0, 6.0, 7.0, 8.0]
    minutes = MinutesToMastery(np.array([first, second]), np.ones(2))
    totals = total_minutes(minutes, n=20_000, rng=np.random.default_rng(0))
    for limit in (16.0, 27.0, 40.0, 107.0):
        exact = np.mean([a + b <= limit for a in first for b in second])
        assert (totals <= limit).mean() == pytest.approx(exact, abs=5 * 0.0035)


def test_chance_by_date_counts_minutes_for_review_too() -> None:
    fits, misses = (MinutesToMastery(np.full((2, 5), value), np.ones(2)) for value in (80.0, 80.1))
    assert forecast(fits).p_by_date == 1.0  # 2 * 80 learning minutes are 200 with review: 4 weeks of 50
    assert forecast(misses).p_by_date == 0.0


def test_finish_dates_and_minutes_are_those_of_the_quantiles() -> None:
    found = forecast(MinutesToMastery(np.array([[20.0, 40.0, 60.0, 80.0]]), np.ones(1)))
    assert dict(found.minutes_for) == {"p50": 50.0, "p80": 100.0}
    assert found.finish_quantiles == tuple(START + timedelta(days=days) for days in (4, 7, 14))  # 25, 50, 100 of 50 minutes a week


def test_those_who_never_finish_push_the_late_quantiles_out_of_reach() -> None:
    found = forecast(MinutesToMastery(np.array([[20.0, 40.0, 45.0, 45.0]]), np.array([0.7])))
    assert found.finish_quantiles[1] is not None
    assert found.finish_quantiles[2] is None
    assert [name for name, _ in found.minutes_for] == ["p50"]
    assert found.p_by_date == pytest.approx(0.7, abs=0.02)  # 6 standard errors of 20,000 draws


def test_nothing_left_to_learn_is_finished_today() -> None:
    found = forecast(MinutesToMastery(np.zeros((0, 4)), np.zeros(0)))
    assert found.p_by_date == 1.0
    assert found.finish_quantiles == (START, START, START)


def test_assumptions_are_printed_with_every_forecast() -> None:
    found = forecast(MinutesToMastery(np.ones((1, 2)), np.ones(1), assumptions=("An item takes 45 seconds.",)))
    text = " ".join(found.assumptions)
    for stated in ("50 minutes a week", "20% of it review", "45 seconds", "independent"):
        assert stated in text
