"""A placement as a learner's state: the model's own prior, with the placed skills' margin replaced (Jeffrey's rule)."""

from __future__ import annotations

from typing import Final

import immutables
import numpy as np

from adaptive.models.state_space.arrays import LEARNER_MEAN, SLOPE, UNKNOWN_TIME
from adaptive.models.state_space.asked import AskedSkills
from adaptive.models.state_space.state import SkillState, StateSpaceState
from adaptive.protocols import AbilityPrior, Floats

__all__ = ["placed_state"]

_LEAST_VARIANCE: Final = 1e-3
"""A skill's own variance stays above 0 however strongly a placement ties it to the others, logits squared."""


def placed_state(prior: AbilityPrior, newcomer: Floats, asked: AskedSkills) -> StateSpaceState:
    """The state whose skills have the placement's means and variances, and whose factors follow from them.

    `asked` are the placed skills. With S the covariance of abilities under the model's prior and W = cov(u, abilities) S^-1,
    the factors are u ~ N(W (x - E x), W C W' + I - W S W'), and cov(u, abilities) = W C. Each skill's margin with u is kept; what else two
    skills share beyond u is not.
    """
    fresh = asked.fresh
    slopes, n_factors = fresh[:, SLOPE:], fresh.shape[1] - SLOPE
    own_prior = slopes @ slopes.T + np.diag(fresh[:, 1])
    ability = prior.mean + asked.typical
    weight = np.linalg.solve(own_prior, slopes).T  # (n_factors, n_skills)
    mean = weight @ (ability - fresh[:, 0])
    between = weight @ prior.covariance  # cov(u, abilities)
    covariance = between @ weight.T + np.eye(n_factors) - weight @ slopes
    covariance = (covariance + covariance.T) / 2.0
    slope = np.linalg.solve(covariance, between).T  # (n_skills, n_factors)
    left = np.diag(prior.covariance) - np.einsum("kf,fk->k", slope, between)
    rows = np.hstack([fresh[:, :SLOPE], slope])
    rows[:, 0], rows[:, 1], rows[:, 5] = ability - slope @ mean, np.maximum(left, _LEAST_VARIANCE), UNKNOWN_TIME
    rows[:, 2:4] = 0.0  # a score is of ability with its form
    vector = np.concatenate([newcomer[:LEARNER_MEAN], mean, covariance.ravel()])
    skills = immutables.Map(zip(prior.skill_ids, map(SkillState.of_row, rows.tolist()), strict=True))
    return StateSpaceState.of_vector(vector, skills)
