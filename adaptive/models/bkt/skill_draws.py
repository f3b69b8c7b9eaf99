"""Draws of learners' skills, known or not on a node of u, and what one attempt on each is worth: what choosing among items stands on."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from scipy.stats.qmc import LatinHypercube

from adaptive.models.bkt.draws import skill_draws
from adaptive.models.bkt.side_by_side import Asked
from adaptive.models.bkt.worth import lasting_lift, worth
from adaptive.protocols import Floats, SkillDraws

__all__ = ["draws_on_nodes", "even_chances"]

_SEEDS_AT_HAND: Final = 4
"""Sets of chances kept ready, as the core's normals are."""


@lru_cache(_SEEDS_AT_HAND)
def even_chances(seed: int, n: int, of_each: int) -> Floats:
    """(n, of_each) numbers in [0, 1) of that seed, even in each column (a Latin hypercube, McKay et al. 1979), not to be written to.

    48 plain ones leave P(known) of a skill .07 off, the same way at every decision, since a learner's draws keep their seed.

    >>> sorted((even_chances(0, 4, 1)[:, 0] * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    chances: Floats = LatinHypercube(of_each, rng=np.random.default_rng(seed)).random(n)
    chances.flags.writeable = False
    return chances


def draws_on_nodes(asked: Asked, weights: Floats, p_nodes: Floats, chances: Floats, *, days: float, later_attempts: float) -> SkillDraws:
    """Joint draws of n learners, (n, n_draws, n_skills) each: of their nodes (n, n_nodes), then of each skill (n, n_skills, n_nodes).

    Of `chances` (n_draws, 1 + n_skills), the same for all learners, the first chooses a node, the others each whether a skill is known.
    Gain is what one attempt teaches, gated by the prerequisites that were drawn, times what that is worth that many days on (`worth`).
    """
    below = np.cumsum(weights, axis=1)[:, None, :-1]
    node = (chances[None, :, :1] > below).sum(axis=2)  # (n, n_draws)
    p_known = np.take_along_axis(np.swapaxes(p_nodes, 1, 2), node[..., None], axis=1)  # (n, n_draws, n_skills)
    known = (chances[None, :, 1:] < p_known).astype(np.float64)
    skill = np.broadcast_to(np.arange(known.shape[2]), (len(known), known.shape[2]))
    p_learn = np.swapaxes(asked.p_learn(asked.closure.missing(np.swapaxes(known, 1, 2), skill), skill), 1, 2)
    value = worth(asked, known, lasting_lift(asked.values, days), later_attempts)
    return skill_draws(known, asked.values, p_learn, value)
