"""When the goal will be reached, by simulation of the minutes that its skills take."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil, isfinite
from typing import Final

import numpy as np

from adaptive.domain import Forecasted, Goal
from adaptive.planning.minutes import MinutesToMastery
from adaptive.planning.settings import PlanSettings
from adaptive.protocols import Floats

__all__ = ["forecast_goal", "total_minutes"]

FINISH_LEVELS: Final = (0.1, 0.5, 0.9)
CHANCES: Final = (("p50", 0.5), ("p80", 0.8))
DAYS_PER_WEEK: Final = 7


def forecast_goal(minutes: MinutesToMastery, goal: Goal, start: date, *, settings: PlanSettings, rng: np.random.Generator) -> Forecasted:
    """P(the whole goal by its date), 10/50/90 % finish dates, and the minutes that suffice with 50 % and 80 %.

    `minutes` are of every skill that the goal still needs, planned within the weeks or not; one that no plan reaches has
    P(reached) = 0. A quantile is None (and a
    chance is left out) where so many simulated learners never finish. Minutes include the review share. Expected score
    growth is None: it needs the score's scale.

    >>> sure = MinutesToMastery(np.full((2, 4), 48.0), np.ones(2))
    >>> goal, rng = Goal("g", ("a", "b"), n_weeks=2), np.random.default_rng(0)
    >>> found = forecast_goal(sure, goal, date(2025, 9, 1), settings=PlanSettings(), rng=rng)
    >>> found.p_by_date, found.finish_quantiles[1].isoformat(), found.minutes_for
    (1.0, '2025-09-15', (('p50', 120.0), ('p80', 120.0)))
    """
    learning = total_minutes(minutes, n=settings.n_draws, rng=rng)  # (n_draws,)
    practice = learning / settings.learning_minutes(1.0)
    available = goal.minutes_per_week * goal.n_weeks
    finish = [_quantile(practice, level) for level in FINISH_LEVELS]
    first, middle, last = (
        None if one is None else start + timedelta(days=ceil(DAYS_PER_WEEK * one / goal.minutes_per_week)) for one in finish
    )
    needed = [(name, _quantile(practice, chance)) for name, chance in CHANCES]
    return Forecasted(
        p_by_date=float((practice <= available + 1e-6).mean()),
        finish_quantiles=(first, middle, last),
        minutes_for=tuple((name, round(one, 1)) for name, one in needed if one is not None),
        assumptions=(
            f"Practice continues at {goal.minutes_per_week:g} minutes a week, all for this goal, {settings.review_share:.0%} of it review.",
            *minutes.assumptions,
            "Given today's estimate, the minutes of different skills are independent; nothing practised is forgotten for good.",
        ),
    )


def total_minutes(minutes: MinutesToMastery, *, n: int, rng: np.random.Generator) -> Floats:
    """Summed minutes of n simulated learners, each skill drawn on its own, (n,); infinite where a skill is never reached."""
    n_skills, n_levels = minutes.minutes.shape
    level = rng.random((n, n_skills))  # (n, n_skills)
    drawn = minutes.minutes[np.arange(n_skills), (level * n_levels).astype(np.int64)]
    total: Floats = np.where(level < minutes.p_reached, drawn, np.inf).sum(axis=1)
    return total


def _quantile(values: Floats, level: float) -> float | None:
    """The smallest value that a share `level` of the draws does not exceed; None where that is never."""
    found = float(np.quantile(values, level, method="inverted_cdf"))
    return found if isfinite(found) else None
