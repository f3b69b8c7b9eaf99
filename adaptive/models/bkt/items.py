"""Guess and slip of items: those of the skill, made easier or harder, and further apart or closer (KT-IDEM, Pardos & Heffernan 2011).

An item shifts logit guess and logit (1 - slip) of its skill together, by `shift`, and scales the gap between them by
exp(`log_gap`). So guess < 1 - slip on every item whatever the two are, and a right answer never speaks against knowing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.columns import Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.protocols import Floats, Ints

__all__ = ["ItemEffects", "emission_logits", "guess_and_slip", "stated_shifts"]

NumberT = TypeVar("NumberT")

_MOST_LOG_GAP: Final = 3.0
"""Gaps are scaled by at most exp(3): beyond, guess is 0 and slip is 0 to every digit."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemEffects:
    """What the fit found of each item, (n_items,): its `shift` and `log_gap`."""

    items: Vocabulary
    shift: Floats
    log_gap: Floats

    @classmethod
    def none(cls) -> Self:
        """Before any data."""
        return cls(Vocabulary([]), np.zeros(0), np.zeros(0))

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        return {"item_ids": self.items.array(), "item_shift": self.shift, "item_log_gap": self.log_gap}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        return cls(Vocabulary.of_array(arrays["item_ids"]), arrays["item_shift"], arrays["item_log_gap"])


def emission_logits(guess: NumberT, right: NumberT, shift: NumberT, gap: NumberT) -> tuple[NumberT, NumberT]:
    """Logits of success where the skill is not known and where it is, on the item; all in logits but `gap`, a factor.

    >>> emission_logits(-1.0, 2.0, 0.5, 2.0)
    (-2.0, 4.0)
    """
    middle, half = (guess + right) / 2.0 + shift, (right - guess) / 2.0 * gap  # type: ignore[operator]  # numbers, arrays or tensors
    return middle - half, middle + half


def guess_and_slip(values: BktParameters, shift: Floats, log_gap: Floats) -> tuple[Floats, Floats]:
    """Guess and slip of items of these skills' values, each (n,)."""
    gap = np.exp(np.clip(log_gap, -_MOST_LOG_GAP, _MOST_LOG_GAP))
    guess, right = emission_logits(logit(values.guess), logit(1.0 - values.slip), shift, gap)
    return expit(guess), expit(-right)


def stated_shifts(difficulties: Difficulties, item_ids: tuple[str, ...], item: Ints, skill_ids: tuple[str, ...], skill: Ints) -> Floats:
    """(n_items,) by how much the catalogue says that each is easier than its skills, else 0; `item` and `skill` pair them."""
    if not len(difficulties.items):
        return np.zeros(len(item_ids))
    of_skill = difficulties.skill_logits(skill_ids)[skill]
    n_skills = np.bincount(item, minlength=len(item_ids))
    of_skills = np.bincount(item, of_skill, minlength=len(item_ids)) / np.maximum(n_skills, 1)
    return np.nan_to_num(difficulties.item_logits(item_ids) - of_skills)
