"""What a plan says in plain words: why each step, and what a teacher should know of the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Goal
from adaptive.planning.building import PlanningTask
from adaptive.planning.milp import Solution

__all__ = ["learning_reason", "plan_flags", "purpose_of", "review_reason"]

_NAMED_AT_MOST = 3


def purpose_of(skill_id: str, *, goal: Goal, catalog: Catalog) -> str:
    """`pinned` by the teacher, `gap` before the goal, `grade_level`, or `goal`: the first that holds.

    >>> purpose_of("halves", goal=Goal("sums", ("sums",)), catalog=Catalog("c"))
    'gap'
    """
    if skill_id in goal.pinned:
        return "pinned"
    if skill_id not in goal.skill_ids:
        return "gap"
    return "grade_level" if goal.grade and catalog.skill(skill_id).grade == goal.grade else "goal"


def learning_reason(task: PlanningTask, skill: int, planned: Sequence[int], *, purpose: str, catalog: Catalog) -> str:
    """Why the skill at that position is in the plan."""
    chance = f"mastered today with a chance of {task.mastery.p_mastered[skill]:.0%}"
    if purpose != "gap":
        because = {"pinned": "Pinned by the teacher", "grade_level": "Work of the learner's grade"}.get(purpose, "Part of the goal")
        return f"{because}; {chance}."
    unlocks = [after for before, after in task.problem.edges if before == skill]
    soon = [after for after in unlocks if after in planned]
    named = _listed([_title(catalog, task.problem.skill_ids[after]) for after in soon or unlocks])
    return f"Needed before {named}{'' if soon else ', for which these weeks are too short'}; {chance}."


def review_reason(week: int) -> str:
    """Why a skill comes again.

    >>> review_reason(3)
    'Learned by week 3; a short review keeps it.'
    """
    return f"Learned by week {week}; a short review keeps it."


def plan_flags(task: PlanningTask, solution: Solution, goal: Goal, catalog: Catalog) -> tuple[str, ...]:
    """What a teacher should know of the plan: a code, a colon and plain words each."""
    problem = task.problem
    too_long = _too_long(task, solution, goal)
    unreached = [problem.skill_ids[index] for index in np.flatnonzero(task.minutes.p_reached == 0.0)]
    short = problem.shortfall(solution.selection)
    flags = []
    if not len(problem):
        flags.append("nothing_to_plan: every skill of the goal is mastered, excluded or blocked")
    if not goal.grade:
        flags.append("no_grade: no grade is known, so no share of the time is kept for grade-level work")
    if too_long:
        flags.append(f"does_not_fit: {len(too_long)} of the goal's skills do not fit: {_listed([_title(catalog, s) for s in too_long])}")
    if task.excluded:
        flags.append(f"excluded: of the goal itself {_listed([_title(catalog, s) for s in task.excluded])} is excluded")
    if task.blocked:
        flags.append(f"blocked: what is excluded is needed for {_listed([_title(catalog, s) for s in task.blocked])}")
    if unreached:
        flags.append(f"not_reachable: no simulated learner masters {_listed([_title(catalog, s) for s in unreached])}")
    if short >= 1.0:
        flags.append(f"grade_floor_missed: grade-level work is {short:.0f} minutes short of {problem.grade_floor:.0f} that are wanted")
    if not solution.is_proven_optimal:
        flags.append("not_proven_optimal: the search ran out of time, so a better plan may exist")
    return tuple(flags)


def _too_long(task: PlanningTask, solution: Solution, goal: Goal) -> list[str]:
    """The goal's skills that somebody masters, yet not planned, as with all they need they take more than the minutes left."""
    problem = task.problem
    chosen = {int(skill) for skill in np.flatnonzero(solution.selection)}
    left = problem.budget - float(problem.minutes @ solution.selection)
    bundles = {skill: list(problem.bundle(skill, chosen)) for skill in range(len(problem)) if skill not in chosen}
    return [
        problem.skill_ids[skill]
        for skill, bundle in bundles.items()
        if problem.skill_ids[skill] in goal.skill_ids and task.minutes.p_reached[skill] > 0.0 and problem.minutes[bundle].sum() > left
    ]


def _title(catalog: Catalog, skill_id: str) -> str:
    return catalog.skill(skill_id).title or skill_id


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED_AT_MOST])
    return shown if len(names) <= _NAMED_AT_MOST else f"{shown} and {len(names) - _NAMED_AT_MOST} more"
