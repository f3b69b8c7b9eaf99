"""One learner against the whole catalogue at one moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import PROMOTE_AT, READY_AT, Mode, StuckSkill
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerState
from adaptive.engine.sticking import Sticking, skill_draws
from adaptive.policies import ZoneSettings, with_draws, worth_of_kinds, zone_of_kinds, zone_probability
from adaptive.protocols import Candidates, Forecast, Ints, Items, LearnerModel, Mastery, Outlook, SkillDraws

__all__ = ["LearnerView"]

StateT = TypeVar("StateT")
Mask = NDArray[np.bool_]

_FEW: Final = 0.25
"""Of the catalogue's items: fewer are forecast by themselves, since models keep the whole catalogue at hand."""


@dataclass(frozen=True, eq=False)
class LearnerView(Generic[StateT]):
    """What is known of the learner now: mastery over all skills, tallies, joint draws of the skills; forecasts of the items asked for.

    `drawn` is None where the model has no posterior to draw from.
    """

    model: LearnerModel[StateT]
    bank: Bank
    state: LearnerState[StateT]
    at: datetime
    mastery: Mastery
    drawn: SkillDraws | None
    settings: ZoneSettings

    @classmethod
    def of(
        cls, model: LearnerModel[StateT], bank: Bank, state: LearnerState[StateT], at: datetime, settings: ZoneSettings
    ) -> LearnerView[StateT]:
        """The view at that time, with the zone by these settings."""
        mastery = model.mastery(state.model_state, bank.catalog.skill_columns, at)
        return cls(model, bank, state, at, mastery, skill_draws(model, bank, state.model_state, at, settings), settings)

    @cached_property
    def mastered(self) -> Mask:
        """(n_skills,): whether P(mastered) reaches PROMOTE_AT."""
        return np.asarray(self.mastery.p_mastered >= PROMOTE_AT)

    @cached_property
    def stuck(self) -> Mask:
        """(n_skills,): whether many attempts, or fewer with next to no chance of gain, have not led to mastery."""
        return Sticking(self.model, self.bank, self.settings).among(self.state, self.mastery.p_mastered, self.at, self.drawn)

    def stuck_skills(self, goal: Collection[str]) -> tuple[StuckSkill, ...]:
        """Skills on the way to the goal that are stuck, in topological order, with the least secure of their unmastered prerequisites."""
        if not self.stuck.any():
            return ()
        index, catalog = self.bank.skill_index, self.bank.catalog
        return tuple(StuckSkill(k, self._next_step(k)) for k in catalog.closure(goal) if self.stuck[index[k]])

    def _next_step(self, skill_id: str) -> str | None:
        index, success = self.bank.skill_index, self.mastery.expected_success
        before = (edge.prerequisite_id for edge in self.bank.catalog.prerequisites_of(skill_id))
        return min((k for k in before if not self.mastered[index[k]]), key=lambda k: float(success[index[k]]), default=None)

    def to_work_on(self, goal: Collection[str], mode: str) -> Mask:
        """(n_skills,): the wanted and those prerequisites of unmastered ones that are not ready; in `learn`, neither mastered nor stuck."""
        wanted = self.bank.named(goal)
        gaps = self.bank.closure(wanted & ~self.mastered) & (self.mastery.expected_success < READY_AT)
        return (wanted | gaps) & ~(self.mastered | self.stuck) if mode == "learn" else wanted | gaps

    def kinds_towards(self, goal: Collection[str]) -> Mask:
        """(n_kinds,): whether the kind has items in service and exercises one of these skills or of what they stand on."""
        return self.bank.kinds.touching(self.bank.closure(self.bank.named(goal))) & (self.bank.n_in_service > 0)

    def kinds(self, goal: Collection[str], mode: Mode) -> Candidates:
        """Kinds of items as candidates on the way to these skills, each at its best: at the target chance, and worth its gain whole.

        The best gain of a draw is looked for among what is towards the goal.
        """
        bank, mastery, settings = self.bank, self.mastery, self.settings
        p_mastered, readiness = bank.kinds.least(mastery.p_mastered), bank.kinds.least(bank.readiness(mastery.expected_success))
        best = np.full(len(p_mastered), settings.target)  # (n_kinds,)
        by_marginals = zone_probability(p_mastered, readiness, settings)
        kinds = Candidates(
            bank.kind_columns, Forecast(best, best, best), p_mastered, readiness, by_marginals, np.full(len(best), np.nan), mode
        )
        if self.drawn is None:
            return kinds
        z, gain = zone_of_kinds(self.drawn, bank.kinds, self.kinds_towards(goal), settings)
        first = bank.steps_back(mastery.expected_success, bank.named(goal) & ~self.mastered, settings.ready_at)  # (n_skills,)
        return replace(kinds, zone_probability=z, expected_gain=gain, outlook=Outlook(best, bank.kinds.touching(first)))

    def with_worth(self, kinds: Candidates, goal: Collection[str]) -> Candidates:
        """The kinds with what each is worth on each draw; as they are where there are no draws."""
        if self.drawn is None or kinds.outlook is None:
            return kinds
        worth = worth_of_kinds(self.drawn, self.bank.kinds, self.kinds_towards(goal), self.settings)
        return replace(kinds, outlook=replace(kinds.outlook, drawn=(worth, np.arange(worth.shape[-1]))))

    def candidates(self, chosen: Ints, kinds: Candidates) -> Candidates:
        """The items at `chosen` (n_chosen,), what rests on skills alone being that of their `kinds`."""
        kind, items = self.bank.kind[chosen], self.bank.catalog.item_columns.take(chosen)
        seen = replace(
            kinds,
            items=items,
            forecast=self._forecast(chosen, items),
            p_mastered=kinds.p_mastered[kind],
            readiness=kinds.readiness[kind],
            zone_probability=kinds.zone_probability[kind],
            expected_gain=kinds.expected_gain[kind],
            outlook=None,
            plan_step=None if kinds.plan_step is None else kinds.plan_step[kind],
            teacher_pin=None if kinds.teacher_pin is None else kinds.teacher_pin[kind],
        )
        if self.drawn is None or kinds.outlook is None:
            return seen
        steps_back, lesson = kinds.outlook.steps_back[kind], self.drawn.lesson
        drawn = kinds.outlook.drawn and (kinds.outlook.drawn[0], kind)
        z, gain = seen.zone_probability, seen.expected_gain
        return with_draws(seen, z, gain, steps_back, lesson=lesson, settings=self.settings, drawn=drawn)

    def _forecast(self, chosen: Ints, items: Items) -> Forecast:
        if 0 < len(chosen) < _FEW * len(self.bank.catalog.items):
            return self.model.predict(self.state.model_state, items, self.at)
        whole = self._whole_forecast
        return replace(whole, p_correct=whole.p_correct[chosen], low=whole.low[chosen], high=whole.high[chosen])

    @cached_property
    def _whole_forecast(self) -> Forecast:
        return self.model.predict(self.state.model_state, self.bank.catalog.item_columns, self.at)

    def purpose(self, skill_ids: tuple[str, ...], goal: Collection[str], mode: str) -> str:
        """What an item on these skills is for: probe, review, prerequisite, practice or new."""
        if mode == "diagnostic":
            return "probe"
        if all(self.mastered[self.bank.skill_index[skill_id]] for skill_id in skill_ids):
            return "review"
        if not set(goal).intersection(skill_ids):
            return "prerequisite"
        met = any(self.state.tally(skill_id).n_attempts for skill_id in skill_ids)
        return "practice" if met else "new"

    def status_without_items(self, goal: Collection[str]) -> str:
        """Why there is nothing to show: `mastered`, `stuck`, or `blocked` by constraints."""
        unmastered = self.bank.named(goal) & ~self.mastered
        if not unmastered.any():
            return "mastered"
        return "blocked" if (unmastered & ~self.stuck).any() else "stuck"
