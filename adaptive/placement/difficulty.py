"""How hard each skill is on the RIT scale, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.catalog import Catalog
from adaptive.catalog.norms import GRADES, GradeMeans, rit_difficulties
from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.placement.norms import MATHEMATICS_2025
from adaptive.protocols import Floats

__all__ = ["Difficulties", "grade_difficulty", "skill_difficulties"]

RIT: Final = DIFFICULTY_SCALES["rit"]

_GRADE_MEANS: Final = {
    grade: GradeMeans(MATHEMATICS_2025[grade, "Fall"].mean, MATHEMATICS_2025[grade, "Spring"].mean) for grade in GRADES
} | {"HS": GradeMeans(MATHEMATICS_2025["9", "Fall"].mean, MATHEMATICS_2025["11", "Spring"].mean)}


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
    own = np.array([np.nan if logit is None else RIT.from_logit(logit) for logit in logits])
    by_grade = np.isnan(own)
    rit = np.where(by_grade, grade_difficulty(catalog), own)
    by_grade &= ~np.isnan(rit)
    by_mean = np.isnan(rit)
    mean = float(np.nanmean(rit)) if not by_mean.all() else RIT.origin
    notes = [
        (int(by_grade.sum()), "difficulty_from_grade", "no difficulty and takes it from the grade's norms and the skill graph"),
        (int(by_mean.sum()), "difficulty_assumed", "neither difficulty nor grade and stands at the mean"),
    ]
    flags = tuple(f"{code}: {n} skill{' has' if n == 1 else 's have'} {text}" for n, code, text in notes if n)
    return Difficulties(np.where(by_mean, mean, rit), flags)


def grade_difficulty(catalog: Catalog) -> Floats:
    """What `rit_difficulties` gives each skill from its grade and its depth within the grade, (n_skills,) RIT, else NaN.

    Grades K to 12 by the 2025 norms; high school as one grade (`HS`) spans grades 9 to 11.

    >>> from adaptive.domain import Skill
    >>> grade_difficulty(Catalog("c", skills=(Skill("a", grade="3"), Skill("b", grade="geometry")))).round(1).tolist()
    [187.1, nan]
    """
    known = rit_difficulties(catalog, _GRADE_MEANS)
    return np.array([known.get(skill.skill_id, np.nan) for skill in catalog.skills])
