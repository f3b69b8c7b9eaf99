"""What is fitted around the core: networks, the scales and ids they know, and how their residuals join the core's logit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.models.columns import ItemColumns, Vocabulary
from adaptive.models.recurrent.inputs import ItemInputs, Scales, core_facts
from adaptive.models.recurrent.weights import Weights
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Floats, Items

__all__ = ["CORE_ALONE", "AskedItems", "Combination", "Ensemble"]


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
class AskedItems:
    """Items ready for every network: per member `base` (n_items, Z), `slope` (n_items, C + 1) and `arriving` (n_items, H)."""

    items: Items
    inputs: ItemInputs
    base: tuple[Floats, ...]
    slope: tuple[Floats, ...]
    arriving: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Networks trained on the same inputs; without any, the core stands alone."""

    members: tuple[Weights, ...] = ()
    scales: Scales = field(default_factory=lambda: Scales.of(np.zeros((0, 0))))
    items: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    skills: Vocabulary = field(default_factory=lambda: Vocabulary([]))
    combination: Combination = CORE_ALONE

    @property
    def memory_sizes(self) -> tuple[int, ...]:
        """Numbers in each member's memory."""
        return tuple(member.n_memory for member in self.members)

    def asked(self, items: Items, core: StateSpaceIrt) -> AskedItems:
        """The items with all that does not depend on the learner."""
        columns = ItemColumns.of(items)
        inputs = ItemInputs.of(columns, core_facts(core, columns), self.scales, self.skills, self.items)
        places = [member.embedding(inputs) for member in self.members]
        pairs = list(zip(self.members, places, strict=True))
        return AskedItems(
            items=items,
            inputs=inputs,
            base=tuple(place @ member.by_e.T + member.by_b for member, place in pairs),
            slope=tuple(member.slope[inputs.item_code] for member in self.members),
            arriving=tuple(place @ member.in_e.T + member.in_b for member, place in pairs),
        )

    def memories(self, memory: Floats) -> list[Floats]:
        """Each member's part of the memory of all."""
        return np.split(memory, np.cumsum(self.memory_sizes)[:-1]) if self.members else []

    def residuals(self, memory: Floats, asked: AskedItems, inputs: Floats, context: Floats) -> Floats:
        """(n_items,) the mean over members; `inputs` (n_items, N_INPUTS) are scaled."""
        if not self.members:
            return np.zeros(len(inputs))
        parts = zip(self.members, self.memories(memory), asked.base, asked.slope, strict=True)
        return np.asarray(sum(m.residuals(h, base, inputs, slope, context) for m, h, base, slope in parts) / len(self.members))

    def next_memory(self, memory: Floats, asked: AskedItems, inputs: Floats, signed: float, residual: float) -> Floats:
        """The memory of all after an attempt on the first of the items; `inputs` (N_INPUTS,) are scaled."""
        parts = zip(self.members, self.memories(memory), asked.arriving, strict=True)
        after = [member.next_memory(of_member, z[0], inputs, signed, residual) for member, of_member, z in parts]
        return np.concatenate(after) if after else memory

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
