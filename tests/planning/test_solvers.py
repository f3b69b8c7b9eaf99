"""The exact search against enumeration, and greedy against the exact search."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from adaptive.planning.greedy import solve_greedily
from adaptive.planning.milp import solve_exactly
from adaptive.planning.problem import PlanProblem
from tests.planning.worlds import problems


def best_by_enumeration(problem: PlanProblem) -> float:
    """Oracle: every subset, its rules and its value written out."""
    best = -np.inf
    for chosen in product((0, 1), repeat=len(problem)):
        if any(chosen[after] and not chosen[before] for before, after in problem.edges) or not all(chosen[pin] for pin in problem.pinned):
            continue
        minutes = sum(m for m, x in zip(problem.minutes, chosen, strict=True) if x)
        if minutes > problem.budget + 1e-6:  # the tolerance of the problem
            continue
        value = sum(g for g, x in zip(problem.gain, chosen, strict=True) if x)
        if problem.on_grade is not None:
            graded = sum(m for m, x, on in zip(problem.minutes, chosen, problem.on_grade, strict=True) if x and on)
            usable = sum(problem.minutes[skill] for skill in range(len(problem)) if is_usable(problem, skill))
            floor = min(usable, problem.grade_share * min(problem.budget, sum(problem.minutes)))
            value -= problem.grade_penalty * max(0.0, floor - graded)
        best = max(best, value)
    return best


def is_usable(problem: PlanProblem, skill: int) -> bool:
    """Work on grade that gains and, with all that it needs, fits."""
    needed, before = {skill}, set()
    while needed != before:
        before = needed
        needed = needed | {first for first, after in problem.edges if after in needed}
    assert problem.on_grade is not None
    return bool(problem.on_grade[skill] and problem.gain[skill] > 0 and sum(problem.minutes[list(needed)]) <= problem.budget)


@settings(deadline=None, max_examples=200)
@given(problems(max_skills=10))
def test_nothing_is_left_out_that_gains_and_fits(problem: PlanProblem) -> None:
    selection = solve_exactly(problem, time_limit_seconds=10.0, relative_gap=0.5).selection
    chosen = {int(skill) for skill in np.flatnonzero(selection)}
    left = problem.budget - problem.minutes @ selection
    for skill in set(range(len(problem))) - chosen:
        assert problem.minutes[list(problem.bundle(skill, chosen))].sum() > left


@settings(deadline=None, max_examples=200)
@given(problems(max_skills=10))
def test_exact_search_reaches_the_best_value_of_all_subsets(problem: PlanProblem) -> None:
    solution = solve_exactly(problem, time_limit_seconds=10.0)
    assert solution.is_proven_optimal
    assert problem.allows(solution.selection)
    assert problem.value(solution.selection) == pytest.approx(best_by_enumeration(problem), abs=1e-5)  # 1e-6: HiGHS' tolerances


@settings(deadline=None)
@given(problems(max_skills=14))
def test_greedy_is_allowed_and_never_better_than_exact(problem: PlanProblem) -> None:
    greedy = solve_greedily(problem)
    assert problem.allows(greedy)
    exact = solve_exactly(problem, time_limit_seconds=10.0).selection
    assert problem.value(greedy) <= problem.value(exact) + 1e-6  # HiGHS' feasibility tolerance


def test_greedy_misses_what_exact_finds() -> None:
    problem = PlanProblem(("a", "b", "c"), np.array([0.1, 0.9, 0.8]), np.array([10.0, 20.0, 15.0]), edges=((0, 1),), budget=30.0)
    assert problem.value(solve_greedily(problem)) == pytest.approx(0.9)
    assert problem.value(solve_exactly(problem, time_limit_seconds=1.0).selection) == pytest.approx(1.0)


def test_without_time_the_greedy_plan_stands_in_and_says_so() -> None:
    rng = np.random.default_rng(1)
    n = 120
    edges = tuple((int(rng.integers(0, after)), after) for after in range(1, n))
    problem = PlanProblem(tuple(f"s{i}" for i in range(n)), rng.random(n), rng.uniform(1, 30, n), edges, budget=400.0)
    solution = solve_exactly(problem, time_limit_seconds=0.0)
    assert not solution.is_proven_optimal
    assert problem.allows(solution.selection)
    assert problem.value(solution.selection) >= problem.value(solve_greedily(problem))


def test_grade_floor_turns_the_choice_where_it_is_worth_it() -> None:
    gain, minutes = np.array([0.5, 0.45]), np.array([20.0, 20.0])
    plain = PlanProblem(("below", "grade"), gain, minutes, (), budget=20.0)
    floored = PlanProblem(
        ("below", "grade"), gain, minutes, (), 20.0, on_grade=np.array([False, True]), grade_share=0.5, grade_penalty=0.02
    )
    assert solve_exactly(plain, time_limit_seconds=1.0).selection.tolist() == [True, False]
    assert solve_exactly(floored, time_limit_seconds=1.0).selection.tolist() == [False, True]


def test_empty_problem_has_the_empty_plan() -> None:
    empty = PlanProblem((), np.zeros(0), np.zeros(0), (), budget=10.0)
    assert solve_exactly(empty, time_limit_seconds=1.0).selection.tolist() == []
