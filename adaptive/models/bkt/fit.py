"""From a table to the parameters of every skill: first all skills as one, then each drawn towards that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.models.bkt.em import Prior, expect, fit_em
from adaptive.models.bkt.filter import p_success
from adaptive.models.bkt.parameters import DAY_ZERO, PARAMETER_NAMES, BktParameters, BktSettings
from adaptive.models.bkt.sequences import Sequences, pack
from adaptive.models.columns import SkillEntries, Vocabulary, skill_entries
from adaptive.models.day_zero import Difficulties
from adaptive.models.normal_logit import POPULATION_VARIANCE, p_mastered
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["BktSkills", "day_zero_skills", "fit_skills", "fit_towards_centre", "mean_log_loss", "mean_loss"]


@dataclass(frozen=True, slots=True, eq=False)
class BktSkills:
    """Parameters by skill; `values` has one more entry, the last, for skills that nobody has seen."""

    skills: Vocabulary
    values: BktParameters

    def of(self, skill_ids: tuple[str, ...]) -> BktParameters:
        """(n,) the parameters of these skills."""
        return self.values.take(self.skills.codes(skill_ids))  # -1, unknown, is the last entry

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        return {"skill_ids": self.skills.array(), **{name: getattr(self.values, name) for name in PARAMETER_NAMES}}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        return cls(Vocabulary.of_array(arrays["skill_ids"]), BktParameters(*(arrays[name] for name in PARAMETER_NAMES)))


def day_zero_skills(difficulties: Difficulties, settings: BktSettings) -> BktSkills:
    """Before any data: P(known) = P(ability >= logit .8) under N(-difficulty, 1) where that is stated, the rest as DAY_ZERO."""
    return _with_stated(difficulties, Vocabulary(difficulties.skills.ids), _without_rate(DAY_ZERO, settings))


def fit_skills(codes: Codes, difficulties: Difficulties, settings: BktSettings) -> BktSkills:
    """The parameters that the table's evidence asks for; those of day zero where there is none."""
    if not codes.evidence.any():
        return day_zero_skills(difficulties, settings)
    entries = skill_entries(codes)
    return fit_towards_centre(pack(codes, entries), entries.skill_ids, difficulties, settings)[0]


def fit_towards_centre(
    sequences: Sequences, skill_ids: tuple[str, ...], difficulties: Difficulties, settings: BktSettings
) -> tuple[BktSkills, BktSkills]:
    """The parameters of every skill, and what each is drawn to: the fit of all skills as one, P(known) as the catalogue states it."""
    as_one = replace(sequences, skill=np.zeros_like(sequences.skill))
    everyone = fit_em(as_one, Prior(DAY_ZERO, settings.shrinkage), settings)

    skills = Vocabulary(dict.fromkeys([*skill_ids, *difficulties.skills.ids]))
    centre = _with_stated(difficulties, skills, everyone)
    return BktSkills(skills, fit_em(sequences, Prior(centre.values, settings.shrinkage), settings)), centre


def mean_log_loss(codes: Codes, fitted: BktSkills) -> float:
    """Mean log loss of the forecasts before each attempt of the table, NaN without evidence."""
    entries = skill_entries(codes)
    p_correct = _forecasts(pack(codes, entries), entries, fitted)[codes.evidence]
    return mean_loss(p_correct, codes.correct[codes.evidence])


def mean_loss(p_correct: Floats, score: Floats) -> float:
    """Mean log loss of these forecasts, NaN where there are none."""
    return float(-np.mean(score * np.log(p_correct) + (1.0 - score) * np.log1p(-p_correct))) if len(score) else float("nan")


def _forecasts(sequences: Sequences, entries: SkillEntries, fitted: BktSkills) -> Floats:
    """(n_attempts,) P(correct) before each attempt: the mean over its skills."""
    own = fitted.of(entries.skill_ids)
    of_entry = np.empty(len(entries.row))
    skill = sequences.skill
    of_entry[sequences.entry] = p_success(expect(sequences, own).p_known, own.guess[skill], own.slip[skill])
    return np.bincount(entries.row, of_entry) / np.bincount(entries.row)


def _with_stated(difficulties: Difficulties, skills: Vocabulary, otherwise: BktParameters) -> BktSkills:
    """The same values for each skill, and one entry more, but for P(known) where the catalogue states a difficulty."""
    marginal = np.append(difficulties.skill_logits(skills.ids), np.nan)
    stated = p_mastered(marginal, np.full(len(marginal), POPULATION_VARIANCE))
    same: Ints = np.zeros(len(marginal), dtype=np.int64)
    values = otherwise.take(same)
    return BktSkills(skills, replace(values, p_init=np.where(np.isnan(marginal), values.p_init, stated)))


def _without_rate(values: BktParameters, settings: BktSettings) -> BktParameters:
    return values if settings.forgetting else replace(values, forget_rate=np.zeros_like(values.forget_rate))
