"""Which rules a goal must keep, and its grade as the catalogue spells it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adaptive.catalog import Catalog
from adaptive.catalog.norms import GRADES
from adaptive.domain import Goal
from adaptive.errors import InvalidInput, Problem

__all__ = ["checked_goal"]


def checked_goal(goal: Goal, catalog: Catalog) -> Goal:
    """The goal with its grade spelled as the catalogue spells it. Raises InvalidInput, with every rule that it breaks.

    >>> from adaptive.domain import Skill
    >>> checked_goal(Goal("sums", ("sums",), grade=" k "), Catalog("c", skills=(Skill("sums", grade="K"),))).grade
    'K'
    """
    problems = []
    if not (goal.minutes_per_week > 0 and np.isfinite(goal.minutes_per_week)):
        problems.append(
            Problem("minutes_per_week", "a plan needs minutes above zero", f"{goal.minutes_per_week:g}", "give the minutes of a week")
        )
    if goal.n_weeks < 1:
        problems.append(Problem("n_weeks", "a plan has at least one week", str(goal.n_weeks), "give the weeks until the due date"))
    if not (goal.skill_ids or goal.pinned):
        problems.append(Problem("skill_ids", "a goal names at least one skill", "none", "name skills, or a grade that the catalogue has"))
    known = {grade.strip().casefold(): grade for grade in ("", *GRADES, *(skill.grade for skill in catalog.skills))}
    grade = known.get(goal.grade.strip().casefold())
    if grade is None:
        way_out = f"use one of {', '.join(filter(None, known.values()))}, or leave it empty where unknown"
        problems.append(Problem("grade", "a grade is one of the catalogue's, or K or 1 to 12", goal.grade, way_out))
    if problems or grade is None:
        raise InvalidInput(f"goal {goal.title!r}", problems)
    return replace(goal, grade=grade)
