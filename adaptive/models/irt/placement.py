"""A placement as one ability: what joint normals over several skills say of the one thing that this model knows."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import expit

from adaptive.models.irt.curves import NODES, Curves, normalised
from adaptive.models.normal_logit import ANSWER_INFORMATION, POPULATION_VARIANCE
from adaptive.models.placed import MEMORY_ANSWERS
from adaptive.protocols import AbilityPrior, Floats

__all__ = ["placed_log_weights"]

_LEAST_VARIANCE: Final = 1.0 / (1.0 / POPULATION_VARIANCE + ANSWER_INFORMATION * MEMORY_ANSWERS)
"""No placement is surer than that many answers, as in `placed`."""

_LEAST_KNOWLEDGE: Final = 0.01
"""Of success on a guessed item, the share that ability must have: below it a placement says no more of ability."""


def placed_log_weights(prior: AbilityPrior, typical: Curves) -> Floats:
    """Log weights of ability on the nodes, (n_nodes,): normal, with mean and variance of a weighted mean over the skills.

    On skill s the placement says ability = (logit - intercept) / discrimination, with what is unsure of the skill's typical
    item added to its variance; skills weigh as their precisions. One ability cannot be high on one skill and low on
    another: what the placement says of such differences is lost.

    >>> one = Curves(np.array([-1.0]), np.ones(1), np.zeros(1), np.zeros(1))
    >>> weights = np.exp(placed_log_weights(AbilityPrior(("halves",), np.array([0.5]), np.array([[0.5]])), one))
    >>> round(float(weights @ NODES), 3)
    1.5
    """
    share = np.maximum((expit(prior.mean) - typical.guess) / (1.0 - typical.guess), _LEAST_KNOWLEDGE)
    logit = np.where(typical.guess > 0.0, np.log(share / (1.0 - share)), prior.mean)
    ability = (logit - typical.intercept) / typical.discrimination
    covariance = (prior.covariance + np.diag(typical.variance)) / np.outer(typical.discrimination, typical.discrimination)
    weight = 1.0 / np.maximum(np.diag(covariance), _LEAST_VARIANCE)
    weight = weight / weight.sum()
    mean, variance = float(weight @ ability), max(float(weight @ covariance @ weight), _LEAST_VARIANCE)
    return normalised(-0.5 * (NODES - mean) ** 2 / variance)
