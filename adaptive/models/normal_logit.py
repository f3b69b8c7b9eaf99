"""The normal approximation on the logit: from an expected success and a spread to mastery and intervals.

A learner's latent logit is x ~ N(centre, variance). Forecasts are the mean of expit(x), for which
E expit(x) = expit(centre / attenuation(variance)) holds to within .02 (MacKay 1992, "The evidence framework applied
to classification networks"). So a marginal logit m, as a regression fits it, has its centre at m attenuation(variance).
"""

from __future__ import annotations

from math import log, pi
from typing import Final

import numpy as np
from scipy.special import expit, ndtr

from adaptive.domain import MASTERED_AT
from adaptive.protocols import Floats

__all__ = [
    "ANSWER_INFORMATION",
    "LOGIT_MASTERED_AT",
    "POPULATION_VARIANCE",
    "attenuation",
    "interval",
    "p_mastered",
]

LOGIT_MASTERED_AT: Final = log(MASTERED_AT / (1.0 - MASTERED_AT))
"""1.386: the logit from which on a skill is mastered."""

POPULATION_VARIANCE: Final = 1.0
"""Variance of ability on a skill between learners, logits squared: the N(0, 1) that Rasch scaling starts from."""

ANSWER_INFORMATION: Final = 0.2
"""Information of one Rasch answer per logit squared, p (1 - p) at a success rate of .72 or .28."""

_Z90: Final = 1.6448536269514722
"""Half width of a central 90 % interval, in standard deviations."""


def attenuation(variance: Floats | float) -> Floats:
    """How much steeper the latent logit is than the marginal one: sqrt(1 + pi variance / 8).

    >>> round(float(attenuation(1.0)), 3)
    1.18
    """
    return np.sqrt(1.0 + np.multiply(variance, pi / 8.0))


def p_mastered(marginal_logit: Floats, variance: Floats) -> Floats:
    """P(x >= logit(MASTERED_AT)), elementwise.

    >>> p_mastered(np.array([1.386]), np.array([1e-4])).round(1)
    array([0.5])
    """
    centre = marginal_logit * attenuation(variance)
    return np.asarray(ndtr((centre - LOGIT_MASTERED_AT) / np.sqrt(variance)), dtype=np.float64)


def interval(marginal_logit: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Ends of the 90 % credible interval of expit(x), widened where needed to hold its mean.

    >>> low, high = interval(np.array([0.0]), np.array([1.0]))
    >>> low.round(2), high.round(2)
    (array([0.16]), array([0.84]))
    """
    centre, half = marginal_logit * attenuation(variance), _Z90 * np.sqrt(variance)
    low, high = expit(np.minimum(centre - half, marginal_logit)), expit(np.maximum(centre + half, marginal_logit))
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
