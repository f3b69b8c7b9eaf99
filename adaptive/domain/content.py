"""What there is to learn and to attempt: skills, items, and which skill comes before which."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Item", "Prerequisite", "Skill"]


@dataclass(frozen=True, slots=True)
class Skill:
    """A node of the skill graph. `difficulty` is on the catalogue's scale, None where unknown.

    >>> Skill("3.NF.A.1", title="Unit fractions", grade="3").grade
    '3'
    """

    skill_id: str
    title: str = ""
    grade: str = ""
    domain: str = ""
    code: str = ""
    difficulty: float | None = None
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to attempt. `options` is empty for a free answer; a retired item is never recommended.

    >>> Item("q1", ("3.NF.A.1",), text="What is 1/4 + 2/4?", answer="3/4").skill_ids
    ('3.NF.A.1',)
    """

    item_id: str
    skill_ids: tuple[str, ...]
    family_id: str | None = None
    difficulty: float | None = None
    options: tuple[str, ...] = ()
    text: str = ""
    answer: str = ""
    hint: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """`prerequisite_id` should be ready before `skill_id`; `weight` in (0, 1] is the strength of that claim."""

    prerequisite_id: str
    skill_id: str
    weight: float = 1.0
