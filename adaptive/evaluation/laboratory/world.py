"""A family's world as models and policies under test see it: a catalogue, and its links as arrays for many learners at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.engine.bank import Bank
from adaptive.evaluation.laboratory.family import Family
from adaptive.policies import Links
from adaptive.protocols import Floats, Ints

__all__ = ["Mask", "World"]

Mask = NDArray[np.bool_]
_NumberT = TypeVar("_NumberT", np.int64, np.float64)


@dataclass(frozen=True)
class World:
    """What a policy may know of a family: `catalog`, with skill k as "s000k" and item i as "q0000i" in the family's order."""

    catalog: Catalog

    @classmethod
    def of(cls, family: Family) -> Self:
        """The catalogue of that family's items and prerequisites.

        >>> from types import SimpleNamespace
        >>> world = World.of(SimpleNamespace(name="two", item_skills=[(0,), (0, 1)], prerequisites=[(0, 1)]))
        >>> world.catalog.item("q00001").skill_ids, world.n_skills
        (('s0000', 's0001'), 2)
        """
        n_skills = 1 + max(k for run in (*family.item_skills, *family.prerequisites) for k in run)
        skill_ids = [f"s{k:04d}" for k in range(n_skills)]
        return cls(
            Catalog(
                family.name,
                skills=tuple(Skill(skill_id) for skill_id in skill_ids),
                items=tuple(Item(f"q{i:05d}", tuple(skill_ids[k] for k in skills)) for i, skills in enumerate(family.item_skills)),
                prerequisites=tuple(Prerequisite(skill_ids[before], skill_ids[after]) for before, after in family.prerequisites),
            )
        )

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.catalog.items)

    @property
    def n_skills(self) -> int:
        """How many skills there are."""
        return len(self.catalog.skills)

    @cached_property
    def skills_of(self) -> Ints:
        """(n_items, most skills an item has): skills of each item, the first repeated where an item has fewer."""
        index = {skill.skill_id: k for k, skill in enumerate(self.catalog.skills)}
        return _padded([[index[skill_id] for skill_id in item.skill_ids] for item in self.catalog.items])

    @cached_property
    def exercises(self) -> Mask:
        """(n_items, n_skills): whether the item exercises the skill."""
        exercises = np.zeros((self.n_items, self.n_skills), dtype=np.bool_)
        exercises[np.arange(self.n_items)[:, None], self.skills_of] = True
        return exercises

    @cached_property
    def with_items(self) -> Mask:
        """(n_skills,): whether some item exercises the skill."""
        return np.asarray(self.exercises.any(axis=0))

    @cached_property
    def links(self) -> Links:
        """The catalogue as the zone's event reads it."""
        return self.bank.links

    @cached_property
    def bank(self) -> Bank:
        """The catalogue as the engine's arrays."""
        return Bank.of(self.catalog)

    @cached_property
    def order(self) -> Ints:
        """(n_skills,) the curriculum: prerequisites first, otherwise the order of the catalogue."""
        index = {skill.skill_id: k for k, skill in enumerate(self.catalog.skills)}
        return np.array([index[skill_id] for skill_id in self.catalog.topological_order()], dtype=np.int64)

    def any_over_skills(self, flags: Mask) -> Mask:
        """(..., n_skills) to (..., n_items): whether the flag is up for some skill of the item."""
        return np.asarray(flags[..., self.skills_of].any(axis=-1)) if self.skills_of.shape[1] > 1 else flags[..., self.skills_of[:, 0]]

    def all_over_skills(self, flags: Mask) -> Mask:
        """(..., n_skills) to (..., n_items): whether the flag is up for every skill of the item."""
        return ~self.any_over_skills(~flags)

    def least_over_skills(self, per_skill: Floats) -> Floats:
        """(..., n_skills) to (..., n_items): the smallest value among each item's skills."""
        if self.skills_of.shape[1] > 1:
            return np.asarray(per_skill[..., self.skills_of].min(axis=-1))
        return per_skill[..., self.skills_of[:, 0]]

    def most_over_skills(self, per_skill: NDArray[_NumberT]) -> NDArray[_NumberT]:
        """(..., n_skills) to (..., n_items): the largest value among each item's skills."""
        if self.skills_of.shape[1] > 1:
            return np.asarray(per_skill[..., self.skills_of].max(axis=-1))
        return per_skill[..., self.skills_of[:, 0]]

    def readiness(self, expected_success: Floats) -> Floats:
        """(..., n_skills) to (..., n_skills): min over prerequisites j of 1 - weight_j (1 - expected_success_j), 1 without any.

        As the engine's (`Bank.readiness`), for many learners at once.
        """
        before, weight = self._before
        with_none = np.concatenate([expected_success, np.ones((*expected_success.shape[:-1], 1))], axis=-1)
        return np.asarray((weight * with_none[..., before] + (1.0 - weight)).min(axis=-1))

    @cached_property
    def _before(self) -> tuple[Ints, Floats]:
        """(n_skills, most prerequisites) each: prerequisites of each skill, n_skills where there are fewer, and their weights."""
        index = {skill.skill_id: k for k, skill in enumerate(self.catalog.skills)}
        edges = [self.catalog.prerequisites_of(skill.skill_id) for skill in self.catalog.skills]
        before = _padded([[index[edge.prerequisite_id] for edge in into] or [self.n_skills] for into in edges])
        return before, _padded([[edge.weight for edge in into] or [1.0] for into in edges])


def _padded(runs: Sequence[Sequence[float]]) -> NDArray[Any]:  # Any: numbers of the runs' own kind
    """(n, longest): each run, filled up with its first entry."""
    longest = max(map(len, runs))
    return np.array([[*run, *[run[0]] * (longest - len(run))] for run in runs])
