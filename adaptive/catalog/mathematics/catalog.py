"""Skills, edges, difficulties and families put together into a catalogue."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain
from random import Random
from typing import Final

from adaptive.catalog.catalog import Catalog
from adaptive.catalog.families import ItemFamily, draw_items
from adaptive.catalog.mathematics import base_ten, expressions, measurement, number_fractions, operations, ratios
from adaptive.catalog.mathematics.skills import TOPICS
from adaptive.catalog.norms import MATHEMATICS_MEANS_2025, rit_difficulties

__all__ = ["mathematics_catalog", "mathematics_families"]

NAME: Final = "mathematics grades 3-6 (generated)"


def mathematics_catalog(*, items_per_skill: int = 12, seed: int = 0) -> Catalog:
    """Forty skills of grades 3 to 6 with their prerequisites, and generated questions with exact answers.

    Difficulties are on the RIT scale: a skill's by `rit_difficulties`, an item's within SPREAD_RIT of its skill's by the
    size of its numbers. Equal arguments give equal catalogues; a question has the same id whatever the arguments.
    Raises InvalidInput where more items are wanted than a family can write (60 per skill always succeed).

    >>> catalog = mathematics_catalog(items_per_skill=4)
    >>> catalog
    Catalog(name='mathematics grades 3-6 (generated)', scale='rit')
    >>> len(catalog.skills), len(catalog.items)
    (40, 160)
    >>> catalog.items_of("add-fractions-unlike")[0].text
    'What is 3/4 + 7/9?'
    """
    frame = _frame()
    rng = Random(seed)  # noqa: S311  # questions, not secrets
    families = mathematics_families()
    items = chain.from_iterable(
        draw_items([family for family in families if family.skill_id == skill.skill_id], items_per_skill, rng) for skill in frame.skills
    )
    return replace(frame, items=tuple(items))


@cache
def mathematics_families() -> tuple[ItemFamily, ...]:
    """All families of the catalogue, two for each skill, with the skill's difficulty."""
    modules = (operations, base_ten, number_fractions, measurement, ratios, expressions)
    frame = _frame()
    return tuple(replace(family, difficulty=frame.skill(family.skill_id).difficulty) for module in modules for family in module.FAMILIES)


@cache
def _frame() -> Catalog:
    """The catalogue without its items."""
    plain = Catalog(
        NAME,
        "rit",
        skills=tuple(topic.skill for topic in TOPICS),
        prerequisites=tuple(edge for topic in TOPICS for edge in topic.prerequisites),
    )
    difficulties = rit_difficulties(plain, MATHEMATICS_MEANS_2025)
    skills = tuple(replace(skill, difficulty=round(difficulties[skill.skill_id], 2)) for skill in plain.skills)
    return replace(plain, skills=skills)
