"""Difficulty of a skill before any attempt, from its grade and its place in the grade's prerequisites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adaptive.catalog.catalog import Catalog

__all__ = ["GRADES", "MATHEMATICS_MEANS_2025", "GradeMeans", "depths_within_grade", "rit_difficulties"]

GRADES: Final = ("K", *(str(number) for number in range(1, 13)))
"""Grades as learners, skills and norms name them: kindergarten, then 1 to 12."""


@dataclass(frozen=True, slots=True)
class GradeMeans:
    """Mean RIT of a grade at the start and the end of the school year."""

    fall: float
    spring: float

    def difficulty(self, depth_share: float) -> float:
        """Difficulty of a skill at that share (0 to 1) of the grade's depth: from 20 % to all of the year's growth.

        >>> round(GradeMeans(200.0, 210.0).difficulty(0.5), 6)
        206.0
        """
        return self.fall + (self.spring - self.fall) * (FIRST_SHARE + (1.0 - FIRST_SHARE) * depth_share)


FIRST_SHARE: Final = 0.2
"""Share of the year's growth at which a grade's first skills stand (ours: taught some weeks after the fall test)."""

MATHEMATICS_MEANS_2025: Final = MappingProxyType(
    {  # NWEA, MAP Growth 2025 norms, mathematics: the grades of the demonstration catalogue
        "3": GradeMeans(184.05, 199.10),
        "4": GradeMeans(197.03, 210.07),
        "5": GradeMeans(206.23, 216.01),
        "6": GradeMeans(210.23, 220.33),
    }
)


def depths_within_grade(catalog: Catalog) -> dict[str, int]:
    """Per skill, the length of the longest chain of prerequisites of its own grade that leads to it."""
    depths: dict[str, int] = {}
    for skill_id in catalog.topological_order():
        grade = catalog.skill(skill_id).grade
        before = (edge.prerequisite_id for edge in catalog.prerequisites_of(skill_id))
        depths[skill_id] = max((depths[early] + 1 for early in before if catalog.skill(early).grade == grade), default=0)
    return depths


def rit_difficulties(catalog: Catalog, means: Mapping[str, GradeMeans]) -> dict[str, float]:
    """RIT difficulty of each skill whose grade has means: fall + (spring - fall)(.2 + .8 depth / greatest depth).

    Depth is counted within the grade; where a grade has no depth all its skills stand at its start.

    >>> from adaptive.domain import Prerequisite, Skill
    >>> skills = (Skill("halves", grade="3"), Skill("sums", grade="3"), Skill("proofs", grade="geometry"))
    >>> catalog = Catalog("small", skills=skills, prerequisites=(Prerequisite("halves", "sums"),))
    >>> difficulties = rit_difficulties(catalog, {"3": GradeMeans(fall=184.05, spring=199.1)})
    >>> {skill_id: round(difficulty, 2) for skill_id, difficulty in difficulties.items()}
    {'halves': 187.06, 'sums': 199.1}
    """
    depths = depths_within_grade(catalog)
    greatest = _greatest((catalog.skill(skill_id).grade, depth) for skill_id, depth in depths.items())
    return {
        skill.skill_id: means[skill.grade].difficulty(depths[skill.skill_id] / max(1, greatest[skill.grade]))
        for skill in catalog.skills
        if skill.grade in means
    }


def _greatest(depths: Iterable[tuple[str, int]]) -> dict[str, int]:
    greatest: dict[str, int] = {}
    for grade, depth in depths:
        greatest[grade] = max(depth, greatest.get(grade, 0))
    return greatest
