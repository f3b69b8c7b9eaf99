"""The event that the zone of proximal development is the probability of, on joint draws of a learner or of learners side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Floats, Ints, SkillDraws

__all__ = ["Links", "p_gain", "worth_of_kinds", "zone_event", "zone_of_kinds"]

Mask = NDArray[np.bool_]
_NumberT = TypeVar("_NumberT", np.int64, np.float64)
_Packed = tuple[Ints, Ints, Ints, Ints, Floats]


@dataclass(frozen=True, eq=False)
class Links:
    """Which item exercises which skill, (n_links,) each, and which skill stands on which, (n_edges,) each, with weights in (0, 1].

    What is said of items holds of kinds of items as well: a kind is the items with the same skills.
    """

    n_items: int
    n_skills: int
    link_item: Ints
    link_skill: Ints
    edge_before: Ints
    edge_after: Ints
    edge_weight: Floats

    def least(self, per_skill: Floats) -> Floats:
        """(n_skills,) to (n_items,): the smallest value among each item's skills, infinite without any."""
        start, skill, *_ = self.packed
        if self._is_bare.any():
            return np.where(self._is_bare, np.inf, np.minimum.reduceat(np.append(per_skill[skill], np.inf), start[:-1]))
        return np.asarray(np.minimum.reduceat(per_skill[skill], start[:-1])) if self.n_items else np.zeros(0)

    def most(self, per_skill: NDArray[_NumberT]) -> NDArray[_NumberT]:
        """(n_skills,) to (n_items,): the largest value among each item's skills, at least 0."""
        start, skill, *_ = self.packed
        most = np.maximum.reduceat(np.append(per_skill[skill], per_skill.dtype.type(0)), start[:-1])
        return np.where(self._is_bare, per_skill.dtype.type(0), most)

    def touching(self, skills: Mask) -> Mask:
        """(n_skills,) to (n_items,): whether the item exercises one of the skills."""
        touching = np.zeros(self.n_items, dtype=np.bool_)
        touching[self.link_item[skills[self.link_skill]]] = True
        return touching

    @cached_property
    def _is_bare(self) -> Mask:
        """(n_items,): whether the item has no skill."""
        return np.asarray(np.diff(self.packed[0]) == 0)

    @cached_property
    def packed(self) -> _Packed:
        """As the compiled event reads them: skills of item i are `[1][[0][i]:[0][i + 1]]`, then the edges."""
        order = np.argsort(self.link_item, kind="stable")
        start = np.searchsorted(self.link_item[order], np.arange(self.n_items + 1))
        return start, self.link_skill[order], self.edge_before, self.edge_after, self.edge_weight


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
    from adaptive.policies.event_loops import event_of_items  # noqa: PLC0415 - numba takes half a second to load

    success, gain = np.ascontiguousarray(skill_success.T), np.ascontiguousarray(gain.T)
    return event_of_items(success, gain, links.packed, among, _constants(settings)).T


def zone_of_kinds(draws: SkillDraws, kinds: Links, among: Mask, settings: ZoneSettings) -> tuple[Floats, Floats]:
    """(..., n_kinds) each: Z of each kind of items, and the mean of its gain over draws, the sum of its skills' gains.

    The event of `zone_event`, items standing for their skills: `draws` are (..., n_draws, n_skills), with none or one axis of learners
    before, `kinds` links kinds to skills, and `among` (n_kinds,) are the kinds that the best gain is looked for in. An attempt counts as
    one unit of time, whatever the item: the catalogue does not say how long an item takes.

    >>> kinds = Links(2, 2, np.array([0, 1]), np.array([0, 1]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> draws = SkillDraws(np.array([[0.7, 0.5], [0.6, 0.5]]), np.array([[0.1, 0.3], [0.1, 0.3]]))
    >>> z, gain = zone_of_kinds(draws, kinds, np.ones(2, dtype=bool), ZoneSettings())
    >>> z.tolist(), gain.round(2).tolist()
    ([0.5, 0.5], [0.1, 0.3])
    """
    from adaptive.policies import event_loops  # noqa: PLC0415 - numba takes half a second to load

    shape = draws.success.shape
    success, gain = (np.ascontiguousarray(of.reshape(-1, *shape[-2:]).swapaxes(1, 2)) for of in (draws.success, draws.gain))
    z, mean = event_loops.zone_of_kinds(success, gain, gain.mean(axis=2), kinds.packed, among, _constants(settings))
    whole = (*shape[:-2], kinds.n_items)
    return z.reshape(whole), mean.reshape(whole)


def worth_of_kinds(draws: SkillDraws, kinds: Links, among: Mask, settings: ZoneSettings) -> Floats:
    """(..., n_draws, n_kinds): the gain of each kind of items on each draw where the event of `zone_of_kinds` holds, else 0.

    >>> kinds = Links(2, 2, np.array([0, 1]), np.array([0, 1]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> draws = SkillDraws(np.array([[0.7, 0.5], [0.6, 0.5]]), np.array([[0.1, 0.3], [0.1, 0.3]]))
    >>> worth_of_kinds(draws, kinds, np.ones(2, dtype=bool), ZoneSettings()).round(2).tolist()
    [[0.0, 0.3], [0.1, 0.0]]
    """
    exercises = np.zeros((kinds.n_skills, kinds.n_items))
    exercises[kinds.link_skill, kinds.link_item] = 1.0
    success, gain = (of.reshape(-1, kinds.n_skills) for of in (draws.success, draws.gain))
    of_kinds = gain @ exercises  # (n, n_kinds)
    worth = np.where(zone_event(success, of_kinds, kinds, among, settings), of_kinds, 0.0)
    return worth.reshape(*draws.success.shape[:-1], kinds.n_items)


def p_gain(draws: SkillDraws, skills: Links, settings: ZoneSettings) -> Floats:
    """(..., n_skills): P(gain) of each skill, over draws (..., n_draws, n_skills): that practice of it is worth while, or it is mastered.

    Worth while is what the zone's event asks of an item of the skill alone: ready, unmastered, and at least gain_share of the best gain
    there is among such skills. `skills` links each skill to itself. Where it is small practice does not lead on now: what the skill builds
    on is not there, or something else teaches twice as much.

    >>> skills = Links(2, 2, np.array([0, 1]), np.array([0, 1]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> draws = SkillDraws(np.array([[0.7, 0.3], [0.6, 0.3]]), np.array([[0.1, 0.01], [0.1, 0.01]]))
    >>> p_gain(draws, skills, ZoneSettings()).tolist()
    [1.0, 0.0]
    """
    success, gain = (of.reshape(-1, skills.n_skills) for of in (draws.success, draws.gain))
    event = zone_event(success, gain, skills, np.ones(skills.n_items, dtype=np.bool_), settings)
    leads_on = event | (success >= settings.mastered_at)
    return np.asarray(leads_on.reshape(draws.success.shape).mean(axis=-2), dtype=np.float64)


def _constants(settings: ZoneSettings) -> tuple[float, float, float]:
    return settings.ready_at, settings.mastered_at, settings.gain_share
