"""What the reward model looks at: a few columns of each candidate, that the policy saw too."""

from __future__ import annotations

from typing import Final

import numpy as np

from adaptive.models.information import information_of_forecast
from adaptive.protocols import Candidates, Floats

__all__ = ["FEATURES", "candidate_features"]

FEATURES: Final = (
    "p_correct",
    "p_correct_squared",
    "interval_width",
    "p_mastered",
    "readiness",
    "zone_probability",
    "expected_gain",
    "information",
    "unmastered_and_ready",
)
"""The columns; the square lets the reward be highest at a middling chance of success."""


def candidate_features(candidates: Candidates) -> Floats:
    """(n_items, n_features); 0 where a model without a posterior tells no gain or information.

    >>> from adaptive.protocols import Forecast, Items
    >>> p = np.array([0.5])
    >>> one = Candidates(Items(("q1",), (("a",),)), Forecast(p, p - 0.1, p + 0.1), p, p, p, np.full(1, np.nan))
    >>> candidate_features(one).round(2).tolist()
    [[0.5, 0.25, 0.2, 0.5, 0.5, 0.5, 0.0, 0.0, 0.25]]
    """
    forecast, p = candidates.forecast, candidates.forecast.p_correct
    information = information_of_forecast(forecast) if candidates.outlook else np.zeros(len(p))
    columns = (
        p,
        p**2,
        forecast.high - forecast.low,
        candidates.p_mastered,
        candidates.readiness,
        candidates.zone_probability,
        np.nan_to_num(candidates.expected_gain, nan=0.0),
        information,
        (1.0 - candidates.p_mastered) * candidates.readiness,
    )
    return np.stack(columns, axis=-1)
