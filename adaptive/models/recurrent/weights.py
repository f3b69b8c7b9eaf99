"""A trained network as plain arrays, with the equations by which it forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from numpy.typing import NDArray

from adaptive.protocols import Floats

__all__ = ["Weights"]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Matrices by the equations below; E embedding, X inputs, H memory, Z hidden units, C context, F factors.

    `skill` and `variation` (n_skills + 1, E) place a skill and how its items vary with their difficulty (Rasch-style
    embedding: Ghosh, Heffernan & Lan 2020, AKT, section 3.3; the last row, of zeros, is of skills never seen). `slope` (n_items + 1, C)
    is what an item answers to by itself, `query` and `key` (n_items + 1, F) to what residuals on which items it answers (linear
    attention: Katharopoulos et al. 2020), a third of F for each of `FACTOR_KEPT`. None holds an intercept.

        e = mean over skills(skill + difficulty variation)
        z = tanh(in_e e + in_x x + in_a (signed score, residual) + in_b)
        h' = GRU(z, h)
        m' = kept m + residual key
        hidden = relu(by_h h + by_e e + by_x x + bend phi(x) + by_b)
        residual = out . hidden + out_b + slope . context + query . m / root of sum over past attempts(kept^steps since)

    phi are shares of the way from each of `KNOTS` to the next, between 0 and 1, of each feature of the history (piecewise
    linear: Gorishniy, Rubachev & Babenko 2022).
    """

    skill: Floats
    variation: Floats
    slope: Floats
    query: Floats
    key: Floats
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
    bend: Floats
    by_b: Floats
    out: Floats
    out_b: Floats

    def arrays(self, prefix: str) -> dict[str, NDArray[Any]]:  # Any: arrays of numbers
        """For the model's folder."""
        return {f"{prefix}{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:  # Any: arrays of numbers
        """What `arrays` wrote."""
        return cls(**{field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls)})
