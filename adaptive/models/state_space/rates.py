"""How fast each skill is learned beside the others: log rates around 0, normal over skills, by Fisher scoring on the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from adaptive.models.state_space.parameters import Fitted
from adaptive.models.state_space.table import TableRows
from adaptive.protocols import Floats, Ints

__all__ = ["with_rates"]

_STEPS: Final = 4
_DIFFERENCE: Final = 0.05
"""Step of the finite difference by the log rate."""

_FIRST_SD: Final = 0.3
_PRIOR_COUNT: Final = 10.0
"""The spread of log rates before any data, worth so many imagined skills."""

_LONGEST: Final = 0.5
"""Longest step of a log rate."""


def with_rates(fitted: Fitted, table: TableRows) -> Fitted:
    """The same with the rates at which these rows say that their skills are learned.

    All skills' log rates are moved together and each row's answer is laid to its own skills: what practice of one skill says of another
    through shared factors is left out. Those of skills without evidence stay 0, and the spread is learned by EM.
    """
    codes = fitted.skills.skills.codes(table.columns.skill_ids)
    row, n_skills = np.repeat(np.arange(len(table.rows.item)), np.diff(table.rows.start)), len(codes)
    share = 1.0 / np.diff(table.rows.start)[row]
    log_rate, spread = np.log(fitted.skills.rate[codes]), _FIRST_SD**2
    for _ in range(_STEPS):
        p_correct, ahead = (_forecasts(fitted, table, log_rate + step) for step in (0.0, _DIFFERENCE))
        certain = p_correct * (1.0 - p_correct)
        weight = np.where(np.isnan(table.rows.score), 0.0, certain)
        lever = _beside_items((ahead - p_correct) / (_DIFFERENCE * certain), weight, table.rows.item)
        slope, information = np.nan_to_num(table.rows.score - p_correct) * lever, weight * lever**2
        precision = np.bincount(table.rows.skill, share * information[row], n_skills) + 1.0 / spread
        move = (np.bincount(table.rows.skill, share * slope[row], n_skills) - log_rate / spread) / precision
        log_rate += np.clip(move, -_LONGEST, _LONGEST)
        spread = (_PRIOR_COUNT * _FIRST_SD**2 + (log_rate**2 + 1.0 / precision).sum()) / (_PRIOR_COUNT + n_skills)
    return _at(fitted, table, log_rate)


def _beside_items(lever: Floats, weight: Floats, item: Ints) -> Floats:
    """What a rate does to an item's answers beyond what it does to all of them: that much its difficulty takes over."""
    total = np.maximum(np.bincount(item, weight), np.finfo(np.float64).tiny)
    return np.asarray(lever - (np.bincount(item, weight * lever) / total)[item])


def _at(fitted: Fitted, table: TableRows, log_rate: Floats) -> Fitted:
    rate = fitted.skills.rate.copy()
    rate[fitted.skills.skills.codes(table.columns.skill_ids)] = np.exp(log_rate)
    return replace(fitted, skills=replace(fitted.skills, rate=rate))


def _forecasts(fitted: Fitted, table: TableRows, log_rate: Floats) -> Floats:
    return _at(fitted, table, log_rate).trace(table).p_correct
