"""Draws of a learner's skills alone, and what one attempt on each is worth: what choosing among many items stands on."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from scipy.special import expit

from adaptive.models.state_space.arrays import LEARNER_MEAN, SLOPE
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats, SkillDraws

__all__ = ["n_normals", "normals_of", "rise", "skill_draws"]

_MEAN, _VARIANCE, _FORM, _FORM_VARIANCE, _PRACTISED = range(5)


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


def skill_draws(vectors: Floats, skills: Floats, typical: Floats, normals: Floats, days: float, h: Hyperparameters) -> SkillDraws:
    """The draws that `normals` (n_draws, n_normals) stand for, of one learner or of many side by side.

    `vectors` (..., 4 + n_factors (1 + n_factors)) and rows of `skills` (..., n_skills, 6 + n_factors) are as of now, `typical` (n_skills,)
    the difficulties of the typical items; `days` is the horizon. Gains are those of `draws.expected_gain`, on the typical item.
    """
    n_skills, n_factors = skills.shape[-2], skills.shape[-1] - SLOPE
    of_factors, of_skills, of_forms = np.split(normals, [n_factors, n_factors + n_skills], axis=1)
    mean = vectors[..., LEARNER_MEAN : LEARNER_MEAN + n_factors]
    root = np.linalg.cholesky(vectors[..., LEARNER_MEAN + n_factors :].reshape(*vectors.shape[:-1], n_factors, n_factors))
    factors = mean[..., None, :] + of_factors @ np.swapaxes(root, -1, -2)  # (..., n_draws, n_factors)
    form = skills[..., None, :, _FORM] + np.sqrt(skills[..., None, :, _FORM_VARIANCE]) * of_forms
    above = np.swapaxes(skills[..., SLOPE:] @ np.swapaxes(factors, -1, -2), -1, -2)
    above += np.sqrt(skills[..., None, :, _VARIANCE]) * of_skills
    above += skills[..., None, :, _MEAN] + form - typical
    success = expit(above)
    moved = rise(success, form, skills[..., None, :, _PRACTISED], h)
    moved *= (1.0 + 86400.0 * days / h.time_scale) ** -h.skill_forgetting
    return SkillDraws(success, expit(above + moved) - success)


def rise(p_correct: Floats, form: Floats, practised: Floats, h: Hyperparameters) -> Floats:
    """How much one attempt with this chance of success adds to ability with its form, in logits; arrays of one shape.

    Gains for good, less what practice takes of them, and the form that is lent less what form falls back by, at least nothing: a form
    above what practice holds up is chance that passes, not learning that is lost (`kernel._evolve`).
    """
    gain = h.gain_wrong + (h.gain_right - h.gain_wrong) * p_correct
    lift = h.skill_form_wrong + (h.skill_form_right - h.skill_form_wrong) * p_correct
    return np.asarray(gain / (1.0 + h.saturation * (practised + 1.0)) + np.maximum(lift - (1.0 - h.skill_form_kept) * form, 0.0))
