"""A placement inside a regression model: abilities with one common factor, which answers move together.

The logit x of success on each placed skill's typical item is b u + own, with the ability u ~ N(m, V) that all placed
skills share and own ~ N(a, v) of the skill. At the start u ~ N(0, 1), b = sqrt(r) sd and v = (1 - r) sd^2, where sd^2
is the placement's variance and r the mean correlation between its skills, so each skill has the variance placed. An answer y
where p was expected, on an item with k skills, is evidence on each: slope 1/k, residual (y - p) / k, information
i = p (1 - p) / k^2 (one step of an extended Kalman filter). With s = b^2 V + v the variance of x,

    a + b m  +=  s (y - p) / (k (1 + i s))       m  +=  b V (y - p) / (k (1 + i s))       V  -=  (b V)^2 i / (1 + i s)
    v  ->  v / (1 + i v)                         b  ->  b / (1 + i v)

which is exact for normals: what the skill's own answers have said is never heard again through u. An untouched skill
follows u as far as its correlation with the answered one goes, and the cost of an answer is that of its skills. The
skill's own part drifts, since learners learn: each answer on it adds .02 to v, as long as v does not grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import immutables
import numpy as np

from adaptive.models.normal_logit import ANSWER_INFORMATION, POPULATION_VARIANCE, attenuation
from adaptive.protocols import AbilityPrior, Floats

__all__ = ["MEMORY_ANSWERS", "Placed", "PlacedSkill"]

MEMORY_ANSWERS: Final = 25.0
"""Answers after which further ones no longer narrow a spread: learners change, so old answers speak of someone else."""

_LEAST_VARIANCE: Final = 1.0 / (1.0 / POPULATION_VARIANCE + ANSWER_INFORMATION * MEMORY_ANSWERS)
"""No placement is surer than MEMORY_ANSWERS answers."""

_DRIFT: Final = 0.02
"""Variance that an attempt's learning adds. Generated placed learners who gain .03 logits an attempt: 90 % intervals after
25 answers hold .96 of them (without drift .83), at the same log loss; who gain .08, .58 (.18)."""


class PlacedSkill(NamedTuple):
    """A skill's own part a with its variance v, and its loading b on what all placed skills share."""

    own: float
    own_variance: float
    loading: float


_NOT_PLACED: Final = PlacedSkill(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Placed:
    """A placement as answers left it: the shared ability's mean and variance, and the placed skills."""

    mean: float = 0.0
    variance: float = 1.0
    skills: immutables.Map[str, PlacedSkill] = field(default_factory=immutables.Map)

    @classmethod
    def of(cls, prior: AbilityPrior | None) -> Self:
        """The placement as it came; no skill is placed without one."""
        if prior is None or not prior.skill_ids:
            return cls()
        variance = np.maximum(np.diag(prior.covariance), _LEAST_VARIANCE)
        shared = _mean_correlation(prior.covariance, variance)
        loading, own_variance = np.sqrt(shared * variance), (1.0 - shared) * variance
        skills = map(PlacedSkill, prior.mean.tolist(), own_variance.tolist(), loading.tolist())
        return cls(skills=immutables.Map(zip(prior.skill_ids, skills, strict=True)))

    def marginals(self, skill_ids: tuple[str, ...]) -> tuple[Floats, Floats]:
        """Marginal logit of success on each skill's typical item, and the variance of x; NaN where not placed, each (n_skills,).

        >>> Placed.of(AbilityPrior(("halves",), np.array([1.5]), np.array([[0.5]]))).marginals(("halves", "sums"))
        (array([1.37139391,        nan]), array([0.5, nan]))
        """
        skills = np.array([self.skills.get(skill_id, _NOT_PLACED) for skill_id in skill_ids], dtype=np.float64).reshape(-1, 3)
        own, own_variance, loading = skills.T
        variance = own_variance + loading**2 * self.variance
        return (own + loading * self.mean) / attenuation(variance), variance

    def after(self, skill_ids: tuple[str, ...], *, p_correct: float, score: float) -> Self:
        """What an answer leaves that was expected to succeed with `p_correct` and scored `score` in [0, 1]."""
        share, now = 1.0 / len(skill_ids), self
        for skill_id in skill_ids:
            if skill_id in self.skills:
                now = now._answered(skill_id, (score - p_correct) * share, p_correct * (1.0 - p_correct) * share**2)
        return now

    def encode(self) -> dict[str, Any]:  # Any: JSON values
        """The shared ability, and the skills in order."""
        return {"shared": [self.mean, self.variance], "skills": {skill_id: list(self.skills[skill_id]) for skill_id in sorted(self.skills)}}

    @classmethod
    def decode(cls, encoded: Mapping[str, Any]) -> Self:  # Any: JSON values
        """What `encode` wrote."""
        mean, variance = encoded["shared"]
        skills = {skill_id: PlacedSkill(*values) for skill_id, values in encoded["skills"].items()}
        return cls(mean, variance, immutables.Map(skills))

    def _answered(self, skill_id: str, residual: float, information: float) -> Self:
        own, own_variance, loading = self.skills[skill_id]
        towards_shared = loading * self.variance
        spread = own_variance + loading * towards_shared
        step = residual / (1.0 + information * spread)
        mean = self.mean + towards_shared * step
        variance = self.variance - towards_shared**2 * information / (1.0 + information * spread)
        kept = 1.0 / (1.0 + information * own_variance)
        own = own + loading * self.mean + spread * step - kept * loading * mean
        loading *= kept
        skill = PlacedSkill(own, min(kept * own_variance + _DRIFT, own_variance), loading)
        return type(self)(mean, variance, self.skills.set(skill_id, skill))


def _mean_correlation(covariance: Floats, variance: Floats) -> float:
    """Mean over pairs of skills, within [0, 1]; a negative one, or a single skill, shares nothing."""
    n = len(variance)
    if n == 1:
        return 0.0
    sd = np.sqrt(variance)
    apart = (covariance / np.outer(sd, sd)).sum() - (np.diag(covariance) / variance).sum()
    return float(np.clip(apart / (n * (n - 1)), 0.0, 1.0))
