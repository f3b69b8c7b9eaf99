"""Prerequisite-closed plans within the minutes there are, and their forecasts."""

from adaptive.planning.minutes import MinutesFunction, MinutesToMastery, PracticeSettings
from adaptive.planning.output import plan_record, write_plans
from adaptive.planning.planner import MilpPlanner
from adaptive.planning.settings import PlanSettings
from adaptive.planning.simulation import SimulatedMinutes

__all__ = [
    "MilpPlanner",
    "MinutesFunction",
    "MinutesToMastery",
    "PlanSettings",
    "PracticeSettings",
    "SimulatedMinutes",
    "plan_record",
    "write_plans",
]
