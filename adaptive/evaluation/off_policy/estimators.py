"""The value of a target policy, four ways, from sums per learner.

With w = pi(a|x) / p(a|x), reward r, model q and q(pi) = sum over a of pi(a|x) q(x, a), means over logged decisions:
IPS = mean(w r) (Horvitz & Thompson 1952); SNIPS = sum(w r) / sum(w) (Swaminathan & Joachims 2015); the direct method
DM = mean(q(pi)); doubly robust DR = mean(q(pi) + w (r - q)) (Dudik, Langford & Li 2011), cross-fitted (Chernozhukov et al. 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from adaptive.evaluation.off_policy.sums import LearnerSums
from adaptive.protocols import Floats

__all__ = ["ESTIMATORS", "LOGGED", "reward_models", "values"]

LOGGED: Final = "logged"
"""The mean reward of what the log's own policy did, beside which the target's value stands."""

PENALTY: Final = 1.0
"""Of the squared coefficients of standardised features, as strong as one decision: it only steadies what few decisions tell."""


def reward_models(sums: LearnerSums, times: Floats, products: Floats) -> Floats:
    """(n_resamples, n_folds, d): of each fold, the ridge regression on features over the learners of all other folds.

    `times` (n_resamples, n_learners) says how often a learner is in each resample; `products` (n_learners, d) are the sums of y f of what
    is foretold: `reward_features`, or `seen_features`. Coefficients b minimise sum (y - f b)^2 + PENALTY |b|^2 without the first, whose
    feature is 1.
    """
    d = sums.gram.shape[-1]
    penalty = np.diag([_TINY, *[PENALTY] * (d - 1)])
    gram = _by_fold(sums, times, sums.gram.reshape(len(sums), -1)).reshape(len(times), sums.n_folds, d, d)
    product = _by_fold(sums, times, products)  # (n_resamples, n_folds, d)
    others = gram.sum(axis=1, keepdims=True) - gram + penalty
    rest = product.sum(axis=1, keepdims=True) - product
    return np.asarray(np.linalg.solve(others, rest[..., None])[..., 0], dtype=np.float64)


def values(sums: LearnerSums, times: Floats | None = None) -> dict[str, Floats]:
    """Of each estimator, and of `logged`, the value in each resample, (n_resamples,); without `times` of the sample itself, (1,).

    Of rewards that were not all seen, it is the target's mean reward among those that would be: DM and DR estimate what is won and seen,
    and what is seen, and divide; IPS divides by the latter's DR. NaN where nothing is seen. The models are fitted anew in each resample,
    so that the spread of DM and DR has their doubt in it.

    >>> from adaptive.evaluation.off_policy import Choices, learner_sums
    >>> rows = Choices(np.arange(4), np.full(4, 0.5), np.array([1.0, 1, 0, 0]), np.zeros(4), np.zeros((4, 1)), np.zeros((4, 1)))
    >>> found = values(learner_sums(rows, np.array([1.0, 1, 0, 1]), n_folds=2, seed=0))
    >>> float(found["ips"][0]), float(found["snips"][0]), float(found["logged"][0])
    (1.0, 1.0, 0.75)
    """
    drawn = np.ones((1, len(sums))) if times is None else times
    won, seen = (reward_models(sums, drawn, products) for products in (sums.reward_features, sums.seen_features))
    n, weight, weighted_reward = drawn @ sums.n, drawn @ sums.weight, drawn @ sums.weighted_reward
    dm_won, dm_seen = (_foretold(sums, drawn, models, sums.target_features) for models in (won, seen))
    mended = sums.target_features - sums.weighted_features
    dr_won, dr_seen = (at_hand + _foretold(sums, drawn, m, mended) for at_hand, m in ((weighted_reward, won), (weight, seen)))
    return {  # where all is seen, dr_seen and dm_seen are n
        "dr": _ratio(dr_won, dr_seen),
        "snips": _ratio(weighted_reward, weight),
        "ips": _ratio(weighted_reward, dr_seen),
        "dm": _ratio(dm_won, dm_seen),
        LOGGED: _ratio(drawn @ sums.reward, n),
    }


def _by_fold(sums: LearnerSums, times: Floats, rows: Floats) -> Floats:
    """(n_resamples, n_folds, n_columns): the rows (n_learners, n_columns), as often as drawn, summed within folds."""
    return np.stack([times[:, sums.fold == k] @ rows[sums.fold == k] for k in range(sums.n_folds)], axis=1)


def _foretold(sums: LearnerSums, times: Floats, models: Floats, features: Floats) -> Floats:
    """(n_resamples,): the sum of what each fold's model tells of features (n_learners, d) of that fold."""
    return np.asarray(np.sum(_by_fold(sums, times, features) * models, axis=(1, 2)), dtype=np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where a resample has nothing below."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0.0)


_TINY: Final = 1e-9
"""On the intercept, so that a resample without learners in the other folds gives 0 instead of no answer."""

ESTIMATORS: Final[Mapping[str, str]] = {
    "dr": "doubly robust: the reward model, mended by what the log shows; right where either propensities or model are",
    "snips": "self-normalised inverse propensity: the log's rewards, reweighted; divided by the weights' sum",
    "ips": "inverse propensity: the log's rewards, reweighted; unbiased where the log could show all that the target would",
    "dm": "direct method: what the reward model foretells; as right as the model is, so for comparison only",
}
"""Names and what each is, the one to read first."""
