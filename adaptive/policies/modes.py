"""What is wanted now: to learn, to review, both, or to find out. Each mode is a zone and named terms that score it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from adaptive.policies.settings import ZoneSettings
from adaptive.policies.telling import answer_information
from adaptive.policies.weighing import Mask, Term
from adaptive.policies.zone import Zone, find_zone
from adaptive.protocols import Candidates, Floats

__all__ = ["GAIN_MODES", "MODES", "Mode", "asked_terms", "challenge", "lift_of", "zone_text"]

_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Mode:
    """Which candidates are in question, and the terms whose sum says how much each is wanted."""

    zone: Callable[[Candidates, ZoneSettings], Zone]
    terms: Callable[[Candidates, ZoneSettings], tuple[Term, ...]]


def _learning_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """log P(unmastered) + 2 log readiness - ((P(correct) - target) / width)^2 / 2, the last not of a two-state forecast."""
    everywhere = _everywhere(c)
    unmastered = np.log(np.maximum(1.0 - c.p_mastered, _TINY))  # (n_items,)
    readiness = 2.0 * np.log(np.maximum(c.readiness, _TINY))  # (n_items,)
    return (
        Term("below_mastery", unmastered, everywhere, c.p_mastered, _below_mastery_text),
        Term("zone", _fit(c, s), everywhere, c.forecast.p_correct, lambda p: zone_text(p, s)),
        Term("prerequisite_gap", readiness, everywhere, c.readiness, lambda ready: _gap_text(ready, s)),
    )


def _gain_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """log E[gain] + log Z; of the gain, what the item's chance of success takes from it is told apart (`challenge`)."""
    is_known, fit = c.outlook is not None and c.outlook.lesson is not None, challenge(c, s)  # (n_items,)
    gain = np.log(np.maximum(c.expected_gain, _TINY)) - (fit if is_known else 0.0)
    z = np.log(np.maximum(c.zone_probability, _TINY))
    return (
        Term("below_mastery", gain, _everywhere(c), c.p_mastered, _below_mastery_text),
        Term("prerequisite_gap", z, _everywhere(c), c.zone_probability, _ready_text),
        Term("zone", fit, _everywhere(c), c.forecast.p_correct, lambda p: zone_text(p, s)),
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


def _gain_review_terms(c: Candidates, _: ZoneSettings) -> tuple[Term, ...]:
    """log E[gain]: what a review adds at the horizon is what would be forgotten without it."""
    gain = np.log(np.maximum(c.expected_gain, _TINY))
    return (Term("review_due", gain, _everywhere(c), c.forecast.p_correct, _review_text),)


def _gain_mixed_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """Learning and reviews by the same gain at the same horizon; of what is mastered neither Z nor the challenge is asked."""
    mastered = _mastered(c, s)
    (review,) = _gain_review_terms(c, s)
    learning = (Term(t.code, t.contribution, ~mastered, t.value, t.text) for t in _gain_terms(c, s))
    return (*learning, Term(review.code, review.contribution, mastered, review.value, review.text))


def _diagnostic_terms(c: Candidates, _: ZoneSettings) -> tuple[Term, ...]:
    """log of the information in the answer."""
    information = answer_information(c)  # (n_items,)
    value, text = (information, _nats_text) if c.outlook else (c.forecast.high - c.forecast.low, _width_text)
    return (Term("information_gain", np.log(np.maximum(information, _TINY)), _everywhere(c), value, text),)


def asked_terms(c: Candidates, s: ZoneSettings) -> tuple[Term, ...]:
    """In every mode, where the request carries them: log plan_lift for what a plan asks for now, log pin_lift for what a teacher pinned."""
    return tuple(_asked_term(code, mark, lift, texts) for code, mark, lift, texts in _marks(c, s) if mark is not None)


def lift_of(c: Candidates, s: ZoneSettings) -> Floats:
    """(n_items,): how many times as much each candidate counts to teach, by what a plan asks for and a teacher pinned."""
    lifts = (np.where(mark, lift, 1.0) for _, mark, lift, _ in _marks(c, s) if mark is not None)
    return np.asarray(np.prod([np.ones(len(c.items)), *lifts], axis=0), dtype=np.float64)


def _marks(c: Candidates, s: ZoneSettings) -> tuple[tuple[str, Mask | None, float, tuple[str, str]], ...]:
    return (
        ("plan_step", c.plan_step, s.plan_lift, ("The plan has it now.", "The plan has other skills now.")),
        ("teacher_pin", c.teacher_pin, s.pin_lift, ("The teacher pinned it.", "The teacher pinned other skills.")),
    )


def _asked_term(code: str, mark: Mask, lift: float, texts: tuple[str, str]) -> Term:
    value = mark.astype(np.float64)  # (n_items,)
    return Term(code, np.log(lift) * value, np.ones(mark.shape, dtype=np.bool_), value, lambda marked: texts[0 if marked else 1])


def challenge(c: Candidates, s: ZoneSettings) -> Floats:
    """log of the share of a gain that the item's chance of success leaves, where the model tells it; else nearness to the target.

    0 for a two-state forecast: a chance between guess and 1 - slip says whether the skill is known, not how hard the item is to learn by.
    """
    if c.outlook is not None and c.outlook.lesson is not None:
        return np.log(c.outlook.lesson)
    return _fit(c, s)


def _fit(c: Candidates, s: ZoneSettings) -> Floats:
    return np.zeros(c.p_mastered.shape) if c.forecast.is_two_state else _nearness(c, s)


def _nearness(c: Candidates, s: ZoneSettings) -> Floats:
    """-((P(correct) - target) / width)^2 / 2: how well the challenge fits, 0 at the target."""
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


def _gain_mixed_zone(c: Candidates, s: ZoneSettings) -> Zone:
    """To learn, and what is mastered whose review adds at least gain_share of the best there is of both."""
    both = _mixed_zone(c, s)
    best = np.max(c.expected_gain, axis=-1, keepdims=True, where=both.members, initial=0.0)
    worth = (c.expected_gain > 0.0) & (c.expected_gain >= s.gain_share * best)
    members = both.members & (worth | ~_mastered(c, s))
    return Zone(np.where(members.any(axis=-1, keepdims=True), members, both.members), both.relaxed)


def _diagnostic_zone(c: Candidates, s: ZoneSettings) -> Zone:
    return Zone(_allowed(c.forecast.p_correct >= s.lowest_p_correct, c))


def _below_mastery_text(p_mastered: float) -> str:
    return f"The skill is not mastered yet: the estimate is {p_mastered:.0%}."


def zone_text(p: float, s: ZoneSettings) -> str:
    """The challenge in plain words."""
    if p < s.low:
        return f"The chance of success is about {p:.0%}: hard for now."
    return f"The chance of success is about {p:.0%}: within reach and {'still a challenge' if p <= s.high else 'easy'}."


def _ready_text(z: float) -> str:
    return f"It is {z:.0%} likely that the learner is ready for it and gains by it."


def _gap_text(readiness: float, s: ZoneSettings) -> str:
    if readiness >= 1.0:
        return "Nothing that it builds on is missing."
    return f"What it builds on is {'secure enough' if readiness >= s.ready_at else 'not secure yet'} ({readiness:.0%})."


def _review_text(p: float) -> str:
    return f"The skill is mastered; with a chance of success of about {p:.0%} now, a review keeps it."


def _width_text(width: float) -> str:
    return f"The answer would tell much: the chance of success is known only to within {width:.0%}."


def _nats_text(nats: float) -> str:
    return f"The answer would tell of the learner: {nats / np.log(2.0):.0%} of what one answer can."


MODES: Mapping[str, Mode] = {
    "learn": Mode(find_zone, _learning_terms),
    "review": Mode(_review_zone, _review_terms),
    "mixed": Mode(_mixed_zone, _mixed_terms),
    "diagnostic": Mode(_diagnostic_zone, _diagnostic_terms),
}

GAIN_MODES: Mapping[str, Mode] = {
    "learn": Mode(find_zone, _gain_terms),
    "review": Mode(_review_zone, _gain_review_terms),
    "mixed": Mode(_gain_mixed_zone, _gain_mixed_terms),
    "diagnostic": MODES["diagnostic"],
}
"""The same by expected gain, where draws tell it."""
