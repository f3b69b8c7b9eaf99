"""Items as the network sees them: their skills, difficulty and discrimination by the core, and the scales of its features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.models.columns import ItemColumns
from adaptive.models.recurrent.trail import N_FEATURES
from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.arrays import Difficulty
from adaptive.protocols import Floats

__all__ = [
    "CORE_LOGIT",
    "DIFFICULTY",
    "FARTHEST",
    "KNOTS",
    "N_BENDS",
    "N_CORE",
    "N_INPUTS",
    "N_STATIC",
    "CoreFacts",
    "Scales",
    "core_facts",
    "core_inputs",
    "facts_of",
]

CORE_INPUTS: Final = ("logit", "sd")
"""What the core says of an item for this learner: logit of P(correct) and standard deviation of its logit."""

STATIC_INPUTS: Final = ("difficulty", "log_discrimination", "log_variance")
"""What the core knows of an item for every learner."""

N_CORE: Final = len(CORE_INPUTS)
N_STATIC: Final = len(STATIC_INPUTS)

N_INPUTS: Final = N_FEATURES + N_CORE + N_STATIC
"""The trail's features, then the core's inputs, then the static ones."""

CORE_LOGIT: Final = N_FEATURES
DIFFICULTY: Final = N_FEATURES + N_CORE
"""Places among the inputs."""

FARTHEST: Final = 5.0
"""Standard deviations from its mean at which a feature is cut: no history takes the network where it was not trained."""

KNOTS: Final = (-2.0, -1.4, -0.8, -0.3, 0.0, 0.3, 0.8, 1.4, 2.0)
"""Where what a standardised feature does may bend."""

N_BENDS: Final = len(KNOTS) - 1

_LEAST_VARIANCE: Final = 1e-6
"""Keeps the logarithm finite where a difficulty is taken as certain."""


@dataclass(frozen=True, slots=True, eq=False)
class CoreFacts:
    """What the core knows of items: `static` (n_items, N_STATIC) and `guess` (n_items,)."""

    static: Floats
    guess: Floats


def core_facts(core: StateSpaceIrt, columns: ItemColumns) -> CoreFacts:
    """The facts of these items, those never met included."""
    return facts_of(core.fitted.bank.of(columns, core.fitted.bank.guesses(columns, core.hyperparameters)))


def facts_of(known: Difficulty) -> CoreFacts:
    """The facts of items of which the core knows this."""
    return CoreFacts(np.column_stack([known.mean, np.log(known.discrimination), np.log(known.variance + _LEAST_VARIANCE)]), known.guess)


def core_inputs(mean: Floats, variance: Floats, facts: CoreFacts) -> Floats:
    """(n_items, N_CORE + N_STATIC) the core's inputs and the static ones, not scaled."""
    from adaptive.models.recurrent.networks import core_pairs  # noqa: PLC0415 - numba takes half a second to load

    return np.column_stack([core_pairs(mean, variance, facts.guess), facts.static])


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
        return np.asarray(np.clip((inputs - self.mean[which]) / self.sd[which], -FARTHEST, FARTHEST), dtype=np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: arrays of numbers
        """For the model's folder."""
        return {"input_mean": self.mean, "input_sd": self.sd}
