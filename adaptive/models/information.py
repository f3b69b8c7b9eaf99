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

from adaptive.protocols import Draws, Floats, Forecast

__all__ = ["information", "information_of_forecast", "information_of_logit", "logit_of"]

_N_NODES: Final = 61
"""Gauss-Hermite nodes: within 1e-6 nats for standard deviations up to 3 logits, 3e-5 up to 4 (tests)."""


_FEW_NODES, _few_weights = np.polynomial.hermite_e.hermegauss(5)
_FEW_WEIGHTS: Final = _few_weights / _few_weights.sum()

_WIDTH_90: Final = 2.0 * 1.6448536269514722
"""Standard deviations in a 90 % interval of a normal."""

_SURE: Final = 1e-12
"""How near to 0 or 1 the ends of an interval are taken to be at most, so that their logits are finite."""


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


def information_of_forecast(forecast: Forecast) -> Floats:
    """The same from the forecast alone, (...,) as it is: its interval is that of a normal on the logit of p (`logit_of`).

    Five Gauss-Hermite nodes: within .004 nats for standard deviations up to 1 logit, .035 up to 2.5, guessing at .25 included (tests). Of a
    two-state forecast p is one of the ends of its interval, or of the ends' means over skills; where the interval holds one state and
    the mean, since the other has at most .05, the other is taken to be as far from certain as the one.

    >>> half, certain = np.array([0.5]), np.array([0.5])
    >>> information_of_forecast(Forecast(half, np.array([0.04]), np.array([0.96]))).round(2)  # a standard deviation of 1.93
    array([0.21])
    >>> information_of_forecast(Forecast(half, np.array([0.0]), np.array([1.0]), is_two_state=True)).round(2)
    array([0.69])
    """
    if forecast.is_two_state:
        p = forecast.p_correct
        low = np.where(p > forecast.low, forecast.low, np.minimum(1.0 - forecast.high, p))
        high = np.where(p < forecast.high, forecast.high, np.maximum(1.0 - forecast.low, p))
        p_high = np.clip((p - low) / np.maximum(high - low, _SURE), 0.0, 1.0)
        return _above_zero(_entropy(p) - p_high * _entropy(high) - (1.0 - p_high) * _entropy(low))
    middle, sd = logit_of(forecast)
    p_mean, doubt_left = np.zeros(middle.shape), np.zeros(middle.shape)
    for node, weight in zip(_FEW_NODES, _FEW_WEIGHTS, strict=True):
        logit = middle + node * sd
        fall = np.exp(-np.abs(logit))
        less_likely = fall / (1.0 + fall)
        p_mean += weight * np.where(logit < 0.0, less_likely, 1.0 - less_likely)
        doubt_left += weight * (np.log1p(fall) + np.abs(logit) * less_likely)  # the entropy of p at this node
    return _above_zero(_entropy(p_mean) - doubt_left)


def logit_of(forecast: Forecast) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the normal that has the forecast's 90 % interval on the logit of P(correct).

    >>> middle, sd = logit_of(Forecast(np.array([0.5]), np.array([0.2]), np.array([0.8])))
    >>> middle.round(2), sd.round(2)
    (array([0.]), array([0.84]))
    """
    low, high = (np.clip(end, _SURE, 1.0 - _SURE) for end in (forecast.low, forecast.high))
    below, above = np.log(low / (1.0 - low)), np.log(high / (1.0 - high))
    return (below + above) / 2.0, (above - below) / _WIDTH_90


def _entropy(p_correct: Floats) -> Floats:
    return np.asarray(entr(p_correct) + entr(1.0 - p_correct), dtype=np.float64)


def _above_zero(nats: Floats) -> Floats:
    """Jensen's inequality says that it is; rounding may not."""
    return np.maximum(nats, 0.0)
