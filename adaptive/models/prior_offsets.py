"""A placement inside a regression model: per placed skill a logit offset that answers wash out.

The offset d of a skill starts at the value that makes the model expect what the placement N(m, v) expects of the
skill's typical item: d = m / attenuation(v) - own, where own is the model's marginal logit before any attempt. It is
then filtered as a normal (one step of an extended Kalman filter): with p expected and y scored on an item with
k placed or unplaced skills, share 1/k of the offset each,

    v' = 1 / (1 / v + p (1 - p) / k^2)        d' = d + v' (y - p) / k

so after n answers the placement weighs n0 / (n0 + n), n0 = 1 / (.2 v) answers, and practice overrides it up and down
alike. A correct answer never lowers d. Covariances between placed skills are not used: each offset stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import immutables
import numpy as np

from adaptive.models.normal_logit import ANSWER_INFORMATION, POPULATION_VARIANCE, attenuation
from adaptive.protocols import AbilityPrior, Floats, Skills

__all__ = ["MEMORY_ANSWERS", "PriorOffsets", "start_offsets", "update_offsets"]

PriorOffsets: TypeAlias = immutables.Map[str, tuple[float, float]]
"""Skill id -> (offset in logits, its variance)."""

MEMORY_ANSWERS: Final = 25.0
"""Answers after which further ones no longer narrow a spread: learners change, so old answers speak of someone else."""

_LEAST_VARIANCE: Final = 1.0 / (1.0 / POPULATION_VARIANCE + ANSWER_INFORMATION * MEMORY_ANSWERS)


def start_offsets(prior: AbilityPrior | None, own_logit: Callable[[Skills], Floats]) -> PriorOffsets:
    """The offsets of the placed skills; `own_logit` gives the model's marginal logit of each skill's typical item."""
    if prior is None or not prior.skill_ids:
        return immutables.Map()
    variance = np.maximum(np.diag(prior.covariance), _LEAST_VARIANCE)
    offsets = prior.mean / attenuation(variance) - own_logit(Skills(prior.skill_ids))
    return immutables.Map(zip(prior.skill_ids, zip(offsets.tolist(), variance.tolist(), strict=True), strict=True))


def update_offsets(offsets: PriorOffsets, skill_ids: tuple[str, ...], *, p_correct: float, score: float) -> PriorOffsets:
    """The offsets after an answer that was expected to succeed with `p_correct` and scored `score` in [0, 1]."""
    share = 1.0 / len(skill_ids)
    for skill_id in skill_ids:
        if skill_id in offsets:
            offset, variance = offsets[skill_id]
            updated = max(1.0 / (1.0 / variance + p_correct * (1.0 - p_correct) * share**2), _LEAST_VARIANCE)
            offsets = offsets.set(skill_id, (offset + updated * (score - p_correct) * share, updated))
    return offsets
