"""The catalogue: skills, their prerequisite graph, and the items that exercise them, as one immutable value."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean
from typing import Literal

from adaptive.catalog.graph import cycles, topological_order
from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.errors import InvalidInput, Problem, UnknownItem, UnknownSkill
from adaptive.protocols import Items, Skills

__all__ = ["Catalog", "cycle_problem"]


@dataclass(frozen=True)
class Catalog:
    """What there is to learn. Order is content: skills in teaching order, so ties of the topological order follow it.

    `scale` is the unit of every difficulty. Building a catalogue checks nothing, so that `validate` can name all that
    is wrong; `read_catalog` refuses what is. Indexes are built once, on first use.

    >>> catalog = Catalog(
    ...     "fractions",
    ...     "rit",
    ...     skills=(Skill("halves", difficulty=190.0), Skill("sums", difficulty=205.0)),
    ...     items=(Item("q1", ("halves",)), Item("q2", ("sums",), difficulty=208.0)),
    ...     prerequisites=(Prerequisite("halves", "sums", weight=0.9),),
    ... )
    >>> catalog.topological_order(), catalog.closure(["sums"])
    (('halves', 'sums'), ('halves', 'sums'))
    >>> catalog.skill_difficulty_logit("sums"), catalog.item_difficulty_logit("q1")
    (0.5, -1.0)
    """

    name: str
    scale: Literal["logit", "rit"] = "logit"
    skills: tuple[Skill, ...] = field(default=(), repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    prerequisites: tuple[Prerequisite, ...] = field(default=(), repr=False)

    @cached_property
    def version(self) -> str:
        """16 hex digits of the SHA-256 of the content: equal where scale, skills, items and edges are. The name is a label."""
        content = [self.scale, *map(_skill_row, self.skills), *map(_item_row, self.items), *map(_edge_row, self.prerequisites)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def __hash__(self) -> int:
        return hash(self.version)

    def skill(self, skill_id: str) -> Skill:
        """The skill of that id. Raises UnknownSkill."""
        try:
            return self._skill_of_id[skill_id]
        except KeyError:
            raise UnknownSkill(f"Catalogue {self.name!r} holds no skill {skill_id!r}; add it to skills.csv or use a known id.") from None

    def item(self, item_id: str) -> Item:
        """The item of that id. Raises UnknownItem."""
        try:
            return self._item_of_id[item_id]
        except KeyError:
            raise UnknownItem(f"Catalogue {self.name!r} holds no item {item_id!r}; add it to items.csv or use a known id.") from None

    def items_of(self, skill_id: str) -> tuple[Item, ...]:
        """Items that exercise the skill, retired ones too, in catalogue order. Raises UnknownSkill."""
        return self._items_of_skill.get(self.skill(skill_id).skill_id, ())

    def prerequisites_of(self, skill_id: str) -> tuple[Prerequisite, ...]:
        """Edges that lead directly into the skill, in catalogue order. Raises UnknownSkill."""
        return self._prerequisites_of_skill.get(self.skill(skill_id).skill_id, ())

    def closure(self, skill_ids: Iterable[str]) -> tuple[str, ...]:
        """These skills and everything that they stand on, in topological order. Raises UnknownSkill."""
        reached: set[str] = set()
        waiting = list(skill_ids)
        while waiting:
            skill_id = waiting.pop()
            if skill_id not in reached:
                waiting.extend(edge.prerequisite_id for edge in self.prerequisites_of(skill_id))
                reached.add(skill_id)
        return tuple(sorted(reached, key=self._topological_rank.__getitem__))

    def topological_order(self) -> tuple[str, ...]:
        """All skill ids, prerequisites first, otherwise in catalogue order. Raises InvalidInput on a cycle."""
        return tuple(self._topological_rank)

    def skill_difficulty_logit(self, skill_id: str) -> float | None:
        """Logit difficulty of the skill's typical item: its own, else the mean of its items' own, else None."""
        own = self.skill(skill_id).difficulty
        known = [own] if own is not None else [item.difficulty for item in self.items_of(skill_id) if item.difficulty is not None]
        return DIFFICULTY_SCALES[self.scale].to_logit(fmean(known)) if known else None

    def item_difficulty_logit(self, item_id: str) -> float | None:
        """Logit difficulty of the item: its own, else the mean of its skills', else None."""
        item = self.item(item_id)
        if item.difficulty is not None:
            return DIFFICULTY_SCALES[self.scale].to_logit(item.difficulty)
        known = [logit for skill_id in item.skill_ids if (logit := self.skill_difficulty_logit(skill_id)) is not None]
        return fmean(known) if known else None

    @cached_property
    def item_columns(self) -> Items:
        """All items, retired ones too, as the columns that models read; the same object each time."""
        return Items(tuple(item.item_id for item in self.items), tuple(item.skill_ids for item in self.items))

    @cached_property
    def skill_columns(self) -> Skills:
        """All skills in catalogue order, as the columns that models read; the same object each time."""
        return Skills(tuple(skill.skill_id for skill in self.skills))

    @cached_property
    def _skill_of_id(self) -> dict[str, Skill]:
        return {skill.skill_id: skill for skill in self.skills}

    @cached_property
    def _item_of_id(self) -> dict[str, Item]:
        return {item.item_id: item for item in self.items}

    @cached_property
    def _items_of_skill(self) -> dict[str, tuple[Item, ...]]:
        grouped: defaultdict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            for skill_id in item.skill_ids:
                grouped[skill_id].append(item)
        return {skill_id: tuple(items) for skill_id, items in grouped.items()}

    @cached_property
    def _prerequisites_of_skill(self) -> dict[str, tuple[Prerequisite, ...]]:
        grouped: defaultdict[str, list[Prerequisite]] = defaultdict(list)
        for edge in self.prerequisites:
            grouped[edge.skill_id].append(edge)
        return {skill_id: tuple(edges) for skill_id, edges in grouped.items()}

    @cached_property
    def _topological_rank(self) -> dict[str, int]:
        nodes = list(self._skill_of_id)
        edges = [(edge.prerequisite_id, edge.skill_id) for edge in self.prerequisites]
        for end in {end for edge in edges for end in edge}:
            self.skill(end)
        order = topological_order(nodes, edges)
        if len(order) < len(nodes):
            raise InvalidInput(f"catalogue {self.name!r}", map(cycle_problem, cycles(nodes, edges)))
        return {skill_id: rank for rank, skill_id in enumerate(order)}


def cycle_problem(cycle: tuple[str, ...], *, where: str = "edges.csv") -> Problem:
    """The problem that a cycle is, with its path.

    >>> print(cycle_problem(("fractions", "ratios")))
    edges.csv: the skill graph must be acyclic. Got 'fractions -> ratios -> fractions'; remove one prerequisite on the path.
    """
    return Problem(where, "the skill graph must be acyclic", " -> ".join([*cycle, cycle[0]]), "remove one prerequisite on the path")


def _skill_row(skill: Skill) -> list[object]:
    return ["skill", skill.skill_id, skill.title, skill.grade, skill.domain, skill.code, _number(skill.difficulty), skill.parent_id]


def _item_row(item: Item) -> list[object]:
    shown = [item.options, item.text, item.answer, item.hint, bool(item.retired)]
    return ["item", item.item_id, item.skill_ids, item.family_id, _number(item.difficulty), *shown]


def _edge_row(edge: Prerequisite) -> list[object]:
    return ["edge", edge.prerequisite_id, edge.skill_id, _number(edge.weight)]


def _number(value: float | None) -> float | None:
    """1 and 1.0, 0.0 and -0.0 are equal values, so they get one spelling."""
    return None if value is None else float(value) + 0.0
