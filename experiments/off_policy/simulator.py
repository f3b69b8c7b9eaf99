"""A known contextual bandit with delayed rewards: learners of different ability, items of different difficulty, two policies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax

from adaptive.evaluation.off_policy import Choices
from adaptive.protocols import Floats, Ints

N_CANDIDATES = 12
FLOOR = 0.10
"""Spread evenly over the candidates by both policies, as the threshold policy does over its zone."""


@dataclass(frozen=True)
class World:
    """How the logged and the target policy choose, and how learners differ.

    Both are softmaxes of -((P(correct) - aim) / width)^2 / 2; an item is worth most where P(correct) is near .65 and its skill is ready.
    """

    logged_aim: float = 0.75
    target_aim: float = 0.60
    width: float = 0.15
    ability_sd: float = 1.0
    growth_sd: float = 0.8
    """Of what each learner keeps over a day beside all that is known of them, in logits: what makes decisions of one learner alike."""
    decisions: tuple[int, int] = (5, 40)
    """Least and most decisions of a learner."""


@dataclass(frozen=True)
class Log:
    """Decisions with everything that is true of them, candidates as (n, N_CANDIDATES)."""

    learner: Ints
    p_logged: Floats
    p_target: Floats
    features: Floats  # (n, N_CANDIDATES, n_features)
    p_reward: Floats
    chosen: Ints
    reward: Floats

    def choices(self) -> Choices:
        """What an evaluation may look at."""
        rows = np.arange(len(self.learner))
        return Choices(
            learner=self.learner,
            propensity=self.p_logged[rows, self.chosen],
            p_target=self.p_target[rows, self.chosen],
            unsupported=np.sum(np.where(self.p_logged > 0.0, 0.0, self.p_target), axis=1),
            features=self.features[rows, self.chosen],
            target_features=np.einsum("na,naf->nf", self.p_target, self.features),
        )

    @property
    def truth(self) -> float:
        """Mean over these decisions of the target's expected reward."""
        return float(np.mean(np.sum(self.p_target * self.p_reward, axis=1)))


def draw_log(world: World, n_learners: int, rng: np.random.Generator) -> Log:
    """Decisions of that many learners; the reward is a score days later, Bernoulli."""
    n_of = rng.integers(*world.decisions, size=n_learners, endpoint=True)
    learner = np.repeat(np.arange(n_learners), n_of)
    ability = rng.normal(0.0, world.ability_sd, n_learners)[learner, None]
    kept = rng.normal(0.0, world.growth_sd, n_learners)[learner, None]
    difficulty = rng.normal(0.0, 1.2, (len(learner), N_CANDIDATES))
    p_correct = expit(ability - difficulty)
    readiness = rng.beta(4.0, 1.5, p_correct.shape)
    p_mastered = np.clip(p_correct + rng.normal(0.0, 0.1, p_correct.shape) - 0.3, 0.0, 1.0)
    worth = np.exp(-0.5 * ((p_correct - 0.65) / 0.2) ** 2) * readiness * (1.0 - p_mastered)
    p_reward = expit(-0.8 + 0.5 * ability + kept + 2.0 * worth)
    features = np.stack([p_correct, p_correct**2, readiness, p_mastered, p_mastered * p_correct], axis=-1)
    p_logged, p_target = (_policy(p_correct, aim, world.width) for aim in (world.logged_aim, world.target_aim))
    chosen = _draw(p_logged, rng)
    reward = (rng.random(len(learner)) < p_reward[np.arange(len(learner)), chosen]).astype(np.float64)
    return Log(learner, p_logged, p_target, features, p_reward, chosen, reward)


def true_value(world: World, *, n_learners: int = 40_000, seed: int = 7) -> float:
    """The target's value over the population; with 900,000 decisions its own standard error is about .001 (learners differ)."""
    rng = np.random.default_rng(seed)
    logs = [draw_log(world, n_learners // 20, rng) for _ in range(20)]
    return sum(log.truth * len(log.learner) for log in logs) / sum(len(log.learner) for log in logs)


def _policy(p_correct: Floats, aim: float, width: float) -> Floats:
    wanted: Floats = softmax(-0.5 * ((p_correct - aim) / width) ** 2, axis=1)
    return (1.0 - FLOOR) * wanted + FLOOR / p_correct.shape[1]


def _draw(p: Floats, rng: np.random.Generator) -> Ints:
    chosen: Ints = np.sum(np.cumsum(p, axis=1) < rng.random((len(p), 1)), axis=1)
    return np.minimum(chosen, p.shape[1] - 1)
