"""Attempts of one learner into the log, and the state moved once, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

from adaptive.domain import Attempt
from adaptive.engine.answers import Recorded, Refused
from adaptive.engine.reporting import skill_updates, stuck_alerts
from adaptive.engine.standings import Awarding
from adaptive.engine.states import Current, StateKeeper
from adaptive.engine.sticking import Sticking
from adaptive.errors import AttemptConflict
from adaptive.storage import Unit

__all__ = ["Recorder"]

StateT = TypeVar("StateT")
Outcome = Literal["new", "duplicate"] | AttemptConflict


@dataclass(frozen=True, slots=True, eq=False)
class Recorder(Generic[StateT]):
    """Appends, then folds: the snapshot is written in the transaction of the attempts that it rests on."""

    keeper: StateKeeper[StateT]
    awarding: Awarding[StateT]
    sticking: Sticking[StateT]

    def record(self, unit: Unit, learner_id: str, attempts: Sequence[Attempt]) -> list[Recorded | Refused]:
        """One answer an attempt, all of them of this learner. Conflicts are refused one by one, the rest applied."""
        unit.lock_learner(learner_id)
        before = self.keeper.current(unit, learner_id)
        outcomes = [_append(unit, attempt) for attempt in attempts]
        new = [attempt for attempt, outcome in zip(attempts, outcomes, strict=True) if outcome == "new"]
        after = before
        if new:
            after = self.keeper.after(unit, before, learner_id, new)
            self.keeper.save(unit, learner_id, after)
        return [self._answer(attempt, outcome, before, after) for attempt, outcome in zip(attempts, outcomes, strict=True)]

    def _answer(self, attempt: Attempt, outcome: Outcome, before: Current[StateT], after: Current[StateT]) -> Recorded | Refused:
        if isinstance(outcome, AttemptConflict):
            return Refused(attempt.attempt_id, attempt.learner_id, outcome)
        if outcome == "duplicate":
            return Recorded(attempt.attempt_id, attempt.learner_id, "duplicate", after.version, ())
        last_key, at = before.state.last_key, attempt.occurred_at
        is_late = last_key is not None and attempt.order_key < last_key
        updates = skill_updates(self.awarding, before.state, after.state, attempt.skill_ids, at)
        alerts = stuck_alerts(self.sticking, after.state, attempt.skill_ids, at)
        return Recorded(attempt.attempt_id, attempt.learner_id, "refolded" if is_late else "appended", after.version, updates, alerts)


def _append(unit: Unit, attempt: Attempt) -> Outcome:
    """What the log made of the attempt.

    The skills of an item may have changed in the catalogue since the attempt was first told: that is no conflict.
    """
    try:
        return "new" if unit.append(attempt) else "duplicate"
    except AttemptConflict as conflict:
        stored = unit.attempt(attempt.attempt_id)
        same = stored is not None and stored == replace(attempt, skill_ids=stored.skill_ids)
        return "duplicate" if same else conflict
