"""The zone of proximal development, first version: marginal readiness, mastery and a band of P(correct).

The full definition (expected gain under joint posterior draws) replaces `zone_probability` behind the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Candidates, Floats

__all__ = ["RELAXATIONS", "Zone", "find_zone", "zone_probability"]

Mask = NDArray[np.bool_]
Rule = Callable[[Candidates, ZoneSettings], Mask]


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """Which candidates are in the zone, (n_items,), and the rule that had to be relaxed to find any (empty: none)."""

    members: Mask
    relaxed: str


def zone_probability(p_mastered: Floats, readiness: Floats, settings: ZoneSettings) -> Floats:
    """P(the item's prerequisites are ready and some skill of it is unmastered), (n_items,), from the marginals.

    Readiness enters as the expected success on the least ready prerequisite over `ready_at`, at most 1.
    """
    return (1.0 - p_mastered) * np.minimum(readiness / settings.ready_at, 1.0)


def find_zone(candidates: Candidates, settings: ZoneSettings) -> Zone:
    """The zone, or the first relaxation of it that is not empty: a weak learner always finds something to learn.

    Order of relaxation: upper bound, readiness, lower bound, then whatever is unmastered, then anything.
    """
    for name, rule in RELAXATIONS:
        members = rule(candidates, settings)
        if members.any():
            return Zone(members, name)
    return Zone(np.ones(len(candidates.items), dtype=np.bool_), "anything")


def _unmastered(c: Candidates, s: ZoneSettings) -> Mask:
    return c.p_mastered < s.mastered_at


def _ready(c: Candidates, s: ZoneSettings) -> Mask:
    return c.readiness >= s.ready_at


def _reachable(c: Candidates, low: float, s: ZoneSettings) -> Mask:
    return (c.forecast.p_correct >= low) & (c.forecast.low >= min(s.pessimistic_p_correct, low))


def _in_band(c: Candidates, s: ZoneSettings) -> Mask:
    return _without_upper_bound(c, s) & (c.forecast.p_correct <= s.high)


def _without_upper_bound(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _ready(c, s) & _reachable(c, s.low, s)


def _without_readiness(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _reachable(c, s.low, s)


def _with_lowest_bound(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & (c.forecast.p_correct >= s.lowest_p_correct)


RELAXATIONS: tuple[tuple[str, Rule], ...] = (
    ("", _in_band),
    ("upper bound", _without_upper_bound),
    ("readiness", _without_readiness),
    ("lower bound", _with_lowest_bound),
    ("unmastered", _unmastered),
)
