"""How much an answer to an item would tell of the learner: what of the doubt about it is the model's own.

The mutual information of an answer and what is not known of learner and item is the entropy of the forecast less the
entropy that stays once the chance of success is known (Houlsby et al. 2011, "Bayesian active learning by disagreement"):

    I = H(E p) - E H(p),  H(p) = -p ln p - (1 - p) ln(1 - p), in nats

It is 0 where the chance is known, be it .5, and at most ln 2. The first term is all the doubt, the second a coin's.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import entr, expit

from adaptive.protocols import Draws, Floats

__all__ = ["information", "information_of_logit"]

_N_NODES: Final = 61
"""Gauss-Hermite nodes: within 1e-6 nats for standard deviations up to 3 logits, 3e-5 up to 4 (tests)."""


def information(draws: Draws) -> Floats:
    """The information in each item's answer, nats, (n_items,), from joint draws of the learner.

    Draws share their mean, so that n of them see 1 - 1/n of a small information, plus noise of the order of n ** -.5 of it.

    >>> known, doubtful = np.full(4, 0.5), np.array([0.05, 0.95, 0.05, 0.95])
    >>> draws = Draws((), np.zeros((4, 0)), np.stack([known, doubtful], axis=1), np.zeros((4, 0)))
    >>> information(draws).round(3)
    array([0.   , 0.495])
    """
    p_correct = draws.item_success  # (n_draws, n_items)
    return _above_zero(_entropy(p_correct.mean(axis=0)) - _entropy(p_correct).mean(axis=0))


def information_of_logit(mean: Floats, variance: Floats, guess: Floats | float = 0.0) -> Floats:
    """The same where p = guess + (1 - guess) expit(x), x ~ N(mean, variance), each (n_items,): by Gauss-Hermite quadrature.

    For a small variance v it is v s (1 - s) / 2, s = expit(mean), without guessing: half the answer's Fisher information times v.

    >>> information_of_logit(np.zeros(3), np.array([0.0, 0.1, 4.0])).round(4)
    array([0.    , 0.0121, 0.2311])
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_N_NODES)
    weights = weights / weights.sum()
    floor = np.asarray(guess, dtype=np.float64)[..., None]
    success = expit(np.asarray(mean)[..., None] + np.sqrt(np.asarray(variance))[..., None] * nodes)  # (n_items, n_nodes)
    p_correct = floor + (1.0 - floor) * success
    return _above_zero(_entropy(p_correct @ weights) - _entropy(p_correct) @ weights)


def _entropy(p_correct: Floats) -> Floats:
    return np.asarray(entr(p_correct) + entr(1.0 - p_correct), dtype=np.float64)


def _above_zero(nats: Floats) -> Floats:
    """Jensen's inequality says that it is; rounding may not."""
    return np.maximum(nats, 0.0)
