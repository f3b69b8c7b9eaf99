"""The settings of a fit: how many parameters an item has, and how far items, skills and discriminations lie apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

__all__ = ["MAXIMUM_LIKELIHOOD", "ONE_PARAMETER", "THREE_PARAMETER", "TWO_PARAMETER", "IrtSettings", "Spreads"]


@dataclass(frozen=True, slots=True)
class Spreads:
    """Standard deviations of the hierarchical priors, in logits; those without `overall` are learned from the table.

    `overall` of the mean intercept around 0, `skill` of skills around it, `item` of items around their skills;
    `overall_discrimination` of the mean log discrimination around 0, `discrimination` of items around it;
    `overall_guess` of the mean logit of guessing around one fifth, `guess` of items around it.

    Before any data skill and item add up to a variance of 1, the spread of difficulties that Rasch scaling starts from.
    Discriminations vary by a third (Mislevy 1986, "Bayes modal estimation in item response models", has .5 for items
    that are screened less), guessing by half a logit, as its data are few: only learners far below an item tell it.
    """

    overall: float = 2.0
    skill: float = 0.6
    item: float = 0.8
    overall_discrimination: float = 0.5
    discrimination: float = 0.3
    overall_guess: float = 0.5
    guess: float = 0.5


@dataclass(frozen=True, slots=True)
class IrtSettings:
    """How to fit. One parameter an item is its intercept; `items_discriminate` and `items_are_guessed` add the others.

    `spreads` is where the priors start, worth `prior_items` imagined items or skills; each of `n_rounds` fits the items
    given the spreads, then the spreads given the items, until none moves by more than `tolerance` of itself. One round
    leaves the spreads as they are.
    """

    items_discriminate: bool = False
    items_are_guessed: bool = False
    spreads: Spreads = Spreads()
    prior_items: float = 5.0
    n_rounds: int = 12
    tolerance: float = 0.02

    def to_json(self) -> dict[str, Any]:  # Any: JSON values
        """The settings for the model's folder.

        >>> IrtSettings.from_json(TWO_PARAMETER.to_json()) == TWO_PARAMETER
        True
        """
        return asdict(self)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:  # Any: JSON values
        """What `to_json` wrote."""
        return cls(**{**written, "spreads": Spreads(**written["spreads"])})


ONE_PARAMETER: Final = IrtSettings()
"""1PL: all items discriminate alike (Rasch)."""

TWO_PARAMETER: Final = IrtSettings(items_discriminate=True)
"""2PL: each item has a discrimination (Birnbaum 1968)."""

THREE_PARAMETER: Final = IrtSettings(items_discriminate=True, items_are_guessed=True)
"""3PL: and each a probability of being guessed."""

MAXIMUM_LIKELIHOOD: Final = Spreads(*[1e3] * 7)
"""Priors so wide that they say nothing: with `n_rounds=1`, marginal maximum likelihood (Bock & Aitkin 1981)."""
