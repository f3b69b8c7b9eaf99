"""A catalogue made of the attempts alone: its skills and items, without texts, difficulties or prerequisites."""

from __future__ import annotations

import polars as pl

from adaptive.catalog import Catalog
from adaptive.datasets.table import AttemptTable
from adaptive.domain import Item, Skill

__all__ = ["catalog_from_attempts"]


def catalog_from_attempts(table: AttemptTable, *, name: str = "attempts") -> Catalog:
    """Skills and items that the attempts name, in sorted order. An item exercises each skill that any of its attempts names.

    >>> from adaptive.domain import Attempt
    >>> table = AttemptTable.from_attempts([Attempt("a1", "ann", "q7", ("sums", "halves"), correct=1.0)])
    >>> catalog_from_attempts(table).item("q7").skill_ids
    ('sums', 'halves')
    """
    named = table.frame.select("item_id", "skill_ids").explode("skill_ids").drop_nulls().unique(maintain_order=True)
    skill_ids = named["skill_ids"].unique().sort()
    items = named.group_by("item_id", maintain_order=True).agg(pl.col("skill_ids")).sort("item_id")
    return Catalog(
        name,
        skills=tuple(Skill(skill_id) for skill_id in skill_ids),
        items=tuple(Item(item_id, tuple(skills)) for item_id, skills in items.iter_rows()),
    )
