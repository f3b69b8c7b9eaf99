"""The catalogue as arrays: from a vector over skills to a vector over items without a Python loop."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.policies import Links
from adaptive.protocols import Floats, Ints, Items

__all__ = ["Bank"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Bank:
    """Links of a catalogue as flat index arrays, from items to skills and from skills to prerequisites.

    Items with the same skills are of one kind, and share all that rests on skills alone: so most questions are asked of `kinds`.
    """

    catalog: Catalog
    skill_index: dict[str, int]
    item_index: dict[str, int]
    links: Links
    in_service: Mask

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
            links=Links(
                n_items=len(catalog.items),
                n_skills=len(catalog.skills),
                link_item=np.array([i for i, _ in links], dtype=np.int64),
                link_skill=np.array([k for _, k in links], dtype=np.int64),
                edge_before=np.array([skill_index[edge.prerequisite_id] for edge in edges], dtype=np.int64),
                edge_after=np.array([skill_index[edge.skill_id] for edge in edges], dtype=np.int64),
                edge_weight=np.array([edge.weight for edge in edges], dtype=np.float64),
            ),
            in_service=np.array([not item.retired for item in catalog.items], dtype=np.bool_),
        )

    @cached_property
    def kind(self) -> Ints:
        """(n_items,) the kind of each item, in order of the first of each."""
        codes: dict[frozenset[str], int] = {}
        return np.array([codes.setdefault(frozenset(item.skill_ids), len(codes)) for item in self.catalog.items], dtype=np.int64)

    @cached_property
    def kind_columns(self) -> Items:
        """The first item of each kind."""
        return self.catalog.item_columns.take(np.unique(self.kind, return_index=True)[1])

    @cached_property
    def kinds(self) -> Links:
        """Which kind of items exercises which skill."""
        runs = self.kind_columns.skill_ids
        links = [(kind, self.skill_index[skill_id]) for kind, run in enumerate(runs) for skill_id in dict.fromkeys(run)]
        kind, skill = (np.array([link[side] for link in links], dtype=np.int64) for side in (0, 1))
        return replace(self.links, n_items=len(runs), link_item=kind, link_skill=skill)

    @cached_property
    def skills_alone(self) -> Links:
        """Each skill as an item of its own."""
        each = np.arange(self.links.n_skills)
        return replace(self.links, n_items=len(each), link_item=each, link_skill=each)

    @cached_property
    def n_in_service(self) -> Ints:
        """(n_kinds,) items of each kind that are in service."""
        return np.bincount(self.kind[self.in_service], minlength=self.kinds.n_items).astype(np.int64)

    def items_of(self, kinds: Ints) -> Ints:
        """Places of the items in service of these kinds, in catalogue order; equal to `flatnonzero`, at the cost of what is found."""
        runs = [self._by_kind[self._start[kind] : self._start[kind + 1]] for kind in kinds.tolist()]
        return np.sort(np.concatenate(runs)) if runs else np.zeros(0, dtype=np.int64)

    @cached_property
    def _by_kind(self) -> Ints:
        """Places of the items in service, kind after kind; those of kind k are `[_start[k]:_start[k + 1]]`."""
        return np.argsort(np.where(self.in_service, self.kind, self.kinds.n_items), kind="stable")[: int(self.in_service.sum())]

    @cached_property
    def _start(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.n_in_service)])

    def readiness(self, expected_success: Floats) -> Floats:
        """(n_skills,) to (n_skills,): min over prerequisites j of 1 - weight_j (1 - expected_success_j); 1 without any.

        A certain prerequisite (weight 1) counts as its expected success, a doubtful one holds back less.
        """
        order, first, after = self._edges
        ready, links = np.ones(len(self.catalog.skills)), self.links
        if len(order):
            held = 1.0 - links.edge_weight[order] * (1.0 - expected_success[links.edge_before[order]])  # (n_edges,)
            ready[after] = np.minimum(np.minimum.reduceat(held, first), 1.0)
        return ready

    def steps_back(self, expected_success: Floats, wanted: Mask, ready_at: float) -> Mask:
        """(..., n_skills): what to learn first on the way to the nearest of the `wanted` skills that wait for a prerequisite.

        The nearest is the one with the fewest direct prerequisites below `ready_at`, then the one with the highest expected success, then
        the first. Of what it stands on, those that are below and wait for none themselves; nothing where none waits.
        """
        unready = expected_success < ready_at
        if not unready.size:
            return unready
        n_before = unready.astype(np.float64) @ self._stands_on  # (..., n_skills)
        waiting = wanted & (n_before > 0.0)
        farness = np.where(waiting, n_before - expected_success, np.inf)  # success is below 1, so that it only tells apart equal counts
        before = self._closures[np.argmin(farness, axis=-1)]
        return np.asarray(before & unready & (n_before == 0.0) & waiting.any(axis=-1, keepdims=True))

    def closure(self, skills: Mask) -> Mask:
        """(n_skills,): whether the skill is one of these or one that they stand on."""
        return skills if skills.all() else np.asarray(self._closures[skills].any(axis=0))

    def named(self, skill_ids: Collection[str]) -> Mask:
        """(n_skills,): whether the skill is named."""
        if skill_ids is self.catalog.skill_columns.skill_ids:  # all, as mostly
            return np.ones(len(skill_ids), dtype=np.bool_)
        flags = np.zeros(len(self.catalog.skills), dtype=np.bool_)
        flags[[self.skill_index[skill_id] for skill_id in skill_ids]] = True
        return flags

    def places(self, item_ids: Iterable[str]) -> Ints:
        """Places of the items that are named, each once, in catalogue order; ids that the catalogue does not hold are passed over."""
        return np.unique(np.array([self.item_index[i] for i in item_ids if i in self.item_index], dtype=np.int64))

    @cached_property
    def _edges(self) -> tuple[Ints, Ints, Ints]:
        """Edges by the skill that they lead to: their order, where each skill's begin in it, and those skills."""
        order = np.argsort(self.links.edge_after, kind="stable")
        after, first = np.unique(self.links.edge_after[order], return_index=True)
        return order, first, after

    @cached_property
    def _stands_on(self) -> Floats:
        """(n_skills, n_skills): 1 where the first is a direct prerequisite of the second."""
        stands_on = np.zeros((len(self.catalog.skills),) * 2)
        stands_on[self.links.edge_before, self.links.edge_after] = 1.0
        return stands_on

    @cached_property
    def _closures(self) -> Mask:
        """(n_skills, n_skills): row k is whether each skill is k or stands under it."""
        closures = [self.named(self.catalog.closure([skill_id])) for skill_id in self.catalog.skill_columns.skill_ids]
        return np.array(closures, dtype=np.bool_).reshape((len(self.catalog.skills),) * 2)
