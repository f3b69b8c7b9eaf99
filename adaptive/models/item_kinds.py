"""What a catalogue says of items besides difficulty: which family each belongs to, and among how many options it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.models.columns import Vocabulary
from adaptive.protocols import Floats, Ints

__all__ = ["ItemKinds"]

_FEWEST_OPTIONS: Final = 2
"""One option is no choice: such an item counts as a free answer."""


def _nobody() -> Vocabulary:
    return Vocabulary([])


@dataclass(frozen=True, slots=True, eq=False)
class ItemKinds:
    """Items of which something is said: code of the `family` (-1: none) and `n_options` (0: a free answer), (n_items,) each."""

    items: Vocabulary = field(default_factory=_nobody)
    family: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    n_options: Floats = field(default_factory=lambda: np.zeros(0))
    families: Vocabulary = field(default_factory=_nobody)

    @classmethod
    def of(cls, catalog: Catalog | None) -> Self:
        """What the catalogue says; nothing without one.

        >>> from adaptive.domain import Item
        >>> kinds = ItemKinds.of(Catalog("c", items=(Item("q1", ("s",), family_id="sums"), Item("q2", ("s",), options=("1", "2", "3")))))
        >>> kinds.families_of(["q1", "q2", "q9"]), kinds.options_of(["q1", "q2", "q9"])
        (array([ 0, -1, -1]), array([0., 3., 0.]))
        """
        said = [] if catalog is None else [item for item in catalog.items if item.family_id or len(item.options) >= _FEWEST_OPTIONS]
        families = Vocabulary(dict.fromkeys(item.family_id for item in said if item.family_id))
        n_options = [float(len(item.options)) if len(item.options) >= _FEWEST_OPTIONS else 0.0 for item in said]
        return cls(
            items=Vocabulary(item.item_id for item in said),
            family=families.codes(item.family_id or "" for item in said),
            n_options=np.array(n_options, dtype=np.float64),
            families=families,
        )

    def families_of(self, item_ids: Sequence[str]) -> Ints:
        """(n,) places in `families`, -1 where none is stated."""
        if not len(self.items):  # a fit asks a thousand times
            return np.full(len(item_ids), -1)
        return np.append(self.family, -1)[self.items.codes(item_ids)]

    def options_of(self, item_ids: Sequence[str]) -> Floats:
        """(n,) numbers of options, 0 for free answers and where nothing is stated."""
        if not len(self.items):
            return np.zeros(len(item_ids))
        return self.items.look_up(self.n_options, item_ids, default=0.0)

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        ids = {"kind_item_ids": self.items.array(), "kind_families": self.families.array()}
        return {**ids, "kind_family": self.family, "kind_n_options": self.n_options}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        items, families = (Vocabulary.of_array(arrays[name]) for name in ("kind_item_ids", "kind_families"))
        return cls(items, arrays["kind_family"], arrays["kind_n_options"], families)
