"""What skills stand on: the catalogue's edges, in arrays, and the gate that each holds before what builds on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.models.columns import Vocabulary
from adaptive.protocols import Floats, Ints

__all__ = ["OPEN", "Closure", "Gates", "Prerequisites", "gated"]


class Gates(NamedTuple):
    """What is left of P(known at first), and of P(learn), where a prerequisite is not known; 1 where it makes no difference."""

    first: float
    learn: float


OPEN = Gates(1.0, 1.0)
"""Before any data, and in a table whose skills have no prerequisites."""


def gated(missing: Floats, gate: float, axis: int = -1) -> Floats:
    """The product over prerequisites, along `axis`, of 1 - (1 - gate) missing; `missing` is weight times P(not known).

    >>> float(gated(np.array([1.0, 0.5]), 0.2).round(9))
    0.12
    """
    return np.asarray(np.prod(1.0 - (1.0 - gate) * missing, axis=axis), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """Skills and after them all else that they stand on.

    `required` and `weight` (n_skills, most) are each skill's prerequisites, filled up with n_skills and 0; `levels` are the skills that
    have any, each level after those that it stands on.
    """

    skill_ids: tuple[str, ...]
    required: Ints
    weight: Floats
    levels: tuple[Ints, ...]

    def missing(self, p_known: Floats, skill: Ints) -> Floats:
        """Weight times P(not known) of the prerequisites of skills: (n, n_asked, most, n_nodes) of `skill` (n, n_asked).

        `p_known` is (n, n_skills, n_nodes).
        """
        padded = np.concatenate([p_known, np.ones_like(p_known[:, :1])], axis=1)
        required = padded[np.arange(len(skill))[:, None, None], self.required[skill]]
        return np.asarray(self.weight[skill][..., None] * (1.0 - required), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Prerequisites:
    """Edges (n_edges,): what comes before what, and how surely, `weight` in (0, 1]."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    weight: tuple[float, ...] = ()

    @classmethod
    def of(cls, catalog: Catalog | None) -> Self:
        """The catalogue's; none without one."""
        edges = () if catalog is None else catalog.prerequisites
        return cls(tuple(e.prerequisite_id for e in edges), tuple(e.skill_id for e in edges), tuple(e.weight for e in edges))

    def closure(self, skill_ids: Iterable[str]) -> Closure:
        """These skills with what they stand on.

        >>> closure = Prerequisites(("a", "b"), ("b", "c"), (1.0, 0.5)).closure(["c"])
        >>> closure.skill_ids, closure.required.ravel().tolist(), [level.tolist() for level in closure.levels]
        (('c', 'b', 'a'), [1, 2, 3], [[1], [0]])
        """
        into = self._into()
        found = dict.fromkeys(skill_ids)
        waiting = list(found)
        while waiting:
            new = [id_ for id_, _ in into.get(waiting.pop(), ()) if id_ not in found]
            found.update(dict.fromkeys(new))
            waiting.extend(new)
        index = {id_: code for code, id_ in enumerate(found)}
        runs = [into.get(id_, []) for id_ in found]
        required = np.full((len(found), max(map(len, runs), default=0)), len(found), dtype=np.int64)
        weight = np.zeros(required.shape)
        for code, run in enumerate(runs):
            required[code, : len(run)] = [index[id_] for id_, _ in run]
            weight[code, : len(run)] = [strength for _, strength in run]
        return Closure(tuple(found), required, weight, _levels(required))

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder, so that a model read back gates as before."""
        edges = {"prerequisite_before": Vocabulary(self.before).array(), "prerequisite_after": Vocabulary(self.after).array()}
        return {**edges, "prerequisite_weight": np.array(self.weight, dtype=np.float64)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        before, after = (Vocabulary.of_array(arrays[f"prerequisite_{end}"]).ids for end in ("before", "after"))
        return cls(before, after, tuple(arrays["prerequisite_weight"].tolist()))

    def _into(self) -> dict[str, list[tuple[str, float]]]:
        into: dict[str, list[tuple[str, float]]] = {}
        for before, after, weight in zip(self.before, self.after, self.weight, strict=True):
            into.setdefault(after, []).append((before, weight))
        return into


def _levels(required: Ints) -> tuple[Ints, ...]:
    """Skills that require any, by the length of the longest way down; edges must be acyclic, as a catalogue's are."""
    n_skills, depth = len(required), np.zeros(len(required) + 1, dtype=np.int64)
    for _ in range(n_skills if required.size else 0):
        deeper = np.where(required < n_skills, depth[required] + 1, 0).max(axis=1)
        if np.array_equal(deeper, depth[:-1]):
            break
        depth[:-1] = deeper
    return tuple(np.flatnonzero(depth[:-1] == level) for level in range(1, int(depth.max(initial=0)) + 1))
