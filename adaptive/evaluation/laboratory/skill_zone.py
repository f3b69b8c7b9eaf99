"""The zone of learners at once: the event of the policy page on joint draws of skills, items standing for their skills."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.policies import ZoneSettings
from adaptive.protocols import Floats, Ints

__all__ = ["SkillZone"]

_Singles = NDArray[np.float32]


@dataclass(frozen=True)
class SkillZone:
    """Items by their skills: items of the same skills share Z and gain, their own difficulty entering by the forecast alone."""

    world: World

    def __call__(self, success: Floats, gain: Floats, settings: ZoneSettings) -> tuple[Floats, Floats]:
        """Z and the mean gain of each item, (n, n_items) each, from draws (n, n_draws, n_skills) of success and of the gain of an attempt.

        As `policies.zone_event`, with an item's gain that of its skills together, each at its typical item.
        """
        unready = _any((success < settings.ready_at) @ self._requires)
        unmastered = success < settings.mastered_at
        is_open = _any(unmastered @ self._exercised) & ~_any(unready @ self._exercised)  # (n, n_draws, n_kinds)
        worth = (gain.astype(np.float32) @ self._exercised).astype(np.float64)
        best = np.max(worth, axis=-1, keepdims=True, where=is_open, initial=0.0)
        event = is_open & (worth > 0.0) & (worth >= settings.gain_share * best)
        return event.mean(axis=-2)[:, self._kind], worth.mean(axis=-2)[:, self._kind]

    @cached_property
    def _kinds(self) -> tuple[_Singles, Ints]:
        kinds, kind = np.unique(self.world.exercises, axis=0, return_inverse=True)
        return kinds.astype(np.float32), kind.ravel()

    @cached_property
    def _exercised(self) -> _Singles:
        """(n_skills, n_kinds): whether the kind of item exercises the skill."""
        return np.ascontiguousarray(self._kinds[0].T)

    @property
    def _kind(self) -> Ints:
        """(n_items,)."""
        return self._kinds[1]

    @cached_property
    def _requires(self) -> _Singles:
        """(n_skills, n_skills): whether the second builds on the first."""
        index = {skill.skill_id: k for k, skill in enumerate(self.world.catalog.skills)}
        requires = np.zeros((self.world.n_skills, self.world.n_skills), dtype=np.float32)
        for skill_id, after in index.items():
            for edge in self.world.catalog.prerequisites_of(skill_id):
                requires[index[edge.prerequisite_id], after] = 1.0
        return requires


def _any(count: _Singles) -> Mask:
    return np.asarray(count > 0.0)
