"""What is wanted now: to learn, to review, both, or to find out. Each mode is a zone and a score over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from adaptive.policies.settings import ZoneSettings
from adaptive.policies.zone import Mask, Zone, find_zone
from adaptive.protocols import Candidates, Floats

__all__ = ["MODES", "Mode"]

_TINY = 1e-12
_REVIEW_SHARE = 0.25
"""Of practice time; plans keep 20-25 % of their minutes for review."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Which candidates are in question, and how much each is wanted (natural-logarithm units, (n_items,))."""

    zone: Callable[[Candidates, ZoneSettings], Zone]
    score: Callable[[Candidates, ZoneSettings], Floats]


def _learning_score(c: Candidates, s: ZoneSettings) -> Floats:
    promise = np.log(np.maximum((1.0 - c.p_mastered) * c.readiness**2, _TINY))  # (n_items,)
    return promise + _nearness(c, s)


def _nearness(c: Candidates, s: ZoneSettings) -> Floats:
    """Log of a bell around the target rate; for a mastered skill, the nearest to being forgotten."""
    return -0.5 * ((c.forecast.p_correct - s.target) / s.target_width) ** 2


def _mixed_score(c: Candidates, s: ZoneSettings) -> Floats:
    return np.where(_mastered(c, s), _nearness(c, s) + np.log(_REVIEW_SHARE), _learning_score(c, s))


def _diagnostic_score(c: Candidates, _: ZoneSettings) -> Floats:
    p = c.forecast.p_correct
    log_information: Floats = np.log(np.maximum(c.forecast.high - c.forecast.low, _TINY) * np.maximum(p * (1.0 - p), _TINY))
    return log_information


def _mastered(c: Candidates, s: ZoneSettings) -> Mask:
    return c.p_mastered >= s.mastered_at


def _review_zone(c: Candidates, s: ZoneSettings) -> Zone:
    return Zone(_mastered(c, s), "")


def _mixed_zone(c: Candidates, s: ZoneSettings) -> Zone:
    learning = find_zone(c, s)
    return Zone(learning.members | _mastered(c, s), learning.relaxed)


def _diagnostic_zone(c: Candidates, s: ZoneSettings) -> Zone:
    return Zone(c.forecast.p_correct >= s.lowest_p_correct, "")


MODES: Mapping[str, Mode] = {
    "learn": Mode(find_zone, _learning_score),
    "review": Mode(_review_zone, _nearness),
    "mixed": Mode(_mixed_zone, _mixed_score),
    "diagnostic": Mode(_diagnostic_zone, _diagnostic_score),
}
