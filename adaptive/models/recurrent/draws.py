"""The core's joint draws with the forecasts of the model that stands on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.special import expit, logit

from adaptive.protocols import Draws, Floats

__all__ = ["shifted"]

_N_STEPS: Final = 8
_SURE: Final = 1e-12
"""Keeps the logit of a draw of certain success finite."""


def shifted(draws: Draws, p_correct: Floats) -> Draws:
    """The draws with each item's success moved by one logit, so that its mean over draws is `p_correct` (n_items,).

    Order and dependence of the draws stay; the offset is found by Newton's steps.

    >>> draws = Draws((), np.zeros((2, 0)), np.array([[0.4], [0.6]]), np.zeros((2, 0)))
    >>> shifted(draws, np.array([0.7])).item_success.mean(axis=0).round(6)
    array([0.7])
    """
    if len(p_correct) == 0:
        return draws
    latent = logit(np.clip(draws.item_success, _SURE, 1.0 - _SURE))  # (n_draws, n_items)
    offset = logit(p_correct) - logit(np.clip(draws.item_success.mean(axis=0), _SURE, 1.0 - _SURE))
    for _ in range(_N_STEPS):
        success = expit(latent + offset)
        slope = np.maximum((success * (1.0 - success)).mean(axis=0), _SURE)
        offset = offset + np.clip((p_correct - success.mean(axis=0)) / slope, -1.0, 1.0)
    return replace(draws, item_success=expit(latent + offset))
