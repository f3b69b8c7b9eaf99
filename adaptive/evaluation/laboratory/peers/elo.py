"""Elo ratings with a target rate of success (Klinkenberg, Straatemeier & van der Maas 2011; Pelanek 2016)."""

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
from adaptive.protocols import AttemptTable, Floats, Ints

__all__ = ["TARGET", "EloPlayer", "elo_difficulties"]

TARGET: Final = 0.75
"""Share of right answers that Maths Garden aims at (Klinkenberg et al. 2011)."""

_FIRST_STEP, _SLOWING = 1.0, 0.05
"""Ratings move by 1 / (1 + .05 n) times the surprise after n answers (Pelanek 2016, "Applications of the Elo rating system in adaptive
educational systems")."""


@dataclass(eq=False)
class EloPlayer:
    """The item, not met lately, whose expected success is nearest `target`: P = expit(overall + mean over skills - difficulty).

    A rating of the learner overall and one per skill, both moved by each answer; `difficulty` (n_items,) is fixed beforehand.
    """

    world: World
    n: int
    difficulty: Floats
    target: float = TARGET
    _overall: Floats = field(init=False)
    _skill: Floats = field(init=False)
    _n_answers: Floats = field(init=False)
    _recent: Recent = field(init=False)

    def __post_init__(self) -> None:
        self._overall, self._skill = np.zeros(self.n), np.zeros((self.n, self.world.n_skills))
        self._n_answers = np.zeros((self.n, self.world.n_skills))
        self._recent = Recent(self.n, self.world.n_items)
        self._share = self.world.exercises / self.world.exercises.sum(axis=1, keepdims=True)  # (n_items, n_skills)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """The item nearest the target; ties by chance."""
        p_correct = expit(self._overall[:, None] + self._skill @ self._share.T - self.difficulty)  # (n, n_items)
        recent = self._recent.items(at)
        return best(np.where(recent & ~recent.all(axis=1, keepdims=True), -np.inf, -np.abs(p_correct - self.target)), rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Both ratings by the surprise."""
        self._recent.meet(item, at)
        share = self._share[item]  # (n, n_skills)
        surprise = correct - expit(self._overall + (self._skill * share).sum(axis=1) - self.difficulty[item])
        n_in_all = self._n_answers.sum(axis=1)
        self._overall += _FIRST_STEP / (1.0 + _SLOWING * n_in_all) * surprise
        self._skill += share * (_FIRST_STEP / (1.0 + _SLOWING * self._n_answers)) * surprise[:, None]
        self._n_answers += share

    def declared(self) -> None:
        """Ratings call nothing mastered."""


def elo_difficulties(attempts: AttemptTable, world: World) -> Floats:
    """(n_items,) ratings of items by the same rule, from one pass over attempts in order of time; an item never met has the mean."""
    codes = attempts.codes()
    index = {item.item_id: i for i, item in enumerate(world.catalog.items)}
    item = np.array([index[item_id] for item_id in codes.item_ids], dtype=np.int64)[codes.item]
    learner, item_n = np.zeros((2, len(codes.learner_ids))), np.zeros(world.n_items)
    difficulty = np.zeros(world.n_items)
    for row in np.argsort(codes.seconds, kind="stable").tolist():
        who, i = codes.learner[row], item[row]
        surprise = codes.correct[row] - expit(learner[0, who] - difficulty[i])
        learner[0, who] += _FIRST_STEP / (1.0 + _SLOWING * learner[1, who]) * surprise
        difficulty[i] -= _FIRST_STEP / (1.0 + _SLOWING * item_n[i]) * surprise
        learner[1, who] += 1.0
        item_n[i] += 1.0
    return np.where(item_n > 0.0, difficulty, difficulty[item_n > 0.0].mean() if item_n.any() else 0.0)
