"""What is known of one learner: factors, skills practised, items met lately; as plain values, and packed for storage."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import immutables
import numpy as np

from adaptive.models.state_space.arrays import KEPT_MEMORIES, MEMORY_SIZE, MOST_MEMORIES, SLOPE, UNKNOWN_TIME
from adaptive.protocols import Floats

__all__ = ["ItemMemory", "SkillState", "StateSpaceState", "decode_state", "encode_state", "latest"]


class SkillState(NamedTuple):
    """One skill: given the shared factors u, the lasting ability in it is N(mean + slope.u, variance), with the form on top."""

    mean: float
    variance: float
    form: float
    form_variance: float
    n_practised: float
    last_seconds: float
    slope: tuple[float, ...]

    def row(self) -> tuple[float, ...]:
        """The numbers in the order of `arrays`."""
        return (*self[:SLOPE], *self.slope)

    @classmethod
    def of_row(cls, row: Sequence[float]) -> SkillState:
        """What `row` gave."""
        mean, variance, form, form_variance, n_practised, last_seconds, *slope = row
        return cls(mean, variance, form, form_variance, n_practised, last_seconds, tuple(slope))


class ItemMemory(NamedTuple):
    """What a learner makes of one item beyond its skills, as of the last meeting: N(mean, variance) + recent."""

    mean: float
    variance: float
    last_step: float
    last_seconds: float
    recent: float


@dataclass(frozen=True, slots=True)
class StateSpaceState:
    """A learner: the shared factors u ~ N(mean, covariance) with covariance by rows, the form of the hour, skills and items.

    Skills and items that are not here are as the parameters say. Times are seconds since the epoch, -inf where unknown;
    `as_of` is the moment that the state was advanced to, after the last attempt.
    """

    mean: tuple[float, ...]
    covariance: tuple[float, ...]
    form: float
    form_variance: float
    n_attempts: float = 0.0
    last_seconds: float = UNKNOWN_TIME
    skills: immutables.Map[str, SkillState] = field(default_factory=immutables.Map)
    items: immutables.Map[str, ItemMemory] = field(default_factory=immutables.Map)
    as_of: float = UNKNOWN_TIME

    def vector(self) -> Floats:
        """(4 + n_factors (1 + n_factors),) the learner's vector of `arrays`."""
        return np.array((self.form, self.form_variance, self.n_attempts, self.last_seconds, *self.mean, *self.covariance))

    @classmethod
    def of_vector(
        cls,
        vector: Floats,
        skills: immutables.Map[str, SkillState] | None = None,
        items: immutables.Map[str, ItemMemory] | None = None,
        as_of: float = UNKNOWN_TIME,
    ) -> StateSpaceState:
        """What `vector` gave, with skills and items."""
        form, form_variance, n_attempts, last, *factors = vector.tolist()
        n = round((-1.0 + (1.0 + 4.0 * len(factors)) ** 0.5) / 2.0)  # n (1 + n) numbers
        empty: immutables.Map[str, Any] = immutables.Map()  # Any: holds nothing
        return cls(tuple(factors[:n]), tuple(factors[n:]), form, form_variance, n_attempts, last, skills or empty, items or empty, as_of)


def latest(items: immutables.Map[str, ItemMemory]) -> immutables.Map[str, ItemMemory]:
    """All items up to MOST_MEMORIES; beyond, the KEPT_MEMORIES met last (no two were met at one step)."""
    if len(items) <= MOST_MEMORIES:
        return items
    return immutables.Map(sorted(items.items(), key=lambda met: met[1].last_step)[-KEPT_MEMORIES:])


def encode_state(state: StateSpaceState) -> dict[str, Any]:  # Any: JSON values
    """The state as JSON values: ids in order, numbers packed as base64 of little-endian doubles."""
    skill_ids, item_ids = sorted(state.skills), sorted(state.items)
    return {
        "learner": _packed([state.vector()]),
        "as_of": None if state.as_of == UNKNOWN_TIME else state.as_of,
        "skill_ids": skill_ids,
        "skills": _packed(state.skills[id_].row() for id_ in skill_ids),
        "item_ids": item_ids,
        "items": _packed(state.items[id_] for id_ in item_ids),
    }


def decode_state(encoded: Mapping[str, Any]) -> StateSpaceState:  # Any: JSON values
    """What `encode_state` wrote."""
    learner = _unpacked(encoded["learner"])
    n_skills = max(len(encoded["skill_ids"]), 1)
    skill_rows, item_rows = _unpacked(encoded["skills"]).reshape(n_skills, -1), _unpacked(encoded["items"]).reshape(-1, MEMORY_SIZE)
    skills = immutables.Map(zip(encoded["skill_ids"], map(SkillState.of_row, skill_rows.tolist()), strict=False))
    items = immutables.Map(zip(encoded["item_ids"], (ItemMemory(*row) for row in item_rows.tolist()), strict=True))
    as_of = UNKNOWN_TIME if encoded["as_of"] is None else float(encoded["as_of"])
    return StateSpaceState.of_vector(learner, skills, items, as_of)


def _packed(rows: Iterable[Sequence[float] | Floats]) -> str:
    numbers = [number for row in rows for number in row]
    return b64encode(np.array(numbers, dtype="<f8").tobytes()).decode("ascii")


def _unpacked(text: str) -> Floats:
    return np.frombuffer(b64decode(text), dtype="<f8").astype(np.float64)
