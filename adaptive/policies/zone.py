"""The zone of proximal development, first version: marginal readiness, mastery and a band of P(correct).

The full definition (expected gain under joint posterior draws) replaces `zone_probability` behind the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import PROMOTE_AT, READY_AT
from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Candidates, Floats

__all__ = ["RELAXATIONS", "Zone", "find_zone", "zone_probability"]

Mask = NDArray[np.bool_]
Rule = Callable[[Candidates, ZoneSettings], Mask]


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """Which candidates are in the zone, (n_items,), and the rules that had to be relaxed to find any (empty: none)."""

    members: Mask
    relaxed: tuple[str, ...] = ()


def zone_probability(p_mastered: Floats, readiness: Floats) -> Floats:
    """P(the item's prerequisites are ready and some skill of it is unmastered), (n_items,), from the marginals.

    Readiness enters as the expected success on the least ready prerequisite over READY_AT, at most 1.

    >>> zone_probability(np.array([0.2, 0.2]), np.array([1.0, 0.325])).round(2).tolist()
    [0.8, 0.4]
    """
    return (1.0 - p_mastered) * np.minimum(readiness / READY_AT, 1.0)


def find_zone(candidates: Candidates, settings: ZoneSettings) -> Zone:
    """The zone, or the first relaxation of it that is not empty: a weak learner always finds something to learn.

    Order of relaxation: upper bound, readiness, lower bound, then whatever is unmastered, then anything.
    """
    for name, rule in RELAXATIONS:
        members = rule(candidates, settings)
        if members.any():
            return Zone(members, (name,) if name else ())
    return Zone(np.ones(len(candidates.items), dtype=np.bool_), ("anything",))


def _unmastered(c: Candidates, _: ZoneSettings) -> Mask:
    return c.p_mastered < PROMOTE_AT


def _ready(c: Candidates) -> Mask:
    return c.readiness >= READY_AT


def _reachable(c: Candidates, s: ZoneSettings) -> Mask:
    surely = c.forecast.low >= s.pessimistic_p_correct
    return (c.forecast.p_correct >= s.low) & (surely | c.forecast.is_two_state)


def _in_band(c: Candidates, s: ZoneSettings) -> Mask:
    return _without_upper_bound(c, s) & (c.forecast.p_correct <= s.high)


def _without_upper_bound(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _ready(c) & _reachable(c, s)


def _without_readiness(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _reachable(c, s)


def _with_lowest_bound(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & (c.forecast.p_correct >= s.lowest_p_correct)


RELAXATIONS: tuple[tuple[str, Rule], ...] = (
    ("", _in_band),
    ("upper bound", _without_upper_bound),
    ("readiness", _without_readiness),
    ("lower bound", _with_lowest_bound),
    ("unmastered", _unmastered),
)
