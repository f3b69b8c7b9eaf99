"""What the answer to an item would tell."""

from __future__ import annotations

from adaptive.models.information import information_of_forecast
from adaptive.protocols import Candidates, Floats

__all__ = ["answer_information"]


def answer_information(c: Candidates) -> Floats:
    """Of each candidate: nats where the model has a posterior; otherwise (high - low) p (1 - p), the widest interval least foregone."""
    p = c.forecast.p_correct
    return information_of_forecast(c.forecast) if c.outlook else (c.forecast.high - c.forecast.low) * p * (1.0 - p)
