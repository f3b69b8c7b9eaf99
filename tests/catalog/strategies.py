"""Catalogues without errors, with every awkward character that a cell can hold."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.domain import Item, Prerequisite, Skill

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
trimmed = texts.map(str.strip).filter(bool)
skill_ids = trimmed.filter(lambda name: ";" not in name)
numbers = {"logit": st.none() | st.floats(-15.0, 15.0), "rit": st.none() | st.floats(50.0, 350.0)}
weights = st.floats(0.0, 1.0, exclude_min=True)
scales: st.SearchStrategy[Literal["logit", "rit"]] = st.sampled_from(["logit", "rit"])


@st.composite
def skill_lists(draw: st.DrawFn, scale: str) -> tuple[Skill, ...]:
    names = draw(st.lists(skill_ids, min_size=1, max_size=5, unique=True))
    parents = [draw(st.none() | st.sampled_from(names[:k])) if k else None for k in range(len(names))]
    return tuple(
        Skill(name, draw(texts), draw(texts), draw(texts), draw(texts), draw(numbers[scale]), parent)
        for name, parent in zip(names, parents, strict=True)
    )


@st.composite
def items(draw: st.DrawFn, item_id: str, names: list[str], scale: str) -> Item:
    options = tuple(draw(st.just([]) | st.lists(trimmed, min_size=2, max_size=4, unique=True)))
    return Item(
        item_id=item_id,
        skill_ids=tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))),
        family_id=draw(st.none() | trimmed),
        difficulty=draw(numbers[scale]),
        options=options,
        text=draw(texts),
        answer=draw(st.sampled_from(options)) if options else draw(texts),
        hint=draw(texts),
        retired=draw(st.booleans()),
    )


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    scale = draw(scales)
    skills = draw(skill_lists(scale))
    names = [skill.skill_id for skill in skills]
    pairs = list(combinations(names, 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    item_ids = draw(st.lists(trimmed, unique=True, max_size=4))
    return Catalog(
        name=draw(texts),
        scale=scale,
        skills=skills,
        items=tuple(draw(items(item_id, names, scale)) for item_id in item_ids),
        prerequisites=tuple(Prerequisite(early, late, draw(weights)) for early, late in edges),
    )
