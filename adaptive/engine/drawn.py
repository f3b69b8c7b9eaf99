"""Joint draws of one learner over the whole catalogue, as far as the zone reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.engine.bank import Bank
from adaptive.models.information import information
from adaptive.policies import Links, ZoneSettings, zone_event
from adaptive.protocols import Floats, GenerativeModel, LearnerModel

__all__ = ["BankDraws"]

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True, eq=False)
class BankDraws:
    """Draws of skill success (n_draws, n_skills) and of the gain of each item (n_draws, n_items); and what they say of each item.

    `gain` is the expected rise of summed skill success at the zone's horizon from attempting the item once; `p_correct_low` (n_items,) the
    pessimistic quantile of P(correct), `information` (n_items,) the nats in its answer.
    """

    skill_success: Floats
    gain: Floats
    p_correct_low: Floats
    information: Floats

    @classmethod
    def of(cls, model: LearnerModel[StateT], bank: Bank, state: StateT, at: datetime, settings: ZoneSettings) -> Self | None:
        """The draws at that time; None where the model has none, or the catalogue no items.

        The seed is the settings', so that they follow from state and time alone (decision 0012).
        """
        items, skills = bank.catalog.item_columns, bank.catalog.skill_columns
        if not isinstance(model, GenerativeModel) or not len(items):
            return None
        draws = model.draw(state, items, skills, n=settings.n_draws(len(items)), at=at, rng=np.random.default_rng(settings.seed))
        gain = model.expected_gain(draws, items, settings.horizon)
        place = int(settings.pessimistic_share * (len(draws.item_success) - 1))
        low = np.partition(draws.item_success, place, axis=0)[place]  # (n_items,)
        return cls(draws.skill_success, gain, low, information(draws))

    def zone_probability(self, links: Links, among: NDArray[np.bool_], settings: ZoneSettings) -> Floats:
        """(n_items,) Z of each item beside the items `among` (n_items,) which the best gain is looked for.

        An attempt counts as one unit of time, whatever the item: the catalogue does not say how long an item takes.
        """
        event = zone_event(self.skill_success, self.gain, links, among, settings)
        return np.asarray(event.mean(axis=0), dtype=np.float64)
