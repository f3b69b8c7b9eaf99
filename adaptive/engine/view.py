"""One learner against the whole catalogue at one moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import PROMOTE_AT, READY_AT, Mode, StuckSkill
from adaptive.engine.bank import Bank
from adaptive.engine.drawn import BankDraws
from adaptive.engine.learner import LearnerState
from adaptive.policies import ZoneSettings, take, zone_probability
from adaptive.protocols import Candidates, Forecast, Ints, LearnerModel, Mastery, Outlook

__all__ = ["STUCK_AFTER", "LearnerView"]

StateT = TypeVar("StateT")

STUCK_AFTER: Final = 25
"""Attempts on one skill without mastery after which it is named stuck and left to the teacher."""


@dataclass(frozen=True, slots=True, eq=False)
class LearnerView(Generic[StateT]):
    """What is known of the learner now: mastery over all skills, forecast over all items, tallies, joint draws of both.

    `drawn` is None where the model has no posterior to draw from.
    """

    bank: Bank
    state: LearnerState[StateT]
    mastery: Mastery
    forecast: Forecast
    drawn: BankDraws | None
    settings: ZoneSettings

    @classmethod
    def of(
        cls, model: LearnerModel[StateT], bank: Bank, state: LearnerState[StateT], at: datetime, settings: ZoneSettings
    ) -> LearnerView[StateT]:
        """The view at that time, with the zone by these settings."""
        catalog = bank.catalog
        mastery = model.mastery(state.model_state, catalog.skill_columns, at)
        forecast = model.predict(state.model_state, catalog.item_columns, at)
        return cls(bank, state, mastery, forecast, BankDraws.of(model, bank, state.model_state, at, settings), settings)

    def is_mastered(self, skill_id: str) -> bool:
        """Whether P(mastered) reaches PROMOTE_AT."""
        return bool(self.mastery.p_mastered[self.bank.skill_index[skill_id]] >= PROMOTE_AT)

    def is_stuck(self, skill_id: str) -> bool:
        """Whether many attempts have not led to mastery."""
        return self.state.tally(skill_id).n_attempts >= STUCK_AFTER and not self.is_mastered(skill_id)

    def stuck_skills(self, goal: Collection[str]) -> tuple[StuckSkill, ...]:
        """Skills on the way to the goal that are stuck, in topological order, with the least secure of their unmastered prerequisites."""
        return tuple(StuckSkill(k, self._next_step(k)) for k in self.bank.catalog.closure(goal) if self.is_stuck(k))

    def _next_step(self, skill_id: str) -> str | None:
        before = (edge.prerequisite_id for edge in self.bank.catalog.prerequisites_of(skill_id))
        success, index = self.mastery.expected_success, self.bank.skill_index
        return min((k for k in before if not self.is_mastered(k)), key=lambda k: float(success[index[k]]), default=None)

    def is_ready(self, skill_id: str) -> bool:
        """Whether others can build on the skill: expected success on it reaches READY_AT."""
        return bool(self.mastery.expected_success[self.bank.skill_index[skill_id]] >= READY_AT)

    def skills_to_work_on(self, goal: Collection[str], mode: str) -> set[str]:
        """The wanted skills and those prerequisites of unmastered ones that are not ready; in `learn`, neither mastered nor stuck."""
        open_goal = [skill_id for skill_id in goal if not self.is_mastered(skill_id)]
        gaps = {skill_id for skill_id in self.bank.catalog.closure(open_goal) if not self.is_ready(skill_id)}
        wanted = gaps.union(goal)
        if mode != "learn":
            return wanted
        return {skill_id for skill_id in wanted if not (self.is_mastered(skill_id) or self.is_stuck(skill_id))}

    def towards(self, goal: Collection[str]) -> NDArray[np.bool_]:
        """(n_items,): whether the item is in service and exercises one of these skills or of what they stand on."""
        return self.bank.items_touching(self.bank.catalog.closure(goal)) & self.bank.in_service

    def candidates(self, chosen: Ints, goal: Collection[str], mode: Mode) -> Candidates:
        """The items at `chosen` (n_chosen,) as a policy sees them on the way to these skills."""
        p_mastered = self.bank.least_over_skills(self.mastery.p_mastered)  # (n_items,)
        readiness = self.bank.least_over_skills(self.bank.readiness(self.mastery.expected_success))  # (n_items,)
        whole = Candidates(
            items=self.bank.catalog.item_columns,
            forecast=self.forecast,
            p_mastered=p_mastered,
            readiness=readiness,
            zone_probability=zone_probability(p_mastered, readiness, self.settings),
            expected_gain=np.full(len(p_mastered), np.nan),
            mode=mode,
        )
        return take(self._drawn(whole, self.drawn, goal) if self.drawn else whole, chosen)

    def _drawn(self, whole: Candidates, drawn: BankDraws, goal: Collection[str]) -> Candidates:
        """The candidates with the zone by its definition: from the joint draws."""
        return replace(
            whole,
            zone_probability=drawn.zone_probability(self.bank.links, self.towards(goal), self.settings),
            expected_gain=drawn.gain.mean(axis=0),
            outlook=Outlook(drawn.p_correct_low, drawn.information, self.bank.items_touching(self.skills_to_step_back_to(goal))),
        )

    def skills_to_step_back_to(self, goal: Collection[str]) -> set[str]:
        """What to learn first on the way to the nearest goal: its prerequisites that are not ready and wait for none themselves.

        The nearest of the unmastered goals that wait for a prerequisite is the one that waits for the fewest, then the one with the
        highest expected success. Nothing where every goal is ready to be learned.
        """
        index, success = self.bank.skill_index, self.mastery.expected_success
        unready = success < self.settings.ready_at
        n_before = self.bank.n_unready_before(unready)
        waiting = [skill_id for skill_id in goal if n_before[index[skill_id]] and not self.is_mastered(skill_id)]
        if not waiting:
            return set()
        nearest = min(waiting, key=lambda skill_id: (n_before[index[skill_id]], -success[index[skill_id]]))
        before = self.bank.catalog.closure([nearest])
        return {skill_id for skill_id in before if unready[index[skill_id]] and not n_before[index[skill_id]]}

    def purpose(self, skill_ids: tuple[str, ...], goal: Collection[str], mode: str) -> str:
        """What an item on these skills is for: probe, review, prerequisite, practice or new."""
        if mode == "diagnostic":
            return "probe"
        if all(self.is_mastered(skill_id) for skill_id in skill_ids):
            return "review"
        if not set(goal).intersection(skill_ids):
            return "prerequisite"
        met = any(self.state.tally(skill_id).n_attempts for skill_id in skill_ids)
        return "practice" if met else "new"

    def status_without_items(self, goal: Collection[str]) -> str:
        """Why there is nothing to show: `mastered`, `stuck`, or `blocked` by constraints."""
        unmastered = [skill_id for skill_id in goal if not self.is_mastered(skill_id)]
        if not unmastered:
            return "mastered"
        return "stuck" if all(self.is_stuck(skill_id) for skill_id in unmastered) else "blocked"
