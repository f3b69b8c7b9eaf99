"""How true forecasts are over all folds together, beside what chance alone would leave of a perfect forecaster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.evaluation.metrics import ece, ece_of_perfect_forecaster
from adaptive.evaluation.predictions import Predictions

__all__ = ["Calibration", "calibration"]

_SEED: Final = 0
"""Of the simulated answers: one table of forecasts has one floor. The mean of 100 draws is known to about 2 % of itself."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two expected calibration errors, None without attempts (benchmarks, "To reach": at most .005 apart).

    `ece_pooled` is of all attempts of all folds; `ece_perfect` is the mean that the same forecasts would show if each
    were exactly true.
    """

    ece_pooled: float | None
    ece_perfect: float | None


def calibration(pooled: Predictions) -> Calibration:
    """The calibration of the predictions of all folds.

    >>> p = np.random.default_rng(1).uniform(size=500)
    >>> one = np.ones(500, dtype=np.int64)
    >>> measured = calibration(Predictions(one, one, one, one == 1, (p > 0.5).astype(float), p))
    >>> measured.ece_pooled > 0.2 > measured.ece_perfect
    True
    """
    return Calibration(
        ece_pooled=ece(pooled.p_correct, pooled.correct),
        ece_perfect=ece_of_perfect_forecaster(pooled.p_correct, np.random.default_rng(_SEED)),
    )
