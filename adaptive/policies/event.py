"""The event that the zone of proximal development is the probability of, on joint draws of a learner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Floats, Ints

__all__ = ["Links", "zone_event"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Which item exercises which skill, (n_links,) each, and which skill stands on which, (n_edges,) each, with weights in (0, 1]."""

    n_items: int
    n_skills: int
    link_item: Ints
    link_skill: Ints
    edge_before: Ints
    edge_after: Ints
    edge_weight: Floats


def zone_event(skill_success: Floats, gain: Floats, links: Links, among: Mask, settings: ZoneSettings) -> Mask:
    """(n_draws, n_items): whether event A holds; its mean over draws is Z (policy page, "The definition").

    On one draw A holds for item i where every prerequisite j of its skills has 1 - weight_j (1 - m_j) >= ready_at (for a certain
    edge, weight 1: m_j >= ready_at), some skill of it has m < mastered_at, its gain is above 0, and at least gain_share of the best
    among the ready, unmastered items of `among` (n_items,). `skill_success` m is (n_draws, n_skills); `gain` (n_draws, n_items) is the
    rise of the value V per expected minute, in any unit.

    >>> links = Links(2, 2, np.array([0, 1]), np.array([0, 1]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> success, gain = np.array([[0.7, 0.5], [0.6, 0.5]]), np.array([[0.1, 0.3], [0.1, 0.3]])
    >>> zone_event(success, gain, links, np.ones(2, dtype=bool), ZoneSettings())
    array([[False,  True],
           [ True, False]])
    """
    held_back = 1.0 - links.edge_weight * (1.0 - skill_success[:, links.edge_before]) < settings.ready_at  # (n_draws, n_edges)
    unready = _any_by(held_back, links.edge_after, links.n_skills)  # (n_draws, n_skills)
    unmastered = skill_success < settings.mastered_at
    is_open = _over_skills(unmastered, links) & ~_over_skills(unready, links)  # (n_draws, n_items)
    best = np.max(gain, axis=1, keepdims=True, where=is_open & among, initial=0.0)  # (n_draws, 1)
    return np.asarray(is_open & (gain > 0.0) & (gain >= settings.gain_share * best))


def _over_skills(flags: Mask, links: Links) -> Mask:
    """(n_draws, n_skills) to (n_draws, n_items): whether the flag is up for some skill of the item."""
    return _any_by(flags[:, links.link_skill], links.link_item, links.n_items)


def _any_by(flags: Mask, group: Ints, n_groups: int) -> Mask:
    """(n_draws, n) to (n_draws, n_groups): whether some flag of the group is up; `group` is (n,)."""
    present, first = np.unique(group, return_index=True)
    if len(present) == n_groups == len(group):  # one each, as mostly: no sums to build
        return flags[:, first]
    member = sparse.csr_matrix((np.ones(len(group), dtype=np.float32), (group, np.arange(len(group)))), (n_groups, len(group)))
    return np.asarray((member @ flags.T.astype(np.float32)).T > 0.0)
