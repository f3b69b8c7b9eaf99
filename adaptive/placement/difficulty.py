"""How hard each skill is on the RIT scale, and how that is known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.catalog import Catalog
from adaptive.placement.norms import GRADES, MATHEMATICS_2025
from adaptive.protocols import Floats

__all__ = ["Difficulties", "grade_difficulty", "skill_difficulties"]

_RIT_AT_ZERO_LOGIT: Final = 200.0
_RIT_PER_LOGIT: Final = 10.0
_HIGH_SCHOOL: Final = "HS"
_FIRST_SHARE: Final = 0.2
"""Of a grade's growth from fall to spring, what its first skills already ask."""


@dataclass(frozen=True, slots=True, eq=False)
class Difficulties:
    """Difficulty of each skill in catalogue order, (n_skills,) RIT, and what had to be assumed for it."""

    rit: Floats
    flags: tuple[str, ...]


def skill_difficulties(catalog: Catalog) -> Difficulties:
    """The catalogue's own difficulties; where it has none, the grade's; where there is no grade, the mean of the known.

    >>> from adaptive.domain import Skill
    >>> found = skill_difficulties(Catalog("c", "rit", skills=(Skill("halves", difficulty=190.0), Skill("sums"))))
    >>> found.rit.tolist(), found.flags
    ([190.0, 190.0], ('difficulty_assumed: 1 skill has neither difficulty nor grade and stands at the mean',))
    """
    logits = [catalog.skill_difficulty_logit(skill_id) for skill_id in catalog.skill_columns.skill_ids]
    own = np.array([np.nan if logit is None else _RIT_AT_ZERO_LOGIT + _RIT_PER_LOGIT * logit for logit in logits])
    by_grade = np.isnan(own)
    rit = np.where(by_grade, grade_difficulty(catalog), own)
    by_grade &= ~np.isnan(rit)
    by_mean = np.isnan(rit)
    mean = float(np.nanmean(rit)) if not by_mean.all() else _RIT_AT_ZERO_LOGIT
    notes = [
        (int(by_grade.sum()), "difficulty_from_grade", "no difficulty and takes it from the grade's norms and the skill graph"),
        (int(by_mean.sum()), "difficulty_assumed", "neither difficulty nor grade and stands at the mean"),
    ]
    flags = tuple(f"{code}: {n} skill{' has' if n == 1 else 's have'} {text}" for n, code, text in notes if n)
    return Difficulties(np.where(by_mean, mean, rit), flags)


def grade_difficulty(catalog: Catalog) -> Floats:
    """b = fall + (spring - fall) (.2 + .8 depth / greatest depth) from each skill's grade, (n_skills,) RIT, else NaN.

    Depth is the longest chain of prerequisites within the grade; means are the 2025 norms. `HS` spans grades 9 to 11.

    >>> from adaptive.domain import Prerequisite, Skill
    >>> chain = Catalog("c", skills=(Skill("a", grade="3"), Skill("b", grade="3")), prerequisites=(Prerequisite("a", "b"),))
    >>> grade_difficulty(chain).round(1).tolist()
    [187.1, 199.1]
    """
    depth = _depth_within_grade(catalog)
    deepest: defaultdict[str, int] = defaultdict(int)
    for skill in catalog.skills:
        deepest[skill.grade] = max(deepest[skill.grade], depth[skill.skill_id])
    return np.array([_difficulty(skill.grade, depth[skill.skill_id] / max(deepest[skill.grade], 1)) for skill in catalog.skills])


def _difficulty(grade: str, relative_depth: float) -> float:
    first, last = ("9", "11") if grade == _HIGH_SCHOOL else (grade, grade)
    if first not in GRADES:
        return float("nan")
    fall, spring = MATHEMATICS_2025[first, "Fall"].mean, MATHEMATICS_2025[last, "Spring"].mean
    return fall + (spring - fall) * (_FIRST_SHARE + (1.0 - _FIRST_SHARE) * relative_depth)


def _depth_within_grade(catalog: Catalog) -> dict[str, int]:
    depth: dict[str, int] = {}
    for skill_id in catalog.topological_order():
        grade = catalog.skill(skill_id).grade
        before = [edge.prerequisite_id for edge in catalog.prerequisites_of(skill_id)]
        depth[skill_id] = max((depth[other] + 1 for other in before if catalog.skill(other).grade == grade), default=0)
    return depth
