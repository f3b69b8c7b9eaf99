"""ZPDES: bandits over skills, rewarded by the recent rise of success, in a zone that widens with success.

Clement, Roy, Oudeyer & Lopes 2015, "Multi-Armed Bandits for Intelligent Tutoring Systems", JEDM 7(2). Settings
are those of the experiments that the first author published with the code (kidlearn, `ZpdesSsb`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.peers.turns import Turns
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.policies import draw
from adaptive.protocols import Floats, Ints

__all__ = ["ZpdesPlayer", "ZpdesSettings"]


@dataclass(frozen=True, slots=True)
class ZpdesSettings:
    """The author's names and values stand beside ours."""

    window: int = 6
    """Answers on a skill that reward and success look back on (`stepUpdate`)."""
    rate: float = 0.2
    """Share of a new reward in the skill's quality (`filter1`, read as the weight of what is new)."""
    exploration: float = 0.05
    """Share of choices that are even over the zone, and the quality that the first skill starts with (`uniformval`)."""
    widen_above: float = 0.5
    """Mean success over the zone, on the last half window, above which the next skill joins (`upZPDval`)."""
    leave_above: float = 0.7
    """Success on the last whole window above which the most successful skill leaves the zone (`deactZPDval`)."""


@dataclass(eq=False)
class ZpdesPlayer:
    """A skill of the zone by quality, items in turn. The zone starts with the first skill of the curriculum and widens in its order.

    Reward: the mean of the newer half of the last answers less that of the older half, 0 at least; a skill of up to two answers keeps its
    quality. A skill joins with the lowest quality of the zone; the last one of the zone never leaves.
    """

    world: World
    n: int
    settings: ZpdesSettings = field(default_factory=ZpdesSettings)
    active: Mask = field(init=False)
    quality: Floats = field(init=False)
    _answers: Floats = field(init=False)
    _n_answers: Ints = field(init=False)
    _skill: Ints = field(init=False)
    _turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self._order = self.world.order[self.world.with_items[self.world.order]]  # skills that have items; all below is in this order
        shape = (self.n, len(self._order))
        self.active, self.quality = np.zeros(shape, dtype=np.bool_), np.zeros(shape)
        self.active[:, 0], self.quality[:, 0] = True, self.settings.exploration
        self._answers, self._n_answers = np.full((*shape, self.settings.window), np.nan), np.zeros(shape, dtype=np.int64)
        self._skill, self._turns = np.zeros(self.n, dtype=np.int64), Turns(self.world, self.n)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - it counts answers alone
        """A draw of a skill, then its next item."""
        even = self.active / self.active.sum(axis=1, keepdims=True)
        total = self.quality.sum(axis=1, keepdims=True)
        share = np.divide(self.quality, total, out=even.copy(), where=total > 0.0)
        self._skill = draw((1.0 - self.settings.exploration) * share + self.settings.exploration * even, rng.random(self.n))
        return self._turns.next(self._order[self._skill], rng)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:  # noqa: ARG002 - whatever the time
        """Quality by the reward, then the zone."""
        self._turns.meet(item)
        everyone, skill = np.arange(self.n), self._skill
        self._answers[everyone, skill] = np.roll(self._answers[everyone, skill], -1, axis=1)
        self._answers[everyone, skill, -1] = correct
        self._n_answers[everyone, skill] += 1
        quality, reward = self.quality[everyone, skill], self._reward(everyone, skill)
        self.quality[everyone, skill] = (1.0 - self.settings.rate) * quality + self.settings.rate * reward
        self._widen()
        self._narrow()

    def declared(self) -> None:
        """A skill that leaves the zone is not called mastered."""

    def _reward(self, everyone: Ints, skill: Ints) -> Floats:
        n_answers, answers = self._n_answers[everyone, skill], self._answers[everyone, skill]  # (n,), (n, window)
        n_used = np.minimum(n_answers, self.settings.window)
        age = np.arange(self.settings.window)[::-1]  # 0 is the newest
        newer, older = age < (n_used // 2)[:, None], (age >= (n_used // 2)[:, None]) & (age < n_used[:, None])
        rise = _mean(answers, newer) - _mean(answers, older)
        return np.where(n_answers > 2, np.maximum(rise, 0.0), self.quality[everyone, skill])

    def _widen(self) -> None:
        """Where the zone succeeds, the first skill that was never practised joins; fewer than two answers count as no success."""
        half = self.settings.window // 2
        known = np.isfinite(self._answers[:, :, -half:])
        success = np.where(self._n_answers >= 2, _mean(self._answers[:, :, -half:], known), 0.0)
        of_zone = (success * self.active).sum(axis=1) / self.active.sum(axis=1)
        new = (self._n_answers == 0) & ~self.active
        joins = (of_zone > self.settings.widen_above) & new.any(axis=1)
        first, lowest = np.argmax(new, axis=1)[joins], np.min(self.quality, axis=1, where=self.active, initial=np.inf)[joins]
        self.active[joins, first], self.quality[joins, first] = True, lowest

    def _narrow(self) -> None:
        """The most successful skill leaves where it succeeds often enough and is not the last."""
        whole = self.active & (self._n_answers >= self.settings.window)
        success = np.where(whole, _mean(self._answers, np.isfinite(self._answers)), -1.0)
        most = np.argmax(success, axis=1)
        leaves = (success.max(axis=1) > self.settings.leave_above) & (self.active.sum(axis=1) > 1)
        self.active[leaves, most[leaves]], self.quality[leaves, most[leaves]] = False, 0.0


def _mean(values: Floats, where: Mask) -> Floats:
    """Over the last axis, of the values so marked; 0 where none is."""
    return np.asarray(np.sum(values, axis=-1, where=where) / np.maximum(where.sum(axis=-1), 1))
