"""How much of a gain at its best an attempt brings, compiled into `kernel`: by its challenge, and by readiness for the skill.

A skill's row is laid out in `arrays`. Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import exp, pi, sqrt

from numba import njit

from adaptive.domain import READY_AT
from adaptive.models.state_space.arrays import LEARNER_MEAN, SLOPE, Ground, Scratch
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.memory import kept_after
from adaptive.protocols import Floats, Ints

__all__ = ["teach"]

_MEAN, _, _FORM, _, _, _LAST = range(SLOPE)

_ATTENUATION = pi / 8.0


@njit(inline="always", error_model="numpy")
def _success_then(
    learner: Floats, skills: Floats, which: Ints, k: int, ground: Ground, seconds: float, scratch: Scratch, h: Hyperparameters
) -> float:
    """Success on the skill's typical item at the mean ability then; one that is not of the item stays as of its last practice."""
    for own in which:
        if own == k:  # aged already
            return 1.0 / (1.0 + exp(ground.typical[k] - scratch.expected[k]))
    kept, fresh, n_factors = kept_after(skills[k, _LAST], seconds, h.skill_forgetting, h.time_scale), ground.fresh, skills.shape[1] - SLOPE
    new, form_kept = 1.0 - kept, kept_after(skills[k, _LAST], seconds, h.skill_form_forgetting, h.time_scale)
    mean = kept * skills[k, _MEAN] + new * fresh[k, _MEAN] + form_kept * skills[k, _FORM]
    for c in range(n_factors):
        mean += (kept * skills[k, SLOPE + c] + new * fresh[k, SLOPE + c]) * learner[LEARNER_MEAN + c]
    return 1.0 / (1.0 + exp(ground.typical[k] - mean))


@njit(inline="always", error_model="numpy")
def _readiness(
    learner: Floats, skills: Floats, which: Ints, k: int, ground: Ground, seconds: float, scratch: Scratch, h: Hyperparameters
) -> float:
    """min(success on the weakest prerequisite / READY_AT, 1), one of weight w counting as 1 - w (1 - success)."""
    weakest = 1.0
    for e in range(ground.start[k], ground.start[k + 1]):
        success = _success_then(learner, skills, which, ground.before[e], ground, seconds, scratch, h)
        weakest = min(weakest, 1.0 - ground.weight[e] * (1.0 - success))
    return min(weakest / READY_AT, 1.0)


@njit(inline="always", error_model="numpy")
def teach(
    learner: Floats,
    skills: Floats,
    which: Ints,
    attempt: tuple[float, float, float, float],
    ground: Ground,
    scratch: Scratch,
    h: Hyperparameters,
) -> None:
    """Fills `taught`: of a gain at its best, the share that an attempt brings each skill of the item, by challenge, readiness and its rate.

    `attempt` is the logit without what the skills bring, the logit's variance, the discrimination, seconds. The mean of 4 p (1 - p)
    over a normal logit is about that at the attenuated logit, less by the attenuation.
    """
    beside, variance, steepness, seconds = attempt
    root = sqrt(1.0 + _ATTENUATION * variance)
    for q in range(len(which)):
        k = which[q]
        p = 1.0 / (1.0 + exp(-(beside + steepness * scratch.expected[k]) / root))
        share = ground.rate[k] * (1.0 - h.challenge + h.challenge * 4.0 * p * (1.0 - p) / root)
        if h.gate > 0.0 and ground.start[k + 1] > ground.start[k]:
            share *= _readiness(learner, skills, which, k, ground, seconds, scratch, h) ** h.gate
        scratch.taught[q] = share
