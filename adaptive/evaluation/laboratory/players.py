"""Who practises the learners of a cell: a fitted model with a policy, a peer with its own records, or an oracle that sees the truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from adaptive.domain import PROMOTE_AT
from adaptive.engine.view import NO_REPEAT_FOR, NO_REPEAT_ITEMS, STUCK_AFTER
from adaptive.evaluation.laboratory.at_once import LearnersAtOnce
from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.policies import draw, settings_of, zone_probability
from adaptive.protocols import Candidates, Floats, Ints, Mastery, Policy

__all__ = ["ModelPlayer", "Player", "RandomPlayer", "Recent"]


class Player(Protocol):
    """Chooses an item for each of n learners at every step, and sees the answers. It keeps what it knows of them itself."""

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:
        """(n,) the item of each learner. `truth` is for oracles; nothing under test may look at it."""

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """What the learners answered, (n,) each."""

    def declared(self) -> Mask | None:
        """(n, n_skills): skills it calls mastered, as of the last choice; None where it calls none so."""


class Recent:
    """Which items each learner met within the last 20 attempts or 24 hours: the engine's rule against repeats."""

    def __init__(self, n: int, n_items: int) -> None:
        self._step, self._last_step = 0, np.full((n, n_items), -NO_REPEAT_ITEMS - 1)
        self._last_seconds = np.full((n, n_items), -np.inf)

    def meet(self, item: Ints, at: datetime) -> None:
        """Each learner meets an item, (n,)."""
        learners = np.arange(len(item))
        self._last_step[learners, item], self._last_seconds[learners, item] = self._step, at.timestamp()
        self._step += 1

    def items(self, at: datetime) -> Mask:
        """(n, n_items)."""
        lately = at.timestamp() - self._last_seconds < NO_REPEAT_FOR.total_seconds()
        return lately | (self._step - self._last_step <= NO_REPEAT_ITEMS)


@dataclass(eq=False)
class ModelPlayer:
    """The serving choice for learners at once: candidates as the engine makes them, the policy's distribution, one draw each.

    The goal is the whole catalogue in mode `learn`. A learner to whom the engine would show nothing, since all is mastered or stuck, goes
    on in mode `review`. Zone membership is that of marginals: joint draws of 400 learners cost some 3 ms a decision.
    """

    learners: LearnersAtOnce
    policy: Policy
    world: World
    n: int
    _recent: Recent = field(init=False)
    _n_attempts: Ints = field(init=False)
    _declared: Mask = field(init=False)

    def __post_init__(self) -> None:
        self._recent = Recent(self.n, self.world.n_items)
        self._n_attempts = np.zeros((self.n, self.world.n_skills), dtype=np.int64)
        self._declared = np.zeros((self.n, self.world.n_skills), dtype=np.bool_)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """A draw from the policy's distribution for each learner."""
        return draw(self.probabilities(at), rng.random(self.n))

    def probabilities(self, at: datetime) -> Floats:
        """(n, n_items), the propensities of the choice at that time."""
        mastery = self.learners.mastery(at)
        self._declared = mastery.p_mastered >= PROMOTE_AT
        opened = self.world.any_over_skills(~self._declared & (self._n_attempts < STUCK_AFTER))  # (n, n_items)
        learning, recent = opened.any(axis=1, keepdims=True), self._recent.items(at)
        opened |= ~learning
        rested = opened & ~recent
        candidates = self._candidates(mastery, np.where(rested.any(axis=1, keepdims=True), rested, opened), at)
        if learning.all():
            return self.policy.probabilities(candidates)
        reviewing = self.policy.probabilities(replace(candidates, mode="review"))
        return np.where(learning, self.policy.probabilities(candidates), reviewing)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """The model's update, and what the session rules count."""
        self.learners.update(item, correct, at)
        self._recent.meet(item, at)
        self._n_attempts += self.world.exercises[item]

    def declared(self) -> Mask:
        """P(mastered) >= PROMOTE_AT."""
        return self._declared

    def _candidates(self, mastery: Mastery, allowed: Mask, at: datetime) -> Candidates:
        p_mastered = self.world.least_over_skills(mastery.p_mastered)  # (n, n_items)
        readiness = self.world.least_over_skills(self.world.readiness(mastery.expected_success))
        return Candidates(
            items=self.world.catalog.item_columns,
            forecast=self.learners.forecast(at),
            p_mastered=p_mastered,
            readiness=readiness,
            zone_probability=zone_probability(p_mastered, readiness, settings_of(self.policy)),
            expected_gain=np.full(p_mastered.shape, np.nan),
            allowed=allowed,
        )


@dataclass(frozen=True)
class RandomPlayer:
    """Any item, each as likely: where a gap begins."""

    world: World
    n: int

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - it looks at nothing
        """An even draw for each learner."""
        return rng.integers(self.world.n_items, size=self.n)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Nothing."""

    def declared(self) -> None:
        """It calls nothing mastered."""
