"""What the network is told of a learner's history: counts, running success, residuals and times, at constant cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final, NamedTuple, Self

import immutables

from adaptive.models.packing import packed, unpacked
from adaptive.protocols import Ints

__all__ = [
    "FACTOR_KEPT",
    "FEATURES",
    "FRESH_ITEM",
    "FRESH_SKILL",
    "FRESH_TRAIL",
    "N_CONTEXT",
    "N_FEATURES",
    "N_LAGS",
    "REMEMBERED_STEPS",
    "TRACE_KEPT",
    "TRACE_SCALE",
    "Asked",
    "Trail",
]

N_LAGS: Final = 6
"""Residuals (score minus the core's forecast) that are kept one by one."""

TRACE_KEPT: Final = (0.5, 0.8, 0.95)
"""What running means of the residuals keep per attempt: they remember about 2, 5 and 20."""

TRACE_SCALE: Final = (1.0, 2.0, 4.0)
"""Brings these means to like spreads: the longer a mean, the smaller it is."""

FACTOR_KEPT: Final = (1.0, 0.97, 0.8)
"""What the networks' sums over past items keep per attempt: all, about 33 and about 5 attempts."""

N_CONTEXT: Final = N_LAGS + len(TRACE_KEPT)

REMEMBERED_STEPS: Final = 128
"""An item counts as met while the learner's last attempt on it is at most so many attempts back."""

_FORGET_ABOVE: Final = 160
"""Items in a state before those not remembered any more are dropped from it."""

FEATURES: Final = (
    *("log_wins", "log_losses", "fast", "slow", "log_attempts", "log_seconds_since", "timed"),
    *(f"skill_{name}" for name in ("log_wins", "log_losses", "fast", "slow", "seen", "log_steps_since", "log_seconds_since")),
    *(f"item_{name}" for name in ("log_wins", "log_losses", "fast", "seen", "log_steps_since", "log_seconds_since")),
    *("further_skills", "repeats_skill", "log_run"),
    *(f"residuals_{kept}" for kept in TRACE_KEPT),
)
"""Names of the features of an item before an attempt; those of skills are means over the item's skills."""

N_FEATURES: Final = len(FEATURES)

FRESH_TRAIL: Final = (0.0, 0.0, 0.0, 0.0, 0.0, -inf, 0.0, *(0.0,) * (len(TRACE_KEPT) + N_LAGS))
"""Wins, losses, fast, slow, attempts, last time, run of one skill, running residuals, last residuals."""

FRESH_SKILL: Final = (0.0, 0.0, 0.0, 0.0, -1.0, -inf)
"""Wins, losses, fast, slow, last step, last time."""

FRESH_ITEM: Final = (0.0, 0.0, 0.0, -1.0, -inf)
"""Wins, losses, fast, last step, last time."""

_STEPS, _ITEM_STEP = 4, 3


class Asked(NamedTuple):
    """Items or rows of a table: `item` (n,), and the skills of row j are skill[start[j]:start[j + 1]]."""

    item: Ints
    skill: Ints
    start: Ints


@dataclass(frozen=True, slots=True)
class Trail:
    """A learner's history as numbers in the order of FRESH_TRAIL, FRESH_SKILL and FRESH_ITEM.

    `last_skill` is the first skill of the last attempt, None before any.

    >>> Trail.decode(Trail().encode()) == Trail()
    True
    """

    numbers: tuple[float, ...] = FRESH_TRAIL
    last_skill: str | None = None
    skills: immutables.Map[str, tuple[float, ...]] = field(default_factory=immutables.Map)
    items: immutables.Map[str, tuple[float, ...]] = field(default_factory=immutables.Map)

    @property
    def n_attempts(self) -> float:
        """How many attempts the history has."""
        return self.numbers[_STEPS]

    def pruned(self) -> Self:
        """Without the items met too long ago, once there are many."""
        if len(self.items) <= _FORGET_ABOVE:
            return self
        earliest = self.numbers[_STEPS] - REMEMBERED_STEPS
        kept = immutables.Map({id_: row for id_, row in self.items.items() if row[_ITEM_STEP] >= earliest})
        return replace(self, items=kept)

    def encode(self) -> dict[str, Any]:  # Any: JSON values
        """JSON values, numbers packed bit for bit, ids in order."""
        skill_ids, item_ids = sorted(self.skills), sorted(self.items)
        return {
            "numbers": packed([self.numbers]),
            "last_skill": self.last_skill,
            "skill_ids": skill_ids,
            "skills": packed(self.skills[id_] for id_ in skill_ids),
            "item_ids": item_ids,
            "items": packed(self.items[id_] for id_ in item_ids),
        }

    @classmethod
    def decode(cls, encoded: Mapping[str, Any]) -> Self:  # Any: JSON values
        """What `encode` wrote."""
        (numbers,) = unpacked(encoded["numbers"], len(FRESH_TRAIL))
        skills = immutables.Map(zip(encoded["skill_ids"], unpacked(encoded["skills"], len(FRESH_SKILL)), strict=True))
        items = immutables.Map(zip(encoded["item_ids"], unpacked(encoded["items"], len(FRESH_ITEM)), strict=True))
        return cls(numbers, encoded["last_skill"], skills, items)
