"""Computerised adaptive testing as practice: the item that tells most of the ability (Lord 1980; van der Linden & Glas 2000)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.oracles import best
from adaptive.evaluation.laboratory.players import Recent
from adaptive.evaluation.laboratory.world import World
from adaptive.models.irt import Calibration
from adaptive.models.irt.curves import LOG_PRIOR, NODES
from adaptive.protocols import Floats, Ints

__all__ = ["CatPlayer"]

_TINY: Final = 1e-12
"""Least chance of an answer: a steep item and a far node may round to none."""


@dataclass(eq=False)
class CatPlayer:
    """The item, not met lately, of the greatest Fisher information at the posterior mean of one ability.

    I = a^2 (1 - p) / p ((p - c) / (1 - c))^2 with p = c + (1 - c) expit(a (ability - b)), a, b, c of the fitted `irt` model.
    """

    world: World
    n: int
    calibration: Calibration
    _log_weights: Floats = field(init=False)
    _recent: Recent = field(init=False)

    def __post_init__(self) -> None:
        self._log_weights = np.tile(LOG_PRIOR, (self.n, 1))  # (n, n_nodes)
        self._recent = Recent(self.n, self.world.n_items)
        place = {item_id: i for i, item_id in enumerate(self.calibration.item_ids)}
        known = [place.get(item.item_id, -1) for item in self.world.catalog.items]
        columns = ((self.calibration.discrimination, 1.0), (self.calibration.difficulty, 0.0), (self.calibration.guess, 0.0))
        self._a, self._b, self._c = (np.append(values, otherwise)[known] for values, otherwise in columns)  # (n_items,) each

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """The most telling item; ties by chance."""
        weights = np.exp(self._log_weights - self._log_weights.max(axis=1, keepdims=True))
        ability = (weights @ NODES) / weights.sum(axis=1)
        p_correct = self._p_correct(ability[:, None], np.arange(self.world.n_items))  # (n, n_items)
        information = self._a**2 * (1.0 - p_correct) / p_correct * ((p_correct - self._c) / (1.0 - self._c)) ** 2
        recent = self._recent.items(at)
        return best(np.where(recent & ~recent.all(axis=1, keepdims=True), -np.inf, information), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Bayes' rule on the nodes."""
        self._recent.meet(item, at)
        p_correct = self._p_correct(NODES, item[:, None])  # (n, n_nodes)
        self._log_weights = self._log_weights + np.log(np.maximum(np.where(correct[:, None] > 0.5, p_correct, 1.0 - p_correct), _TINY))

    def declared(self) -> None:
        """A test calls nothing mastered."""

    def _p_correct(self, ability: Floats, item: Ints) -> Floats:
        a, b, c = self._a[item], self._b[item], self._c[item]
        return np.asarray(c + (1.0 - c) * expit(a * (ability - b)))
