"""From standing and goal to the problem that a plan solves; what cannot be satisfied is named before any search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.domain import Goal
from adaptive.errors import ConstraintInfeasible
from adaptive.planning.minutes import MinutesFunction, MinutesToMastery
from adaptive.planning.problem import PlanProblem
from adaptive.planning.standing import Standing
from adaptive.protocols import Mastery

__all__ = ["PlanningTask", "build_task"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanningTask:
    """A problem with the mastery and minutes of its skills, in its order, and the goal's unmastered skills that it leaves out.

    `excluded` are left out themselves; `blocked` need something that is.
    """

    problem: PlanProblem
    mastery: Mastery
    minutes: MinutesToMastery
    excluded: tuple[str, ...]
    blocked: tuple[str, ...]

    @property
    def goal_minutes(self) -> MinutesToMastery:
        """Minutes of all that the goal still needs: what is excluded or blocked is never reached."""
        return self.minutes.and_never(len(self.excluded) + len(self.blocked))


def build_task(standing: Standing, goal: Goal, *, minutes: MinutesFunction) -> PlanningTask:
    """The planning problem of one learner and goal.

    Skills: those of the goal that are not mastered, the pinned, and every prerequisite of these that is not ready, and
    theirs. Gain of a skill is weight * P(reached) * (1 - P(mastered)); its cost is the greater of mean and median
    minutes, so that the medians of a plan add up within the budget too.
    Raises UnknownSkill; ConstraintInfeasible where exclusions or the budget leave no room for what is pinned.
    """
    _check_pins(standing, goal)
    excluded = set(goal.excluded)
    unmastered = [s for s in standing.catalog.closure(goal.skill_ids) if s in set(goal.skill_ids) and not standing.is_mastered(s)]
    wanted = [skill_id for skill_id in unmastered if skill_id not in excluded]
    blocked = tuple(skill_id for skill_id in wanted if excluded & set(standing.needs([skill_id])))
    skill_ids = standing.needs([*(s for s in wanted if s not in blocked), *goal.pinned])
    mastery = standing.restrict(skill_ids)
    needed = minutes(mastery)
    problem = _problem(standing, goal, mastery, needed)
    _check_budget(problem)
    return PlanningTask(problem, mastery, needed, tuple(s for s in unmastered if s in excluded), blocked)


def _problem(standing: Standing, goal: Goal, mastery: Mastery, minutes: MinutesToMastery) -> PlanProblem:
    settings, position = standing.settings, {skill_id: index for index, skill_id in enumerate(mastery.skill_ids)}
    aims = {*goal.skill_ids, *goal.pinned}
    weight = np.array([settings.goal_weight if skill_id in aims else settings.gap_weight for skill_id in position])
    on_grade = np.array([standing.catalog.skill(skill_id).grade == goal.grade for skill_id in position], dtype=bool)
    return PlanProblem(
        mastery.skill_ids,
        gain=weight * minutes.p_reached * (1.0 - mastery.p_mastered),
        minutes=np.maximum(minutes.minutes.mean(axis=1), minutes.quantiles(0.5)[:, 0]),
        edges=tuple(
            (position[before], index) for skill_id, index in position.items() for before in standing.unready_prerequisites(skill_id)
        ),
        budget=settings.learning_minutes(goal.minutes_per_week * goal.n_weeks),
        pinned=tuple(dict.fromkeys(position[skill_id] for skill_id in goal.pinned)),
        on_grade=on_grade if goal.grade else None,
        grade_share=settings.grade_share,
        grade_penalty=settings.grade_penalty,
    )


def _check_pins(standing: Standing, goal: Goal) -> None:
    for skill_id in goal.excluded:
        standing.catalog.skill(skill_id)
    conflicts = []
    for skill_id in goal.pinned:
        in_the_way = [other for other in standing.needs([skill_id]) if other in goal.excluded]
        if skill_id in in_the_way:
            conflicts.append(f"{skill_id} is both pinned and excluded")
        elif in_the_way:
            conflicts.append(f"pinned {skill_id} needs {', '.join(in_the_way)}, which is excluded and not ready")
    if conflicts:
        raise ConstraintInfeasible(f"Pins and exclusions must leave a plan. Got: {'; '.join(conflicts)}; remove one of each pair.")


def _check_budget(problem: PlanProblem) -> None:
    pinned = sorted({other for pin in problem.pinned for other in problem.closures[pin]})
    minutes = float(problem.minutes[pinned].sum())
    if minutes > problem.budget:
        names = ", ".join(problem.skill_ids[index] for index in pinned)
        raise ConstraintInfeasible(
            f"Pinned skills and what they need must fit into the minutes for new skills. Got {minutes:.0f} minutes for {names} "
            f"against {problem.budget:.0f}; unpin a skill or give more minutes or weeks."
        )
