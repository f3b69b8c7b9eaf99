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

    def after(self, shown: Sequence[int]) -> Session:
        """The session once the items at these places of the catalogue are shown, whose answers are not known yet.

        Failures count as over then: the first of them was what follows failures. They are the last items met, and come before the place.
        """
        view, state = self.view, self.view.state
        items_since, hours_since = self._rest()
        return Session(
            place=self.place.after(len(shown), RuleSettings().minutes_per_item),
            n_answered=np.array(state.n_answered),
            n_failures=np.array(0 if shown else state.n_failures),
            items_since=items_since + len(shown),
            hours_since=hours_since,
            run_attempts=self._run_attempts(shown),
            width=view.bank.most_over_skills(view.mastery.high - view.mastery.low),
        )

    def _rest(self) -> tuple[Ints, Floats]:
        """(n_items,) each: items, and hours, since each item was met; of unknown time infinitely many hours."""
        n_items, index = len(self.view.bank.catalog.items), self.view.bank.item_index
        items_since, hours_since = np.full(n_items, _NEVER, dtype=np.int64), np.full(n_items, np.inf)
        for ago, (item_id, met_at) in enumerate(reversed(self.view.state.recent), start=1):
            place = index.get(item_id)
            if place is None:
                continue
            items_since[place] = min(items_since[place], ago)
            if met_at is not None:
                hours_since[place] = min(hours_since[place], (self.at - met_at) / _HOUR)
        return items_since, hours_since

    def _run_attempts(self, shown: Sequence[int]) -> Ints:
        """(n_items,) attempts on the most practised skill that the item shares with both of the last two."""
        bank = self.view.bank
        met = (bank.item_index.get(item_id) for item_id, _ in self.view.state.recent[-2:])
        last_two = [*met, *shown][-2:]
        run_attempts = np.zeros(len(bank.catalog.skills), dtype=np.int64)  # (n_skills,)
        if len(last_two) == 2:
            columns = bank.catalog.item_columns.skill_ids
            first, second = (set(columns[place]) if place is not None else set() for place in last_two)
            for skill_id in first & second:
                run_attempts[bank.skill_index[skill_id]] = self.view.state.tally(skill_id).n_attempts
        return bank.most_over_skills(run_attempts)
