"""A trained network as plain arrays, and the one way in which it forecasts: a step of its memory, and residuals of items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.models.recurrent.inputs import ItemInputs
from adaptive.protocols import Floats

__all__ = ["Weights"]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Matrices by the equations below; E embedding, F features, H memory, Z hidden units, C context.

    `skill` and `variation` (n_skills + 1, E) place a skill and how its items vary with their difficulty (Rasch-style
    embedding: Ghosh, Heffernan & Lan 2020, AKT, section 3.3; the last row, of zeros, is of skills never seen); `slope` (n_items + 1, C + 1)
    is what an item answers to by itself, with an intercept at its end.

        e = mean over skills(skill + difficulty variation)
        z = tanh(in_e e + in_x x + in_a (signed score, residual) + in_b)
        h' = GRU(z, h)
        residual = out . relu(by_h h + by_e e + by_x x + by_b) + out_b + slope . (context, 1)
    """

    skill: Floats
    variation: Floats
    slope: Floats
    in_e: Floats
    in_x: Floats
    in_a: Floats
    in_b: Floats
    gru_x: Floats
    gru_h: Floats
    gru_bx: Floats
    gru_bh: Floats
    by_h: Floats
    by_e: Floats
    by_x: Floats
    by_b: Floats
    out: Floats
    out_b: Floats

    @property
    def n_memory(self) -> int:
        """H."""
        return int(self.gru_h.shape[1])

    def embedding(self, items: ItemInputs) -> Floats:
        """(n_items, E) where each item lies."""
        skill, variation = (items.columns.mean_over_skills(of_skills[items.skill_code]) for of_skills in (self.skill, self.variation))
        return np.asarray(skill + items.difficulty[:, None] * variation, dtype=np.float64)

    def residuals(self, memory: Floats, base: Floats, features: Floats, slope: Floats, context: Floats) -> Floats:
        """(n_items,) what is added to the core's logit. `base` (n_items, Z) is by_e e + by_b, `slope` (n_items, C + 1) the items' own."""
        hidden = features @ self.by_x.T
        hidden += base
        hidden += self.by_h @ memory
        np.maximum(hidden, 0.0, out=hidden)
        return np.asarray(hidden @ self.out + self.out_b + slope[:, :-1] @ context + slope[:, -1], dtype=np.float64)

    def next_memory(self, memory: Floats, arriving: Floats, features: Floats, signed: float, residual: float) -> Floats:
        """(H,) the memory after an attempt. `arriving` (H,) is in_e e + in_b of its item."""
        z = np.tanh(arriving + self.in_x @ features + self.in_a @ np.array([signed, residual]))
        n = self.n_memory
        of_input, of_memory = self.gru_x @ z + self.gru_bx, self.gru_h @ memory + self.gru_bh
        gates = expit(of_input[: 2 * n] + of_memory[: 2 * n])
        proposed = np.tanh(of_input[2 * n :] + gates[:n] * of_memory[2 * n :])
        return np.asarray((1.0 - gates[n:]) * proposed + gates[n:] * memory, dtype=np.float64)

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:  # Any: arrays of numbers
        """For the model's folder."""
        return {f"{prefix}{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:  # Any: arrays of numbers
        """What `arrays` wrote."""
        return cls(**{field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls)})
