"""What joint draws add to candidates: Z and gain by kind of item, the rest from forecasts. The engine's way and the laboratory's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from adaptive.models.information import logit_of
from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Candidates, Floats, Forecast, Ints, Outlook

__all__ = ["challenge_factor", "pessimistic", "with_draws"]


def with_draws(
    candidates: Candidates,
    zone_probability: Floats,
    gain: Floats,
    steps_back: NDArray[np.bool_],
    *,
    challenge: float,
    settings: ZoneSettings,
    drawn: tuple[Floats, Ints] | None = None,
) -> Candidates:
    """The candidates with Z and the gain of their kinds of items, all of the candidates' shape, and what follows from their forecasts.

    An item's gain is that of its kind times `challenge_factor`; `steps_back` says which items prepare for the nearest goal, `drawn` is for
    policies that need it.
    """
    forecast = candidates.forecast
    outlook = Outlook(pessimistic(forecast, settings.pessimistic_share), steps_back, drawn)
    gain = gain * challenge_factor(forecast.p_correct, challenge) if challenge else gain
    return replace(candidates, zone_probability=zone_probability, expected_gain=gain, outlook=outlook)


def challenge_factor(p_correct: Floats, challenge: float) -> Floats:
    """What an attempt on an item of that chance is worth beside one at even chances: 1 - challenge (1 - 4 p (1 - p)), at most 1.

    >>> challenge_factor(np.array([0.5, 0.9]), 0.5)
    array([1.  , 0.68])
    """
    return 1.0 - challenge * (1.0 - 4.0 * p_correct * (1.0 - p_correct))


def pessimistic(forecast: Forecast, share: float) -> Floats:
    """The quantile of P(correct) at `share`, by a normal on the logit that has the forecast's 90 % interval; of two states the lower end.

    >>> p = np.array([0.5])
    >>> pessimistic(Forecast(p, p - 0.3, p + 0.3), 0.05).round(3), pessimistic(Forecast(p, p - 0.3, p + 0.3), 0.10).round(3)
    (array([0.2]), array([0.253]))
    """
    if forecast.is_two_state:
        return forecast.low
    middle, sd = logit_of(forecast)
    return np.asarray(expit(middle + float(ndtri(share)) * sd), dtype=np.float64)
