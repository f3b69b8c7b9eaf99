"""Means of a table with shrinkage: item towards skill, skill towards all, each from where the catalogue puts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from adaptive.models.columns import Vocabulary, skill_entries
from adaptive.models.day_zero import Difficulties
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["NO_ATTEMPTS", "Means", "shrunken_means", "unseen_items"]

OVERALL_SHRINKAGE: Final = 2.0
"""Attempts that a success rate of one half counts for in the overall mean: Laplace's rule."""

SKILL_SHRINKAGE: Final = 10.0
"""Attempts that the overall mean counts for in a skill's mean."""

ITEM_SHRINKAGE: Final = 5.0
"""Attempts that the skills' mean counts for in an item's mean (2 to 10 give the same log loss to .002 on ASSISTments 2009)."""


NO_ATTEMPTS: Final = Codes(
    learner_ids=(),
    item_ids=(),
    skill_ids=(),
    learner=np.zeros(0, dtype=np.int64),
    item=np.zeros(0, dtype=np.int64),
    skill=np.zeros(0, dtype=np.int64),
    skill_start=np.zeros(1, dtype=np.int64),
    correct=np.zeros(0),
    seconds=np.zeros(0),
    evidence=np.zeros(0, dtype=np.bool_),
)
"""The table of day zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Logits of the means: one for all, one per skill (n_skills,), one per attempted item (n_items,).

    `skill_shift` (n_skills,) is by how much practice moved the skill away from where it was expected.
    """

    overall: float
    skills: Vocabulary
    skill_logit: Floats
    skill_shift: Floats
    items: Vocabulary
    item_logit: Floats


def shrunken_means(difficulties: Difficulties, codes: Codes) -> Means:
    """The means of the table's evidence for every skill of table or catalogue and every item of the table.

    With w wins in n attempts: overall m = (w + 1) / (n + 2); skill s = (w + 10 e) / (n + 10), e the catalogue's
    expectation or else m; item = (w + 5 f) / (n + 5), f as `unseen_items` gives it.
    """
    won, weight = np.where(codes.evidence, codes.correct, 0.0), codes.evidence.astype(np.float64)
    overall = float(logit((won.sum() + OVERALL_SHRINKAGE / 2) / (weight.sum() + OVERALL_SHRINKAGE)))
    entries = skill_entries(codes)
    row = entries.row

    skills = Vocabulary(dict.fromkeys([*difficulties.skills.ids, *entries.skill_ids]))
    skill_code = skills.codes(entries.skill_ids)[entries.skill]
    stated = difficulties.skill_logits(skills.ids)
    expected = np.where(np.isnan(stated), overall, stated)
    skill_logit = _shrunken(skill_code, won[row], weight[row], expected, SKILL_SHRINKAGE)
    shift = skill_logit - expected

    n_items = len(codes.item_ids)
    of_skills, shift_of_skills = (_mean_by(codes.item[row], x[skill_code], n_items, y) for x, y in ((skill_logit, overall), (shift, 0.0)))
    expected_items = unseen_items(difficulties.item_logits(codes.item_ids), of_skills, shift_of_skills)
    item_logit = _shrunken(codes.item, won, weight, expected_items, ITEM_SHRINKAGE)
    return Means(overall, skills, skill_logit, shift, Vocabulary(codes.item_ids), item_logit)


def unseen_items(stated: Floats, of_skills: Floats, shift_of_skills: Floats) -> Floats:
    """(n_items,) the logit to expect of items without attempts: as stated, moved as their skills were, else their skills' mean."""
    return np.where(np.isnan(stated), of_skills, stated + shift_of_skills)


def _shrunken(code: Ints, won: Floats, weight: Floats, expected_logit: Floats, strength: float) -> Floats:
    n, wins = (np.bincount(code, values, minlength=len(expected_logit)) for values in (weight, won))
    return np.asarray(logit((wins + strength * expit(expected_logit)) / (n + strength)), dtype=np.float64)


def _mean_by(code: Ints, values: Floats, size: int, otherwise: float) -> Floats:
    n, total = np.bincount(code, minlength=size), np.bincount(code, values, minlength=size)
    return np.where(n > 0, total / np.maximum(n, 1), otherwise)
