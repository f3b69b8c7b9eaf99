"""The exact plan: a mixed-integer programme solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array

from adaptive.planning.greedy import fill_greedily, solve_greedily
from adaptive.planning.problem import PlanProblem, Selection

__all__ = ["Solution", "solve_exactly"]


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A selection, (n_skills,), and whether no better one exists, to the gap that was asked for."""

    selection: Selection
    is_proven_optimal: bool


def solve_exactly(problem: PlanProblem, *, time_limit_seconds: float, relative_gap: float = 0.0) -> Solution:
    """The best selection, proven so to the gap; where time runs out, the better of what HiGHS has found and greedy.

    One column per skill and one for the shortfall; rows: x_after <= x_before, minutes within budget, and
    floor - sum on_grade minutes x <= shortfall. What HiGHS leaves out within the gap though it fits is filled in
    greedily. The problem must be feasible: its pins close and fit.

    >>> problem = PlanProblem(("a", "b", "c"), np.array([0.1, 0.9, 0.8]), np.array([10.0, 20.0, 20.0]), edges=((0, 1),), budget=30.0)
    >>> solve_exactly(problem, time_limit_seconds=1.0).selection.tolist()
    [True, True, False]
    """
    n = len(problem)
    if n == 0:
        return Solution(np.zeros(0, dtype=bool), is_proven_optimal=True)
    rows, limits = _rows(problem)
    lower = np.zeros(n + 1)
    lower[list(problem.pinned)] = 1.0
    found = milp(
        c=np.append(-problem.gain, problem.grade_penalty),
        integrality=np.append(np.ones(n), 0.0),
        bounds=Bounds(lower, np.append(np.ones(n), np.inf)),
        constraints=LinearConstraint(rows, -np.inf, limits),
        options={"time_limit": time_limit_seconds, "mip_rel_gap": relative_gap},
    )
    exact = [] if found.x is None else [found.x[:n] > 0.5]
    allowed = [selection for selection in exact if problem.allows(selection)]
    if allowed and found.status == 0:
        return Solution(fill_greedily(problem, allowed[0]), is_proven_optimal=True)
    filled = [fill_greedily(problem, selection) for selection in allowed]
    return Solution(max([*filled, solve_greedily(problem)], key=problem.value), is_proven_optimal=False)


def _rows(problem: PlanProblem) -> tuple[csr_array, list[float]]:
    """Left-hand sides over (skills, shortfall) and their upper limits."""
    n = len(problem)
    left = lil_array((len(problem.edges) + 2, n + 1))
    for row, (before, after) in enumerate(problem.edges):
        left[row, after], left[row, before] = 1.0, -1.0
    left[-2, :n] = problem.minutes
    if problem.on_grade is not None:
        left[-1, :n] = -problem.minutes * problem.on_grade
        left[-1, n] = -1.0
    return left.tocsr(), [0.0] * len(problem.edges) + [problem.budget, -problem.grade_floor]
