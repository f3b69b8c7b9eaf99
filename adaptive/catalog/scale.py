"""Units of difficulty: each a linear map to logits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["DIFFICULTY_SCALES", "DifficultyScale"]


@dataclass(frozen=True, slots=True)
class DifficultyScale:
    """A Rasch scale: P(correct) = expit((ability - difficulty) / unit), with `origin` at zero logits.

    >>> DIFFICULTY_SCALES["rit"].to_logit(205.0), DIFFICULTY_SCALES["rit"].from_logit(0.5)
    (0.5, 205.0)
    """

    origin: float
    unit: float

    def to_logit(self, difficulty: float) -> float:
        """A difficulty of this scale, in logits."""
        return (difficulty - self.origin) / self.unit

    def from_logit(self, logit: float) -> float:
        """A difficulty in logits, on this scale."""
        return self.origin + self.unit * logit


DIFFICULTY_SCALES: Final[Mapping[str, DifficultyScale]] = MappingProxyType(
    {
        "logit": DifficultyScale(origin=0.0, unit=1.0),
        # RIT = 200 + 10 logits (NWEA, RIT Scale Norms 2011, on how the scale is built).
        "rit": DifficultyScale(origin=200.0, unit=10.0),
    }
)
