"""Frozen values, standard library only: the words that every floor above shares."""

from adaptive.domain.attempts import Attempt
from adaptive.domain.content import Item, Prerequisite, Skill
from adaptive.domain.decisions import Decision, Doubt, Mode, Reason, RunnerUp, ShownItem, StuckSkill
from adaptive.domain.plans import Forecasted, Goal, Placement, Plan, PlanStep, Score
from adaptive.domain.thresholds import ENOUGH_ATTEMPTS, INFORMATIVE_FROM, MASTERED_AT, PROMOTE_AT, READY_AT

__all__ = [
    "ENOUGH_ATTEMPTS",
    "INFORMATIVE_FROM",
    "MASTERED_AT",
    "PROMOTE_AT",
    "READY_AT",
    "Attempt",
    "Decision",
    "Doubt",
    "Forecasted",
    "Goal",
    "Item",
    "Mode",
    "Placement",
    "Plan",
    "PlanStep",
    "Prerequisite",
    "Reason",
    "RunnerUp",
    "Score",
    "ShownItem",
    "Skill",
    "StuckSkill",
]
