"""A practice session as its rules see it, from a learner's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import numpy as np

from adaptive.engine.view import LearnerView
from adaptive.policies import Place, RuleSettings, Session
from adaptive.protocols import Floats, Ints

__all__ = ["SessionView"]

StateT = TypeVar("StateT")

_NEVER: Final = np.iinfo(np.int32).max
"""Items since an item was met that was not met lately."""

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class SessionView(Generic[StateT]):
    """The learner's session at that time and place, over the whole catalogue."""

    view: LearnerView[StateT]
    place: Place
    at: datetime

    def after(self, shown: Sequence[int], chosen: Ints) -> Session:
        """The session once the items at the places `shown` are shown, whose answers are not known yet, as those at `chosen` see it.

        Places are those of the catalogue; `chosen` (n_chosen,) is in rising order. Failures count as over then: the first of the shown was
        what follows failures. The shown are the last items met, and come before the place.
        """
        state, mastery, bank = self.view.state, self.view.mastery, self.view.bank
        items_since, hours_since = self._rest(chosen)
        kind = bank.kind[chosen]
        return Session(
            place=self.place.after(len(shown), RuleSettings().minutes_per_item),
            n_answered=np.array(state.n_answered),
            n_failures=np.array(0 if shown else state.n_failures),
            items_since=items_since + len(shown),
            hours_since=hours_since,
            run_attempts=bank.kinds.most(self._run_attempts(shown))[kind],
            width=bank.kinds.most(mastery.high - mastery.low)[kind],
        )

    def _rest(self, chosen: Ints) -> tuple[Ints, Floats]:
        """(n_chosen,) each: items, and hours, since each item was met; of unknown time infinitely many hours."""
        index, n = self.view.bank.item_index, len(chosen)
        items_since, hours_since = np.full(n, _NEVER, dtype=np.int64), np.full(n, np.inf)
        recent = self.view.state.recent[::-1]
        places = np.array([index.get(item_id, -1) for item_id, _ in recent], dtype=np.int64)
        found = np.minimum(np.searchsorted(chosen, places), max(n - 1, 0))  # (n_recent,)
        for ago in np.flatnonzero(chosen[found] == places).tolist() if n else ():
            at, met_at = found[ago], recent[ago][1]
            items_since[at] = min(items_since[at], ago + 1)
            if met_at is not None:
                hours_since[at] = min(hours_since[at], (self.at - met_at) / _HOUR)
        return items_since, hours_since

    def _run_attempts(self, shown: Sequence[int]) -> Ints:
        """(n_skills,) attempts on each skill that both of the last two items exercised, 0 on the others."""
        bank = self.view.bank
        met = (bank.item_index.get(item_id) for item_id, _ in self.view.state.recent[-2:])
        last_two = [*met, *shown][-2:]
        run_attempts = np.zeros(len(bank.catalog.skills), dtype=np.int64)  # (n_skills,)
        if len(last_two) == 2:
            columns = bank.catalog.item_columns.skill_ids
            first, second = (set(columns[place]) if place is not None else set() for place in last_two)
            for skill_id in first & second:
                run_attempts[bank.skill_index[skill_id]] = self.view.state.tally(skill_id).n_attempts
        return run_attempts
