"""Small worlds for the planning tests: catalogues, mastery, minutes and problems drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.domain import Goal, Prerequisite, Skill
from adaptive.planning import MilpPlanner, MinutesToMastery
from adaptive.planning.problem import PlanProblem
from adaptive.protocols import Mastery

START = date(2025, 9, 1)


def mastery_of(p_mastered: Sequence[float], expected_success: Sequence[float] | None = None) -> Mastery:
    p = np.array(p_mastered, dtype=np.float64)
    success = np.array(p_mastered if expected_success is None else expected_success, dtype=np.float64)
    return Mastery(tuple(f"s{i}" for i in range(len(p))), p, success, success, success)


def catalog_of(n: int, edges: Sequence[tuple[int, int]], grades: Sequence[str] | None = None) -> Catalog:
    skills = tuple(Skill(f"s{i}", grade=grades[i] if grades else "") for i in range(n))
    return Catalog("world", skills=skills, prerequisites=tuple(Prerequisite(f"s{a}", f"s{b}") for a, b in edges))


def constant_minutes(mastery: Mastery, minutes: float = 20.0) -> MinutesToMastery:
    return MinutesToMastery(np.full((len(mastery.skill_ids), 10), minutes), np.ones(len(mastery.skill_ids)))


def spread_minutes(mastery: Mastery) -> MinutesToMastery:
    """Minutes that differ by skill and grow with what is left to learn; a tenth never gets there on odd skills."""
    centre = np.array(
        [6.0 + 3.0 * int(skill_id[1:]) + 20.0 * (1.0 - p) for skill_id, p in zip(mastery.skill_ids, mastery.p_mastered, strict=True)]
    )
    minutes = centre[:, None] * np.linspace(0.5, 1.8, 20)
    return MinutesToMastery(minutes, np.array([0.9 if int(skill_id[1:]) % 2 else 1.0 for skill_id in mastery.skill_ids]))


@st.composite
def edges_among(draw: st.DrawFn, n: int) -> list[tuple[int, int]]:
    pairs = [(a, b) for b in range(n) for a in range(b)]
    return sorted(draw(st.sets(st.sampled_from(pairs), max_size=2 * n))) if pairs else []


@st.composite
def problems(draw: st.DrawFn, max_skills: int = 8) -> PlanProblem:
    n = draw(st.integers(1, max_skills))
    edges = draw(edges_among(n))
    numbers = st.floats(0.01, 1.0)
    gain = np.array(draw(st.lists(numbers, min_size=n, max_size=n)))
    minutes = np.array(draw(st.lists(st.floats(1.0, 40.0), min_size=n, max_size=n)))
    on_grade = draw(st.none() | st.lists(st.booleans(), min_size=n, max_size=n))
    free = PlanProblem(
        tuple(f"s{i}" for i in range(n)),
        gain,
        minutes,
        tuple(edges),
        budget=draw(st.floats(0.0, 150.0)),
        on_grade=None if on_grade is None else np.array(on_grade),
        grade_share=0.5,
        grade_penalty=draw(st.sampled_from([0.0, 0.02, 0.2])),
    )
    pin = draw(st.none() | st.integers(0, n - 1))
    if pin is None or minutes[list(free.closures[pin])].sum() > free.budget:
        return free
    return PlanProblem(free.skill_ids, gain, minutes, free.edges, free.budget, (pin,), free.on_grade, free.grade_share, free.grade_penalty)


@st.composite
def planned_worlds(draw: st.DrawFn) -> tuple[MilpPlanner, Mastery, Goal]:
    n = draw(st.integers(1, 12))
    edges = draw(edges_among(n))
    grades = draw(st.lists(st.sampled_from(["3", "4", "5"]), min_size=n, max_size=n))
    p = draw(st.lists(st.floats(0.0, 1.0), min_size=n, max_size=n))
    success = [min(1.0, one + draw(st.floats(0.0, 0.4))) for one in p]
    skills = st.integers(0, n - 1).map(lambda i: f"s{i}")
    goal = Goal(
        "drawn",
        tuple(sorted(draw(st.sets(skills, min_size=1)))),
        minutes_per_week=draw(st.floats(5.0, 120.0)),
        n_weeks=draw(st.integers(1, 15)),
        grade=draw(st.sampled_from(["", "4"])),
        pinned=tuple(sorted(draw(st.sets(skills, max_size=2)))),
        excluded=tuple(sorted(draw(st.sets(skills, max_size=2)))),
    )
    return MilpPlanner(catalog_of(n, edges, grades), spread_minutes), mastery_of(p, success), goal
