"""Scores from outside, what they place, and the plans made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from adaptive.errors import InvalidInput, Problem

__all__ = ["Forecasted", "Goal", "Placement", "Plan", "PlanStep", "Score"]


@dataclass(frozen=True, slots=True)
class Score:
    """A test result: `area` is empty for an overall score; `standard_error` is in the scale's units, None for its default."""

    learner_id: str
    scale: str
    score: float
    area: str = ""
    standard_error: float | None = None
    taken_on: date | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """Scores of one learner as accepted evidence: pseudo-evidence with provenance, overridden by practice.

    Raises InvalidInput where a score is another learner's.

    `placed_at` is when it was accepted; the prior widens for the time between each score's `taken_on` and that moment.
    """

    placement_id: str
    learner_id: str
    scores: tuple[Score, ...]
    placed_at: datetime | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        others = sorted({score.learner_id for score in self.scores} - {self.learner_id})
        if others:
            rule = f"the scores of a placement are its learner's, {self.learner_id!r}"
            raise InvalidInput(f"placement {self.placement_id!r}", [Problem("scores", rule, ", ".join(others), "place each learner apart")])


@dataclass(frozen=True, slots=True)
class Goal:
    """What a plan should reach: skills, by when, within how many minutes a week.

    >>> Goal("grade 4", ("4.NF.B.3",), minutes_per_week=60.0).n_weeks
    12
    """

    title: str
    skill_ids: tuple[str, ...]
    minutes_per_week: float = 60.0
    n_weeks: int = 12
    grade: str = ""
    pinned: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One skill of a plan; `minutes` are the 10 %, 50 % and 90 % quantiles of time to mastery."""

    order: int
    skill_id: str
    purpose: str
    minutes: tuple[float, float, float]
    start_week: int
    item_family_ids: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Forecasted:
    """What the plan expects to reach, with its spread and what it assumes; None where the model cannot say."""

    p_by_date: float | None = None
    finish_quantiles: tuple[date | None, date | None, date | None] = (None, None, None)
    minutes_for: tuple[tuple[str, float], ...] = ()
    growth: tuple[float, float, float] | None = None
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Prerequisite-closed steps placed into weeks."""

    learner_id: str
    goal: Goal
    start_on: date
    steps: tuple[PlanStep, ...]
    forecast: Forecasted = field(default_factory=Forecasted)
    flags: tuple[str, ...] = ()
    model_version: str = ""
    catalog_version: str = ""
