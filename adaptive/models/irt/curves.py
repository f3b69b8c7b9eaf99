"""Item characteristic curves over a grid of abilities: what every other part of item response theory stands on.

Population ability is N(0, 1) and is kept on 61 equally spaced nodes in [-6, 6], the rectangular quadrature that mirt
uses for one dimension. The rule is exact to 1 % for any posterior wider than .1, that is some 500 answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, ndtr

from adaptive.domain import MASTERED_AT
from adaptive.models.normal_logit import attenuation
from adaptive.protocols import Floats, Ints

__all__ = ["LOG_PRIOR", "NODES", "Curves", "bounded", "normalised"]

NODES: Final = np.linspace(-6.0, 6.0, 61)
"""Abilities, (n_nodes,), in standard deviations of the population."""

_CERTAIN: Final = 1e-12
"""No forecast is nearer to 0 or 1: beyond it a float no longer tells 1 - p from 0."""

_Z90: Final = 1.6448536269514722
"""Half width of a central 90 % interval, in standard deviations."""


def normalised(log_weights: Floats) -> Floats:
    """The same log weights over the nodes, (..., n_nodes), so that their exponentials sum to 1.

    >>> np.exp(normalised(np.zeros(4)))
    array([0.25, 0.25, 0.25, 0.25])
    """
    top = log_weights.max(axis=-1, keepdims=True)
    shifted = log_weights - top
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float64)


LOG_PRIOR: Final = normalised(-0.5 * NODES**2)
"""The population over the nodes, (n_nodes,)."""


def bounded(p_correct: Floats) -> Floats:
    """The probabilities, none nearer to 0 or 1 than a float can tell."""
    return np.clip(p_correct, _CERTAIN, 1.0 - _CERTAIN)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Items as curves, each (n,): P(correct) = guess + (1 - guess) expit((discrimination ability + intercept) / attenuation).

    `variance` is what is unsure of the item's logit, averaged over the population; `attenuation(variance)` is its cost:
    the mean over N(logit, variance) (`normal_logit`). It is one number per item, so that a curve always rises.
    """

    intercept: Floats
    discrimination: Floats
    guess: Floats
    variance: Floats

    def __len__(self) -> int:
        return len(self.intercept)

    def take(self, item: Ints) -> Curves:
        """The curves of these items."""
        return Curves(self.intercept[item], self.discrimination[item], self.guess[item], self.variance[item])

    def success(self, ability: Floats = NODES) -> Floats:
        """P(correct) at each ability, (n, n_abilities).

        >>> item = Curves(np.zeros(1), np.ones(1), np.array([0.2]), np.zeros(1))
        >>> item.success(np.array([-9.0, 0.0, 9.0])).round(2)
        array([[0.2, 0.6, 1. ]])
        """
        return self.guess[:, None] + (1.0 - self.guess[:, None]) * np.asarray(expit(self._logits(ability)), dtype=np.float64)

    def failure(self, ability: Floats = NODES) -> Floats:
        """1 - P(correct), without the loss of digits where P(correct) is near 1, (n, n_abilities)."""
        return (1.0 - self.guess[:, None]) * np.asarray(expit(-self._logits(ability)), dtype=np.float64)

    def mastered(self) -> Floats:
        """P(success >= MASTERED_AT) at each node given what is unsure of the curve, (n, n_nodes)."""
        needed = (MASTERED_AT - self.guess) / (1.0 - self.guess)  # of the part that ability decides
        distance = self._raw_logits(NODES) - np.log(needed / (1.0 - needed))[:, None]
        return np.asarray(ndtr(distance / np.sqrt(self.variance)[:, None]), dtype=np.float64)

    def interval(self, log_weights: Floats, p_correct: Floats) -> tuple[Floats, Floats]:
        """Ends of the 90 % credible interval of success for this posterior of ability, widened to hold `p_correct`.

        Ability and item are normal on the logit with their own variances; guessing is taken as known.
        """
        weights = np.exp(log_weights)
        mean = float(weights @ NODES)
        of_ability = float(weights @ (NODES - mean) ** 2)
        centre = self.discrimination * mean + self.intercept
        half = _Z90 * np.sqrt(self.discrimination**2 * of_ability + self.variance)
        low, high = (self.guess + (1.0 - self.guess) * np.asarray(expit(centre + side)) for side in (-half, half))
        return np.minimum(low, p_correct), np.maximum(high, p_correct)

    def _raw_logits(self, ability: Floats) -> Floats:
        return self.discrimination[:, None] * ability + self.intercept[:, None]

    def _logits(self, ability: Floats) -> Floats:
        return self._raw_logits(ability) / attenuation(self.variance)[:, None]
