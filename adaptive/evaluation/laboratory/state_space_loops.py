"""Compiled loops over learners around the kernel's `step`, `age`, `logits` and `success`: nothing of the model is said again here.

Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from adaptive.models.state_space.arrays import Difficulty, Ground, Scratch
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.kernel import age, logits, step, success
from adaptive.models.state_space.stamped import stamped
from adaptive.protocols import Floats, Ints

__all__ = ["Learners", "age_all", "logits_all", "step_all"]

Learners = tuple[Floats, Floats, Floats]
"""Vectors (n, 4 + ...), rows of skills (n, n_skills, 6 + n_factors) and memories (n, n_items, 5), as `arrays` lays them out."""


@njit(cache=True, nogil=True, error_model="numpy")
@stamped
def step_all(
    learners: Learners,
    attempts: tuple[Ints, Floats, float],
    skill: Ints,
    start: Ints,
    items: Difficulty,
    ground: Ground,
    scratch: Scratch,
    h: Hyperparameters,
) -> None:
    """Each learner after item (n,) was answered with a score (n,) at `seconds`; changed in place. `scratch` is for all skills."""
    vectors, skills, memories = learners
    item, score, seconds = attempts
    for n in range(len(vectors)):
        j = item[n]
        which = skill[start[j] : start[j + 1]]
        attempt = (j, score[n], seconds, items.mean[j], items.variance[j], items.discrimination[j], items.guess[j])
        step(vectors[n], skills[n], which, ground, memories[n], attempt, scratch, h)


@njit(cache=True, nogil=True, error_model="numpy")
@stamped
def age_all(vectors: Floats, skills: Floats, fresh: Floats, seconds: float, h: Hyperparameters) -> Floats:
    """(n, n_skills, 6 + n_factors): the rows of the skills as of then."""
    aged = skills.copy()
    nothing = np.zeros((0, 5))
    for n in range(len(vectors)):
        age(vectors[n].copy(), aged[n], fresh, nothing, seconds, h)
    return aged


@njit(cache=True, nogil=True, error_model="numpy")
@stamped
def logits_all(
    learners: Learners, skill: Ints, start: Ints, alike: Ints, items: Difficulty, fresh: Floats, seconds: float, h: Hyperparameters
) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of each item's logit as of then, and P(correct), (n, n_items) each."""
    vectors, skills, memories = learners
    shape = (len(vectors), len(start) - 1)
    mean, variance, p_correct = np.empty(shape), np.empty(shape), np.empty(shape)
    vector, rows, met = vectors[0].copy(), skills[0].copy(), memories[0].copy()
    for n in range(len(vectors)):
        vector[:], rows[:], met[:] = vectors[n], skills[n], memories[n]
        age(vector, rows, fresh, met, seconds, h)
        mean[n], variance[n] = logits(vector, rows, skill, start, alike, met, items, h.weakest)
        p_correct[n] = success(mean[n], variance[n], items.guess)
    return mean, variance, p_correct
