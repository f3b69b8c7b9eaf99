"""What is wanted now: to learn, to review, both, or to find out. Each mode is a zone and named terms that score it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from adaptive.policies.settings import ZoneSettings
from adaptive.policies.zone import Mask, Zone, find_zone
from adaptive.protocols import Candidates, Floats

__all__ = ["GAIN_MODES", "MODES", "Mode", "Term"]

_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One named, additive part of a score; its arrays are (n_items,), or (n_learners, n_items).

    `contribution` is in natural-logarithm units and counts where `applies`; `text` puts the `value` that it rests on
    into plain words.
    """

    code: str
    contribution: Floats
    applies: Mask
    value: Floats
    text: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Mode:
    """Which candidates are in question, and the terms whose sum says how much each is wanted."""

    zone: Callable[[Candidates, ZoneSettings], Zone]
    terms: Callable[[Candidates, ZoneSettings], tuple[Term, ...]]


def _learning_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """log P(unmastered) + 2 log readiness - ((P(correct) - target) / width)^2 / 2; readiness is part of the zone where it is there."""
    everywhere, ready = _everywhere(c), c.readiness >= s.ready_at
    unmastered = np.log(np.maximum(1.0 - c.p_mastered, _TINY))  # (n_items,)
    readiness = 2.0 * np.log(np.maximum(c.readiness, _TINY))  # (n_items,)
    return (
        Term("below_mastery", unmastered, everywhere, c.p_mastered, _below_mastery_text),
        Term("zone", _nearness(c, s) + np.where(ready, readiness, 0.0), everywhere, c.forecast.p_correct, lambda p: _zone_text(p, s)),
        Term("prerequisite_gap", readiness, ~ready, c.readiness, _gap_text),
    )


def _gain_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """log E[gain] + log Z - ((P(correct) - target) / width)^2 / 2."""
    gain = np.log(np.maximum(c.expected_gain, _TINY))  # (n_items,)
    z = np.log(np.maximum(c.zone_probability, _TINY))
    return (
        Term("below_mastery", gain, _everywhere(c), c.p_mastered, _below_mastery_text),
        Term("prerequisite_gap", z, _everywhere(c), c.zone_probability, _ready_text),
        Term("zone", _nearness(c, s), _everywhere(c), c.forecast.p_correct, lambda p: _zone_text(p, s)),
    )


def _review_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """The nearest to being forgotten comes first."""
    return (Term("review_due", _nearness(c, s), _everywhere(c), c.forecast.p_correct, _review_text),)


def _mixed_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    mastered = _mastered(c, s)
    (review,) = _review_terms(c, s)
    due = Term(review.code, review.contribution + np.log(s.review_share), mastered, review.value, review.text)
    learning = (Term(t.code, t.contribution, t.applies & ~mastered, t.value, t.text) for t in _learning_terms(c, s))
    return (*learning, due)


def _diagnostic_terms(c: Candidates, _: ZoneSettings) -> tuple[Term, ...]:
    """log[(high - low) p (1 - p)]: the widest interval whose answer is least foregone."""
    p = c.forecast.p_correct
    width = c.forecast.high - c.forecast.low  # (n_items,)
    information = np.log(np.maximum(width * p * (1.0 - p), _TINY))
    return (Term("information_gain", information, _everywhere(c), width, _information_text),)


def _nearness(c: Candidates, s: ZoneSettings) -> Floats:
    return -0.5 * ((c.forecast.p_correct - s.target) / s.target_width) ** 2


def _everywhere(c: Candidates) -> Mask:
    return np.ones(c.p_mastered.shape, dtype=np.bool_)


def _mastered(c: Candidates, s: ZoneSettings) -> Mask:
    return _allowed(c.p_mastered >= s.promoted_at, c)


def _allowed(members: Mask, c: Candidates) -> Mask:
    return members if c.allowed is None else members & c.allowed


def _review_zone(c: Candidates, s: ZoneSettings) -> Zone:
    return Zone(_mastered(c, s))


def _mixed_zone(c: Candidates, s: ZoneSettings) -> Zone:
    learning, mastered = find_zone(c, s), _mastered(c, s)
    return Zone(learning.members | mastered, () if learning.relaxed == ("anything",) else learning.relaxed)


def _diagnostic_zone(c: Candidates, s: ZoneSettings) -> Zone:
    return Zone(_allowed(c.forecast.p_correct >= s.lowest_p_correct, c))


def _below_mastery_text(p_mastered: float) -> str:
    return f"The skill is not mastered yet: the estimate is {p_mastered:.0%}."


def _zone_text(p: float, s: ZoneSettings) -> str:
    if p < s.low:
        return f"The chance of success is about {p:.0%}: hard for now."
    return f"The chance of success is about {p:.0%}: within reach and {'still a challenge' if p <= s.high else 'easy'}."


def _ready_text(z: float) -> str:
    return f"It is {z:.0%} likely that the learner is ready for it and gains by it."


def _gap_text(readiness: float) -> str:
    return f"What comes before it is not secure yet ({readiness:.0%})."


def _review_text(p: float) -> str:
    return f"The skill is mastered; with a chance of success of about {p:.0%} now, a review keeps it."


def _information_text(width: float) -> str:
    return f"The answer would tell much: the chance of success is known only to within {width:.0%}."


MODES: Mapping[str, Mode] = {
    "learn": Mode(find_zone, _learning_terms),
    "review": Mode(_review_zone, _review_terms),
    "mixed": Mode(_mixed_zone, _mixed_terms),
    "diagnostic": Mode(_diagnostic_zone, _diagnostic_terms),
}

GAIN_MODES: Mapping[str, Mode] = {**MODES, "learn": Mode(find_zone, _gain_terms)}
"""The same, to learn by expected gain where draws tell it."""
