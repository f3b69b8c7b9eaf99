"""The catalogue as arrays: from a vector over skills to a vector over items without a Python loop."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.policies import Links
from adaptive.protocols import Floats, Ints

__all__ = ["Bank"]

_NumberT = TypeVar("_NumberT", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class Bank:
    """Links of a catalogue as flat index arrays, (n_links,) each: item to skill, and skill to prerequisite."""

    catalog: Catalog
    skill_index: dict[str, int]
    item_index: dict[str, int]
    link_item: Ints
    link_skill: Ints
    edge_before: Ints
    edge_after: Ints
    edge_weight: Floats
    in_service: NDArray[np.bool_]

    @classmethod
    def of(cls, catalog: Catalog) -> Bank:
        """The arrays of that catalogue."""
        skill_index = {skill.skill_id: k for k, skill in enumerate(catalog.skills)}
        links = [(i, skill_index[skill_id]) for i, item in enumerate(catalog.items) for skill_id in item.skill_ids]
        edges = catalog.prerequisites
        return cls(
            catalog=catalog,
            skill_index=skill_index,
            item_index={item.item_id: i for i, item in enumerate(catalog.items)},
            link_item=np.array([i for i, _ in links], dtype=np.int64),
            link_skill=np.array([k for _, k in links], dtype=np.int64),
            edge_before=np.array([skill_index[edge.prerequisite_id] for edge in edges], dtype=np.int64),
            edge_after=np.array([skill_index[edge.skill_id] for edge in edges], dtype=np.int64),
            edge_weight=np.array([edge.weight for edge in edges], dtype=np.float64),
            in_service=np.array([not item.retired for item in catalog.items], dtype=np.bool_),
        )

    @cached_property
    def links(self) -> Links:
        """The same links as the zone's event reads them."""
        n_items, n_skills = len(self.catalog.items), len(self.catalog.skills)
        return Links(n_items, n_skills, self.link_item, self.link_skill, self.edge_before, self.edge_after, self.edge_weight)

    def least_over_skills(self, per_skill: Floats) -> Floats:
        """(n_skills,) to (n_items,): the smallest value among each item's skills."""
        least = np.full(len(self.catalog.items), np.inf)
        np.minimum.at(least, self.link_item, per_skill[self.link_skill])
        return least

    def most_over_skills(self, per_skill: NDArray[_NumberT]) -> NDArray[_NumberT]:
        """(n_skills,) to (n_items,): the largest value among each item's skills, at least 0."""
        most = np.zeros(len(self.catalog.items), dtype=per_skill.dtype)
        np.maximum.at(most, self.link_item, per_skill[self.link_skill])
        return most

    def readiness(self, expected_success: Floats) -> Floats:
        """(n_skills,) to (n_skills,): min over prerequisites j of 1 - weight_j (1 - expected_success_j); 1 without any.

        A certain prerequisite (weight 1) counts as its expected success, a doubtful one holds back less.
        """
        ready = np.ones(len(self.catalog.skills))
        np.minimum.at(ready, self.edge_after, 1.0 - self.edge_weight * (1.0 - expected_success[self.edge_before]))
        return ready

    def n_unready_before(self, unready: NDArray[np.bool_]) -> Ints:
        """(n_skills,) to (n_skills,): how many direct prerequisites of each skill are not ready."""
        held_back = self.edge_after[unready[self.edge_before]]
        return np.bincount(held_back, minlength=len(self.catalog.skills)).astype(np.int64)

    def items_touching(self, skill_ids: Collection[str]) -> NDArray[np.bool_]:
        """(n_items,): whether the item exercises one of the skills."""
        wanted = np.zeros(len(self.catalog.skills), dtype=np.bool_)
        wanted[[self.skill_index[skill_id] for skill_id in skill_ids]] = True
        touching = np.zeros(len(self.catalog.items), dtype=np.bool_)
        touching[self.link_item[wanted[self.link_skill]]] = True
        return touching

    def among(self, item_ids: Iterable[str]) -> NDArray[np.bool_]:
        """(n_items,): whether the item is named; ids that the catalogue does not hold are passed over."""
        named = np.zeros(len(self.catalog.items), dtype=np.bool_)
        named[[self.item_index[i] for i in item_ids if i in self.item_index]] = True
        return named
