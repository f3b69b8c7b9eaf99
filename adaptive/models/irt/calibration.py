"""Calibrated items in the terms of item response theory: difficulty, discrimination, guess, and how sure each is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.models.irt.fit import ItemBank
from adaptive.protocols import Floats

__all__ = ["Calibration"]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Items of a fitted table, each (n_items,): posterior mode and standard deviation, in standard deviations of ability.

    `difficulty` is the ability at which an item that cannot be guessed is answered right half of the time. The 90 %
    interval of a value is itself plus and minus 1.645 of its deviation.
    """

    item_ids: tuple[str, ...]
    difficulty: Floats
    difficulty_sd: Floats
    discrimination: Floats
    discrimination_sd: Floats
    guess: Floats
    n_answers: Floats

    @classmethod
    def of(cls, bank: ItemBank) -> Calibration:
        """The bank's items: difficulty = -intercept / discrimination, deviations by the delta method."""
        discrimination = np.exp(bank.log_discrimination)
        difficulty = -bank.intercept / discrimination
        by_intercept, by_steepness = -1.0 / discrimination, -difficulty  # derivatives of difficulty
        variance = (
            by_intercept**2 * bank.intercept_variance
            + 2.0 * by_intercept * by_steepness * bank.covariance
            + by_steepness**2 * bank.log_discrimination_variance
        )
        discrimination_sd = discrimination * np.sqrt(bank.log_discrimination_variance)
        return cls(
            bank.items.ids, difficulty, np.sqrt(np.maximum(variance, 0.0)), discrimination, discrimination_sd, bank.guess, bank.n_answers
        )
