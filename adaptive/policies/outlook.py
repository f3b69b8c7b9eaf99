"""What joint draws add to candidates: Z and gain by kind of item, the rest from forecasts. The engine's way and the laboratory's."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from adaptive.models.information import logit_of
from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Candidates, Floats, Forecast, Ints, Outlook

__all__ = ["lesson_at", "pessimistic", "with_draws"]

_LEAST: Final = 1e-6
"""An attempt teaches something whatever its chance, so that items are told apart."""


def with_draws(
    candidates: Candidates,
    zone_probability: Floats,
    gain: Floats,
    steps_back: NDArray[np.bool_],
    *,
    lesson: tuple[float, ...],
    settings: ZoneSettings,
    drawn: tuple[Floats, Ints] | None = None,
) -> Candidates:
    """The candidates with Z and the gain of their kinds of items, all of the candidates' shape, and what follows from their forecasts.

    An item's gain is that of its kind times `lesson_at` its chance; `steps_back` says which items prepare for the nearest goal, `drawn`
    is for policies that need it.
    """
    forecast = candidates.forecast
    share = lesson_at(forecast.p_correct, lesson) if len(lesson) > 1 else None
    outlook = Outlook(pessimistic(forecast, settings.pessimistic_share), steps_back, drawn, share)
    return replace(candidates, zone_probability=zone_probability, expected_gain=gain if share is None else gain * share, outlook=outlook)


def lesson_at(p_correct: Floats, lesson: tuple[float, ...]) -> Floats:
    """The share of a gain at its best that an attempt at this chance of success brings, at most 1 (`SkillDraws.lesson`).

    >>> lesson_at(np.array([0.5, 0.9]), (0.5, 2.0, -2.0))  # half of it by the challenge 4 p (1 - p)
    array([1.  , 0.68])
    """
    return np.asarray(np.clip(polyval(p_correct, lesson), _LEAST, 1.0), dtype=np.float64)


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
