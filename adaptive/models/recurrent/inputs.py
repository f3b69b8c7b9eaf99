"""Items as the network sees them: their skills, difficulty and discrimination by the core, and the scales of its features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from adaptive.models.columns import ItemColumns, Vocabulary
from adaptive.models.normal_logit import attenuation
from adaptive.models.recurrent.trail import N_FEATURES
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Floats, Ints

__all__ = ["N_INPUTS", "CoreFacts", "ItemInputs", "Scales", "core_facts", "core_inputs"]

N_INPUTS: Final = N_FEATURES + 5
"""The trail's features, then the core's logit, its standard deviation, and the item's difficulty, log discrimination and log variance."""

_LEAST_VARIANCE: Final = 1e-6
"""Keeps the logarithm finite where a difficulty is taken as certain."""

_FARTHEST: Final = 5.0
"""Standard deviations from its mean at which a feature is cut: no history takes the network where it was not trained."""


@dataclass(frozen=True, slots=True, eq=False)
class CoreFacts:
    """What the core knows of items: `static` (n_items, 3) difficulty, log discrimination and log variance, and `guess` (n_items,)."""

    static: Floats
    guess: Floats


def core_facts(core: StateSpaceIrt, columns: ItemColumns) -> CoreFacts:
    """The facts of these items, those never met included."""
    known = core.fitted.bank.of(columns, core.hyperparameters.guess)
    return CoreFacts(np.column_stack([known.mean, np.log(known.discrimination), np.log(known.variance + _LEAST_VARIANCE)]), known.guess)


def core_inputs(mean: Floats, variance: Floats, facts: CoreFacts) -> Floats:
    """(n_items, 5) logit of the core's P(correct), standard deviation of its logit, and the static facts."""
    success = expit(mean / attenuation(variance))
    return np.column_stack([logit(facts.guess + (1.0 - facts.guess) * success), np.sqrt(variance), facts.static])


@dataclass(frozen=True, slots=True, eq=False)
class ItemInputs:
    """Items with what is known of them; `difficulty` (n_items,) is the core's in scaled units.

    `skill_code` (n_skills of the columns,) and `item_code` (n_items,) are places in the network's tables, the last one for unknown.
    """

    columns: ItemColumns
    facts: CoreFacts
    difficulty: Floats
    skill_code: Ints
    item_code: Ints

    @classmethod
    def of(cls, columns: ItemColumns, facts: CoreFacts, scales: Scales, skills: Vocabulary, items: Vocabulary) -> Self:
        """The items of these columns."""
        return cls(
            columns,
            facts,
            scales.scaled(facts.static, slice(N_FEATURES + 2, None))[:, 0],
            skills.codes(columns.skill_ids),
            items.codes(columns.item_ids)[columns.item],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Mean and standard deviation of each input, (N_INPUTS,) each."""

    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, inputs: Floats) -> Self:
        """Those of the rows, (n, N_INPUTS); a constant input is only centred."""
        if len(inputs) == 0:
            return cls(np.zeros(N_INPUTS), np.ones(N_INPUTS))
        sd = inputs.std(axis=0)
        return cls(inputs.mean(axis=0), np.where(sd > 1e-6, sd, 1.0))

    def scaled(self, inputs: Floats, which: slice = slice(None)) -> Floats:
        """Standardised and cut at five standard deviations."""
        return np.asarray(np.clip((inputs - self.mean[which]) / self.sd[which], -_FARTHEST, _FARTHEST), dtype=np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: arrays of numbers
        """For the model's folder."""
        return {"input_mean": self.mean, "input_sd": self.sd}
