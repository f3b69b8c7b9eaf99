"""The greedy plan: the best gain per minute first. Fallback of the exact search, and its baseline."""

from __future__ import annotations

import numpy as np

from adaptive.planning.problem import PlanProblem, Selection

__all__ = ["fill_greedily", "solve_greedily"]


def solve_greedily(problem: PlanProblem) -> Selection:
    """Pins first; then, again and again, the skill that with all it needs adds most value per minute and still fits.

    >>> problem = PlanProblem(("a", "b", "c"), np.array([0.1, 0.9, 0.8]), np.array([10.0, 20.0, 15.0]), edges=((0, 1),), budget=30.0)
    >>> solve_greedily(problem).tolist()  # c first, then only a still fits: .9 in all, where a with b is worth 1
    [True, False, True]
    """
    return fill_greedily(problem, _selection(problem, {other for pin in problem.pinned for other in problem.closures[pin]}))


def fill_greedily(problem: PlanProblem, selection: Selection) -> Selection:
    """The selection and, again and again, the skill that with all it needs adds most value per minute and still fits.

    >>> problem = PlanProblem(("a", "b"), np.array([0.1, 0.9]), np.array([10.0, 20.0]), edges=(), budget=30.0)
    >>> fill_greedily(problem, np.array([True, False])).tolist()
    [True, True]
    """
    chosen = {int(skill) for skill in np.flatnonzero(selection)}
    while (best := _best_bundle(problem, chosen)) is not None:
        chosen.update(best)
    return _selection(problem, chosen)


def _best_bundle(problem: PlanProblem, chosen: set[int]) -> tuple[int, ...] | None:
    now = problem.value(_selection(problem, chosen))
    left = problem.budget - float(problem.minutes[list(chosen)].sum())
    best, best_rate = None, 0.0
    for skill in range(len(problem)):
        if skill in chosen:
            continue
        bundle = problem.bundle(skill, chosen)
        minutes = float(problem.minutes[list(bundle)].sum())
        if minutes > left:
            continue
        rate = (problem.value(_selection(problem, chosen | set(bundle))) - now) / max(minutes, 1e-9)
        if rate > best_rate:
            best, best_rate = bundle, rate
    return best


def _selection(problem: PlanProblem, chosen: set[int]) -> Selection:
    selection = np.zeros(len(problem), dtype=bool)
    selection[list(chosen)] = True
    return selection
