"""What is fitted around the core: networks, the scales and ids they know, and how their residuals join the core's logit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.models.columns import Vocabulary
from adaptive.models.recurrent.inputs import Scales
from adaptive.models.recurrent.weights import Weights
from adaptive.protocols import Floats

__all__ = ["CORE_ALONE", "Combination", "Ensemble"]


class Combination(NamedTuple):
    """logit = intercept + core * (the core's logit) + residual * (mean of the networks' residuals)."""

    intercept: float = 0.0
    core: float = 1.0
    residual: float = 1.0

    def logits(self, core: Floats, residual: Floats) -> Floats:
        """(n,) combined."""
        return np.asarray(self.intercept + self.core * core + self.residual * residual, dtype=np.float64)


CORE_ALONE: Final = Combination()
"""What holds without networks, and where a fitted combination starts."""


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Networks trained on the same inputs; without any, the core stands alone."""

    members: tuple[Weights, ...] = ()
    scales: Scales = field(default_factory=lambda: Scales.of(np.zeros((0, 0))))
    items: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    skills: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    combination: Combination = CORE_ALONE

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        members = {name: array for i, member in enumerate(self.members) for name, array in member.arrays(f"member{i}.").items()}
        ids = {"network_item_ids": self.items.array(), "network_skill_ids": self.skills.array()}
        return {
            **members,
            **self.scales.arrays(),
            **ids,
            "combination": np.array(self.combination),
            "n_members": np.array(len(self.members)),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        return cls(
            members=tuple(Weights.from_arrays(arrays, f"member{i}.") for i in range(int(arrays["n_members"]))),
            scales=Scales(arrays["input_mean"], arrays["input_sd"]),
            items=Vocabulary.of_array(arrays["network_item_ids"]),
            skills=Vocabulary.of_array(arrays["network_skill_ids"]),
            combination=Combination(*arrays["combination"].tolist()),
        )
