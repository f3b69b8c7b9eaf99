"""Draws of a learner's skills alone, and what one attempt on each is worth: what choosing among many items stands on."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polymul, polyval

from adaptive.domain import READY_AT
from adaptive.models.state_space.arrays import HOUR, LEARNER_MEAN, SLOPE, Ground
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats, SkillDraws

__all__ = ["Learning", "lasts", "learning_rate", "lesson_of", "n_normals", "normals_of", "readiness", "rise", "skill_draws", "spaced"]

_MEAN, _VARIANCE, _FORM, _FORM_VARIANCE, _PRACTISED, _LAST = range(SLOPE)

_CHANCES: Final = np.linspace(0.0, 1.0, 101)
"""Where the most that an attempt can teach is looked for."""

_SEEDS_AT_HAND: Final = 4
"""Sets of normals kept ready: making 200 draws of 200 skills takes as long as all the rest of a choice among their items."""


@lru_cache(_SEEDS_AT_HAND)
def normals_of(seed: int, n: int, of_each: int) -> Floats:
    """(n, of_each) standard normals of that seed, not to be written to."""
    normals = np.asfortranarray(np.random.default_rng(seed).standard_normal((n, of_each)))  # draws of one skill side by side
    normals.flags.writeable = False
    return normals


def n_normals(n_skills: int, n_factors: int) -> int:
    """How many standard normals a draw takes: one a factor, and two a skill, for ability given the factors and for form."""
    return n_factors + 2 * n_skills


def skill_draws(
    vectors: Floats, skills: Floats, ground: Ground, normals: Floats, seconds: float, days: float, h: Hyperparameters
) -> SkillDraws:
    """The draws that `normals` (n_draws, n_normals) stand for, of one learner or of many side by side.

    `vectors` (..., 4 + n_factors (1 + n_factors)) and rows of `skills` (..., n_skills, 6 + n_factors) are as of `seconds`
    (NaN: unknown); `ground` is of the same skills; `days` is the horizon. Gains are those of `draws.expected_gain`, at the chance of
    success that teaches most.
    """
    n_skills, n_factors = skills.shape[-2], skills.shape[-1] - SLOPE
    of_factors, of_skills, of_forms = np.split(normals, [n_factors, n_factors + n_skills], axis=1)
    mean = vectors[..., LEARNER_MEAN : LEARNER_MEAN + n_factors]
    root = np.linalg.cholesky(vectors[..., LEARNER_MEAN + n_factors :].reshape(*vectors.shape[:-1], n_factors, n_factors))
    factors = mean[..., None, :] + of_factors @ np.swapaxes(root, -1, -2)  # (..., n_draws, n_factors)
    form = skills[..., None, :, _FORM] + np.sqrt(skills[..., None, :, _FORM_VARIANCE]) * of_forms
    above = np.swapaxes(skills[..., SLOPE:] @ np.swapaxes(factors, -1, -2), -1, -2)
    above += np.sqrt(skills[..., None, :, _VARIANCE]) * of_skills
    above += skills[..., None, :, _MEAN] + form - ground.typical
    success = _expit(above)
    rate, ready = learning_rate(factors, h)[..., None], readiness(success, ground) ** h.gate * ground.rate
    lesson, best = lesson_of(days, h)
    moved = rise(
        np.asarray(best),
        np.asarray(best),
        Learning(form, skills[..., None, :, _PRACTISED], rate, ready, spaced(skills[..., None, :, _LAST], seconds, h)),
        days,
        h,
    )
    return SkillDraws(success, _expit(above + moved) - success, lesson)


@lru_cache
def lesson_of(days: float, h: Hyperparameters) -> tuple[tuple[float, ...], float]:
    """What an attempt at chance p teaches beside the most it can, as a polynomial in p, and the chance that teaches most.

    (1 - c + c 4 p (1 - p)) (wrong + (right - wrong) p), c the challenge, of gain and lift as they last to the horizon, without practice.
    """
    lasting, passing = lasts(days, h)
    wrong, right = lasting * h.gain_wrong + passing * h.skill_form_wrong, lasting * h.gain_right + passing * h.skill_form_right
    taught = polymul((1.0 - h.challenge, 4.0 * h.challenge, -4.0 * h.challenge), (wrong, right - wrong))
    values = polyval(_CHANCES, taught)
    most = float(values.max())
    return (tuple((taught / most).tolist()), float(_CHANCES[values.argmax()])) if most > 0.0 else ((1.0,), 0.5)


class Learning(NamedTuple):
    """What a gain hangs on beside the item: form of the skill, practices so far, the learner's rate, readiness and how it was `spaced`.

    Readiness is to the power of `gate`, times the skill's own rate.
    """

    form: Floats
    practised: Floats
    rate: Floats
    ready: Floats
    spaced: Floats


def rise(p_correct: Floats, p_of_skill: Floats, learning: Learning, days: float, h: Hyperparameters) -> Floats:
    """How much one attempt with these chances of success adds to ability with its form, days on, in logits; arrays of one shape.

    Gains for good, less what practice takes of them, and the form that is lent less what form falls back by, at least nothing: a form
    above what practice holds up is chance that passes, not learning that is lost. Both by the challenge in the skill and by readiness
    (`kernel._evolve`). `p_correct` is of the item, `p_of_skill` were it of this skill alone.
    """
    taught = learning.ready * (1.0 - h.challenge + h.challenge * 4.0 * p_of_skill * (1.0 - p_of_skill))
    gain = (
        (h.gain_wrong + (h.gain_right - h.gain_wrong) * p_correct)
        * learning.rate
        * learning.spaced
        / (1.0 + h.saturation * (learning.practised + 1.0))
    )
    lift = h.skill_form_wrong + (h.skill_form_right - h.skill_form_wrong) * p_correct
    lent = np.maximum(taught * lift - (1.0 - h.skill_form_kept) * learning.form, 0.0)
    lasting, passing = lasts(days, h)
    return np.asarray(lasting * taught * gain + passing * lent, dtype=np.float64)


def lasts(days: float, h: Hyperparameters) -> tuple[float, float]:
    """What is left after so many days of a gain, and of what practice lent."""
    since = 1.0 + 86400.0 * days / h.time_scale
    return since**-h.skill_forgetting, since**-h.skill_form_forgetting


def learning_rate(factors: Floats, h: Hyperparameters) -> Floats:
    """(...,) rates of learning around 1 that drawn factors (..., n_factors) say, at least nothing."""
    return np.asarray(np.maximum(1.0 + h.rate_sd * factors[..., -1], 0.0))


def spaced(last: Floats, seconds: float, h: Hyperparameters) -> Floats:
    """(...,): what massing leaves of a gain where the skill was practised `last` (-inf: never), 1 where a time is unknown."""
    since = np.maximum(np.nan_to_num(seconds - last, nan=np.inf), 0.0)
    return np.asarray(1.0 - h.massing / (1.0 + since / HOUR), dtype=np.float64)


def readiness(success: Floats, ground: Ground) -> Floats:
    """(..., n_skills): min(success on the weakest prerequisite / READY_AT, 1), one of weight w counting as 1 - w (1 - success)."""
    ready = np.ones_like(success)
    n_before = np.diff(ground.start)
    for nth in range(n_before.max(initial=0)):
        some = np.flatnonzero(n_before > nth)
        edge = ground.start[some] + nth
        ready[..., some] = np.minimum(ready[..., some], 1.0 - ground.weight[edge] * (1.0 - success[..., ground.before[edge]]))
    return np.asarray(np.minimum(ready / READY_AT, 1.0), dtype=np.float64)


def _expit(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), as scipy's within 1e-15 and in a third of its time: draws of many skills are little else. Laid out as x is.

    >>> _expit(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)
