"""Values that models answer in: columns of items and skills, forecasts, mastery, draws, codes, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AbilityPrior",
    "Codes",
    "Draws",
    "Floats",
    "Forecast",
    "Ints",
    "Items",
    "Mastery",
    "Parameters",
    "SkillDraws",
    "Skills",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Items:
    """Columns of items: what a model must know of an item to forecast it. Compared by identity, so models may cache.

    >>> len(Items(("q1", "q2"), (("fractions",), ("fractions", "ratios"))))
    2
    """

    item_ids: tuple[str, ...]
    skill_ids: tuple[tuple[str, ...], ...]
    within: tuple[Items, Ints] | None = field(default=None, repr=False)
    """The items that these were taken from, and their places there: a model may take what it has cached of those."""

    def __len__(self) -> int:
        return len(self.item_ids)

    def take(self, index: Ints) -> Items:
        """The items at `index` (n_taken,), in that order."""
        whole, places = (self, index) if self.within is None else (self.within[0], self.within[1][index])
        which = index.tolist()
        return Items(tuple(map(self.item_ids.__getitem__, which)), tuple(map(self.skill_ids.__getitem__, which)), (whole, places))


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Skills:
    """Columns of skills, in the order in which answers about them are wanted."""

    skill_ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.skill_ids)


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """P(correct) with a 90 % credible interval, each (n_items,) in (0, 1).

    `is_two_state` says that P(correct) takes only a few values (guess or 1 - slip), so the ends of the interval name
    those values and say nothing of doubt about the challenge.
    """

    p_correct: Floats
    low: Floats
    high: Floats
    is_two_state: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Mastery:
    """Posterior per skill, each (n_skills,).

    `p_mastered` = P(expected success on the skill's typical item >= MASTERED_AT); for two-state models P(known).
    `expected_success` is the posterior mean of that success with its 90 % interval `low`, `high`.
    """

    skill_ids: tuple[str, ...]
    p_mastered: Floats
    expected_success: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AbilityPrior:
    """A placement as pseudo-evidence: joint normal over the logit of expected success on each skill's typical item.

    `mean` (n_skills,), `covariance` (n_skills, n_skills), in logits. The skill is mastered where that logit is at
    least logit(MASTERED_AT) = 1.386.
    """

    skill_ids: tuple[str, ...]
    mean: Floats
    covariance: Floats
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Joint draws of a learner's state: `skill_success` (n_draws, n_skills), `item_success` (n_draws, n_items)."""

    skill_ids: tuple[str, ...]
    skill_success: Floats
    item_success: Floats
    latent: Floats = field(repr=False)


class SkillDraws(NamedTuple):
    """Joint draws of a learner, or of learners side by side, (..., n_draws, n_skills) each, as far as choosing among many items needs.

    `success` on each skill's typical item, and `gain`, its expected rise at a horizon from attempting an item of the skill once that is as
    hard as it should be. An item of chance p is worth the share `lesson` of that: a polynomial in p, coefficients from the lowest, whose
    greatest value on [0, 1] is 1. By default the gain is the same however hard the item.
    """

    success: Floats
    gain: Floats
    lesson: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A table of attempts as integer codes, in history order (learner by learner, each by time, sequence, id).

    `learner`, `item` (n,); the skills of attempt i are `skill[skill_start[i]:skill_start[i + 1]]`; `correct` (n,) is
    NaN for study rows; `seconds` (n,) since the epoch, NaN where unknown; `evidence` (n,) as Attempt.is_evidence.
    """

    learner_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    skill_ids: tuple[str, ...]
    learner: Ints
    item: Ints
    skill: Ints
    skill_start: Ints
    correct: Floats
    seconds: Floats
    evidence: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """A fitted model as plain values: what its folder holds. `settings` is JSON, `arrays` become npz."""

    settings: Mapping[str, Any]  # Any: JSON values, checked when the model reads them back
    arrays: Mapping[str, NDArray[Any]]  # Any: arrays of numbers or of fixed-width strings
