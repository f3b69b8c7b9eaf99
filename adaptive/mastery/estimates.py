"""What a model believes after an attempt, as far as mastery rules read it. Handed in; no model is run here, and no rule changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import erf, isfinite, sqrt

from adaptive.errors import InvalidInput, Problem

__all__ = ["Ability", "Estimate", "Recall", "TwoStateFit"]

_Z_90 = 1.6448536269514722
"""Normal quantile of .95: half the width of a 90 % interval, in standard deviations."""


@dataclass(frozen=True, slots=True)
class Ability:
    """The posterior of ability on the skill, in logits: mean and standard deviation. `low` is the 5 % quantile, None for the normal's.

    Raises InvalidInput where a value is not finite or `sd` is not above 0.

    >>> round(Ability(2.0, 0.3).p_above(1.386), 3), round(Ability(2.0, 0.3).lower_bound, 3)
    (0.98, 1.507)
    """

    mean: float
    sd: float
    low: float | None = None

    def __post_init__(self) -> None:
        rules = {
            "mean": ("an ability is a finite number of logits", isfinite(self.mean)),
            "sd": ("a standard deviation is finite and above 0", isfinite(self.sd) and self.sd > 0.0),
            "low": ("a lower bound is a finite number of logits", self.low is None or isfinite(self.low)),
        }
        _refuse(
            "ability", [Problem(name, rule, str(getattr(self, name)), "correct it") for name, (rule, holds) in rules.items() if not holds]
        )

    @property
    def lower_bound(self) -> float:
        """Lower end of the 90 % credible interval."""
        return self.mean - _Z_90 * self.sd if self.low is None else self.low

    def p_above(self, cut: float) -> float:
        """P(ability > cut), by the normal: Phi((mean - cut) / sd)."""
        return 0.5 * (1.0 + erf((self.mean - cut) / (self.sd * sqrt(2.0))))


@dataclass(frozen=True, slots=True)
class Recall:
    """P(recall) now, in [0, 1], and when the model foretells that it falls to the rule's bar (None: not foretold).

    FSRS at its usual bar of .9: `until` is the last review plus the stability.
    """

    p: float
    until: datetime | None = None

    def __post_init__(self) -> None:
        problems = _improbable({"p": self.p})
        if self.until is not None and self.until.tzinfo is None:
            problems.append(Problem("until", "times carry an offset", str(self.until), "make it an aware datetime"))
        _refuse("recall", problems)
        if self.until is not None:
            object.__setattr__(self, "until", self.until.astimezone(UTC))  # one spelling of one moment


@dataclass(frozen=True, slots=True)
class TwoStateFit:
    """Guess and slip of the two-state model behind an estimate: P(correct | not known) and P(wrong | known)."""

    guess: float
    slip: float

    def __post_init__(self) -> None:
        _refuse("two-state fit", _improbable({"guess": self.guess, "slip": self.slip}))


@dataclass(frozen=True, slots=True)
class Estimate:
    """The posterior of one skill of one learner after an attempt; None is what the model does not say.

    `p_mastered` is P(expected success on the skill's typical item >= MASTERED_AT), `success` the 90 % interval of that
    expected success. Raises InvalidInput where a number is no probability or the interval is upside down.

    >>> Estimate(p_mastered=0.97, success=(0.81, 0.96)).success
    (0.81, 0.96)
    """

    p_mastered: float | None = None
    success: tuple[float, float] | None = None
    ability: Ability | None = None
    recall: Recall | None = None
    fit: TwoStateFit | None = None

    def __post_init__(self) -> None:
        problems = _improbable({} if self.p_mastered is None else {"p_mastered": self.p_mastered})
        if self.success is not None:
            low, high = self.success
            problems += _improbable({"success, low": low, "success, high": high})
            if low > high:
                problems.append(Problem("success", "an interval is (low, high)", f"({low}, {high})", "swap its ends"))
        _refuse("estimate", problems)


def _improbable(values: dict[str, float]) -> list[Problem]:
    rule, way_out = "a probability lies in [0, 1]", "hand in what the model said"
    return [Problem(name, rule, str(value), way_out) for name, value in values.items() if not 0.0 <= value <= 1.0]


def _refuse(subject: str, problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(subject, problems)
