"""The planner: the exact prerequisite-closed plan within the minutes there are, placed into weeks, with its forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Goal, Plan, PlanStep
from adaptive.planning.building import PlanningTask, build_task
from adaptive.planning.forecast import forecast_goal
from adaptive.planning.goals import checked_goal
from adaptive.planning.milp import solve_exactly
from adaptive.planning.minutes import MinutesFunction
from adaptive.planning.sequence import Slot, learning_order, schedule
from adaptive.planning.settings import PlanSettings
from adaptive.planning.standing import Standing
from adaptive.planning.wording import learning_reason, plan_flags, purpose_of, review_reason
from adaptive.protocols import Mastery

__all__ = ["MilpPlanner"]


@dataclass(frozen=True, slots=True)
class MilpPlanner:
    """Plans that maximise expected mastery gained, each proven best unless its flags say otherwise.

    Equal inputs give equal plans. A plan holds at most one learning step a skill, prerequisites first, and a `review`
    step in the week after each; `learner_id` is left empty where none is given.

    >>> from adaptive.domain import Prerequisite, Skill
    >>> from adaptive.planning.minutes import MinutesToMastery
    >>> catalog = Catalog("c", skills=(Skill("halves"), Skill("sums")), prerequisites=(Prerequisite("halves", "sums"),))
    >>> low = np.array([0.2, 0.1])
    >>> planner = MilpPlanner(catalog, lambda mastery: MinutesToMastery(np.full((len(mastery.skill_ids), 1), 30.0), np.ones(2)))
    >>> plan = planner.plan(Mastery(("halves", "sums"), low, low, low, low), Goal("sums", ("sums",), n_weeks=2), date(2025, 9, 1))
    >>> [(step.skill_id, step.purpose, step.start_week) for step in plan.steps]
    [('halves', 'gap', 1), ('sums', 'goal', 1), ('halves', 'review', 2)]
    >>> plan.steps[0].reason
    'Needed before sums; mastered today with a chance of 20%.'
    """

    catalog: Catalog
    minutes: MinutesFunction
    settings: PlanSettings = field(default_factory=PlanSettings)
    model_version: str = ""

    def plan(self, mastery: Mastery, goal: Goal, start: date, *, learner_id: str = "") -> Plan:
        """The best plan for the goal from that day on.

        Raises UnknownSkill, InvalidInput (a goal that breaks a rule) or ConstraintInfeasible (pins that cannot be kept).
        """
        goal = checked_goal(goal, self.catalog)
        task = build_task(Standing(self.catalog, mastery, self.settings), goal, minutes=self.minutes)
        settings = self.settings
        solution = solve_exactly(task.problem, time_limit_seconds=settings.time_limit_seconds, relative_gap=settings.relative_gap)
        slots = schedule(
            task.problem,
            learning_order(task.problem, solution.selection),
            learning_per_week=settings.learning_minutes(goal.minutes_per_week),
            review_per_week=goal.minutes_per_week * settings.review_share,
            n_weeks=goal.n_weeks,
        )
        return Plan(
            learner_id,
            goal,
            start,
            steps=self._steps(task, goal, slots),
            forecast=forecast_goal(task.goal_minutes, goal, start, settings=settings, rng=np.random.default_rng(settings.seed)),
            flags=plan_flags(task, solution, goal, self.catalog),
            model_version=self.model_version,
            catalog_version=self.catalog.version,
        )

    def _steps(self, task: PlanningTask, goal: Goal, slots: Sequence[Slot]) -> tuple[PlanStep, ...]:
        quantiles = task.minutes.quantiles(0.1, 0.5, 0.9).round(1).tolist()  # (n_skills, 3)
        planned = [slot.skill for slot in slots]
        steps = []
        for order, slot in enumerate(slots, start=1):
            skill_id = task.problem.skill_ids[slot.skill]
            learning = purpose_of(skill_id, goal=goal, catalog=self.catalog)
            reason = learning_reason(task, slot.skill, planned, purpose=learning, catalog=self.catalog)
            low, middle, high = quantiles[slot.skill]
            if slot.is_review:
                low = middle = high = round(slot.minutes, 1)
                learning, reason = "review", review_reason(slot.start_week - 1)
            steps.append(PlanStep(order, skill_id, learning, (low, middle, high), slot.start_week, self._families(skill_id), reason))
        return tuple(steps)

    def _families(self, skill_id: str) -> tuple[str, ...]:
        families = (item.family_id for item in self.catalog.items_of(skill_id) if item.family_id and not item.retired)
        return tuple(dict.fromkeys(families))
