"""Sums per learner: all that every estimate, and every resample of learners, is computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.evaluation.off_policy.choices import Choices
from adaptive.protocols import Floats, Ints

__all__ = ["LearnerSums", "effective_size", "learner_sums"]


@dataclass(frozen=True, slots=True, eq=False)
class LearnerSums:
    """Sums over each learner's decisions, whether their reward was seen or not.

    f is a decision's features with a leading 1, w its weight, r its reward (0 where not seen), s 1 where it was seen and 0 where not.
    `fold` (n_learners,) is the learner's, counted from 0: their rewards are foretold by a model of the other folds.
    """

    fold: Ints
    n: Floats  # (n_learners,) sum of s
    reward: Floats  # (n_learners,) sum of r
    weight: Floats  # (n_learners,) sum of w s
    weighted_reward: Floats  # (n_learners,) sum of w r
    gram: Floats  # (n_learners, d, d) sum of f f'
    reward_features: Floats  # (n_learners, d) sum of r f
    seen_features: Floats  # (n_learners, d) sum of s f
    target_features: Floats  # (n_learners, d) sum of the target's mean f
    weighted_features: Floats  # (n_learners, d) sum of w f

    @property
    def n_folds(self) -> int:
        """How many folds there are."""
        return int(self.fold.max()) + 1

    def __len__(self) -> int:
        return len(self.fold)


def learner_sums(choices: Choices, reward: Floats, *, n_folds: int, seed: int) -> LearnerSums:
    """The sums of decisions with rewards (n,) in [0, 1], NaN where not seen.

    Features are brought to mean 0 and spread 1 over the decisions, so that one penalty suits all. Folds are those of `adaptive
    evaluate`: position mod n_folds of a seeded permutation of the learners (formats page, "Folds").

    >>> rows = Choices(np.array([7, 7, 9]), np.full(3, 0.5), np.ones(3), np.zeros(3), np.zeros((3, 1)), np.zeros((3, 1)))
    >>> sums = learner_sums(rows, np.array([1.0, 0.0, 1.0]), n_folds=2, seed=0)
    >>> sums.n.tolist(), sums.weighted_reward.tolist(), sorted(sums.fold.tolist())
    ([2.0, 1.0], [2.0, 2.0], [0, 1])
    """
    learners, who = np.unique(choices.learner, return_inverse=True)
    n_learners, w = len(learners), choices.weight
    s, r = (~np.isnan(reward)).astype(np.float64), np.nan_to_num(reward, nan=0.0)
    centre, spread = choices.features.mean(axis=0), choices.features.std(axis=0)
    spread = np.where(spread > 0.0, spread, 1.0)
    f, f_target = (_with_one((x - centre) / spread) for x in (choices.features, choices.target_features))  # (n, d)
    fold = np.empty(n_learners, dtype=np.int64)
    fold[np.random.RandomState(seed).permutation(n_learners)] = np.arange(n_learners) % n_folds

    def total(rows: Floats) -> Floats:
        sums = np.zeros((n_learners, *rows.shape[1:]))
        np.add.at(sums, who, rows)
        return sums

    return LearnerSums(
        fold=fold,
        n=total(s),
        reward=total(r),
        weight=total(w * s),
        weighted_reward=total(w * r),
        gram=total(f[:, :, None] * f[:, None, :]),
        reward_features=total(r[:, None] * f),
        seen_features=total(s[:, None] * f),
        target_features=total(f_target),
        weighted_features=total(w[:, None] * f),
    )


def _with_one(features: Floats) -> Floats:
    return np.column_stack([np.ones(len(features)), features])


def effective_size(weight: Floats) -> float:
    """(sum w)^2 / sum w^2 of weights (n,) (Kish 1965); 0 without any weight.

    >>> effective_size(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    squares = float(weight @ weight)
    return float(weight.sum()) ** 2 / squares if squares else 0.0
