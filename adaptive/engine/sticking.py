"""On which skills practice does not lead on: tried for long, or hardly likely to gain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import PROMOTE_AT
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerState
from adaptive.policies import ZoneSettings, p_gain
from adaptive.protocols import Floats, GenerativeModel, Ints, LearnerModel, SkillDraws

__all__ = ["Sticking", "skill_draws"]

StateT = TypeVar("StateT")
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sticking(Generic[StateT]):
    """Names the skills that a learner is stuck on: the same for what is recommended, for alerts, and for mastery."""

    model: LearnerModel[StateT]
    bank: Bank
    settings: ZoneSettings

    def skills(self, state: LearnerState[StateT], at: datetime | None) -> Mask:
        """(n_skills,): whether the learner is stuck on the skill at that time."""
        if not self._tried(state).any():
            return np.zeros(len(self.bank.skill_index), dtype=np.bool_)
        return self.among(state, self.model.mastery(state.model_state, self.bank.catalog.skill_columns, at).p_mastered, at, None)

    def among(self, state: LearnerState[StateT], p_mastered: Floats, at: datetime | None, drawn: SkillDraws | None) -> Mask:
        """The same, where mastery (n_skills,) is known, and draws may be; they are made where they are asked for."""
        tried = self._tried(state) & (p_mastered < PROMOTE_AT)
        many = self._n_attempts(state) >= self.settings.stuck_after
        if not (tried & ~many).any():
            return tried
        drawn = skill_draws(self.model, self.bank, state.model_state, at, self.settings) if drawn is None else drawn
        if drawn is None:
            return tried & many
        return tried & (many | (p_gain(drawn, self.bank.skills_alone, self.settings) < self.settings.least_p_gain))

    def _tried(self, state: LearnerState[StateT]) -> Mask:
        return self._n_attempts(state) >= min(self.settings.stuck_from, self.settings.stuck_after)

    def _n_attempts(self, state: LearnerState[StateT]) -> Ints:
        index, n_attempts = self.bank.skill_index, np.zeros(len(self.bank.skill_index), dtype=np.int64)
        for skill_id, tally in state.tallies.items():
            if skill_id in index:
                n_attempts[index[skill_id]] = tally.n_attempts
        return n_attempts


def skill_draws(model: LearnerModel[StateT], bank: Bank, state: StateT, at: datetime | None, settings: ZoneSettings) -> SkillDraws | None:
    """Draws of all skills at that time; None where the model has none, or the catalogue no items.

    The seed is the settings', so that they follow from state and time alone (decision 0012).
    """
    if not isinstance(model, GenerativeModel) or not bank.catalog.items:
        return None
    skills, s = bank.catalog.skill_columns, settings
    return model.draw_skills(state, skills, n=s.n_draws, at=at, horizon=s.horizon, seed=s.seed)
