"""What a plan chooses from: gains, minutes and the prerequisites that must come along, as one value."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adaptive.protocols import Floats

__all__ = ["PlanProblem", "Selection"]

Selection = NDArray[np.bool_]
"""(n_skills,): which skills of the problem are in the plan."""

_MINUTES_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class PlanProblem:
    """Choose x in {0, 1}^n: maximise sum gain x - penalty * shortfall, closed under `edges`, within `budget`, with pins.

    Skills stand in topological order. `gain` and `minutes` are (n,); `edges` are (prerequisite, dependant) positions
    of prerequisites that are not ready; `on_grade` (n,) marks grade-level work, None where the grade is unknown;
    shortfall = max(0, grade_floor - planned minutes on grade). The floor does not depend on what else is planned, so
    no skill that fits is worth less than its gain.

    >>> problem = PlanProblem(("halves", "sums"), np.array([0.1, 0.9]), np.array([10.0, 20.0]), edges=((0, 1),), budget=30.0)
    >>> problem.bundle(1, chosen=()), problem.allows(np.array([False, True])), problem.value(np.array([True, True]))
    ((0, 1), False, 1.0)
    """

    skill_ids: tuple[str, ...]
    gain: Floats
    minutes: Floats
    edges: tuple[tuple[int, int], ...]
    budget: float
    pinned: tuple[int, ...] = ()
    on_grade: Selection | None = None
    grade_share: float = 0.0
    grade_penalty: float = 0.0

    def __len__(self) -> int:
        return len(self.skill_ids)

    def value(self, selection: Selection) -> float:
        """What the plan aims at: summed gain less the penalty for missing the grade-level floor."""
        return float(self.gain @ selection) - self.grade_penalty * self.shortfall(selection)

    def shortfall(self, selection: Selection) -> float:
        """Minutes by which grade-level work misses its floor; 0 where the grade is unknown."""
        if self.on_grade is None:
            return 0.0
        return max(0.0, self.grade_floor - float(self.minutes @ (selection & self.on_grade)))

    @cached_property
    def grade_floor(self) -> float:
        """Minutes wanted on grade: the share of the time that can be filled, as far as there is work that gains and fits.

        >>> minutes, on_grade = np.array([10.0, 20.0]), np.array([True, False])
        >>> PlanProblem(("a", "b"), np.ones(2), minutes, (), budget=60.0, on_grade=on_grade, grade_share=0.5).grade_floor
        10.0
        """
        if self.on_grade is None:
            return 0.0
        fits = np.array([self.minutes[list(closure)].sum() <= self.budget for closure in self.closures], dtype=bool)
        usable = float(self.minutes @ (self.on_grade & fits & (self.gain > 0.0)))
        return min(usable, self.grade_share * min(self.budget, float(self.minutes.sum())))

    def allows(self, selection: Selection) -> bool:
        """Whether the selection is closed under the edges, keeps the pins and fits into the budget."""
        closed = all(selection[before] or not selection[after] for before, after in self.edges)
        return closed and all(selection[list(self.pinned)]) and float(self.minutes @ selection) <= self.budget + _MINUTES_TOLERANCE

    def bundle(self, skill: int, chosen: Collection[int]) -> tuple[int, ...]:
        """The skill and what must come along with it that is not chosen yet, prerequisites first."""
        return tuple(other for other in self.closures[skill] if other not in chosen)

    @cached_property
    def closures(self) -> tuple[tuple[int, ...], ...]:
        """Of each skill: itself and everything that must come along with it, prerequisites first."""
        before: list[list[int]] = [[] for _ in self.skill_ids]
        for prerequisite, dependant in self.edges:
            before[dependant].append(prerequisite)
        found: list[tuple[int, ...]] = []
        for skill, prerequisites in enumerate(before):
            found.append(tuple(sorted({skill}.union(*(found[other] for other in prerequisites)))))
        return tuple(found)
