"""A catalogue with wrong prerequisites: what models and policies are told where their robustness is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adaptive.domain import Prerequisite
from adaptive.evaluation.laboratory.world import World

__all__ = ["misled", "with_wrong_edges"]

_Edge = tuple[int, int]


def with_wrong_edges(prerequisites: Sequence[_Edge], share: float, rng: np.random.Generator) -> tuple[_Edge, ...]:
    """The same with that share of edges between two other skills, in the order of the skills, so that no cycle can be.

    Every edge has to lead from a lower number to a higher one. Where all such pairs are edges, one that should move is left out.

    >>> with_wrong_edges([(0, 1), (1, 2), (2, 3), (2, 4)], 0.25, np.random.default_rng(0))
    ((0, 1), (0, 4), (1, 2), (2, 3))
    """
    told, n = set(prerequisites), 1 + max((after for _, after in prerequisites), default=0)
    for at in rng.choice(len(prerequisites), round(share * len(prerequisites)), replace=False).tolist() if told else ():
        told.remove(prerequisites[at])
        untold = [edge for edge in ((before, after) for after in range(n) for before in range(after)) if edge not in told]
        never = [edge for edge in untold if edge not in prerequisites]
        if never:
            told.add(never[int(rng.integers(len(never)))])
    return tuple(sorted(told))


def misled(world: World, share: float, rng: np.random.Generator) -> World:
    """The world with that share of its prerequisites wrong, in the order of the curriculum; the same world where the share is 0."""
    if not share:
        return world
    skill_ids = [world.catalog.skills[k].skill_id for k in world.order]
    rank = {skill_id: place for place, skill_id in enumerate(skill_ids)}
    edges = [(rank[edge.prerequisite_id], rank[edge.skill_id]) for edge in world.catalog.prerequisites]
    told = with_wrong_edges(edges, share, rng)
    return World(replace(world.catalog, prerequisites=tuple(Prerequisite(skill_ids[before], skill_ids[after]) for before, after in told)))
