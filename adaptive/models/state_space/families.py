"""Families of items while items are fitted: how much harder each is than its skills say, and how sure that is."""

from __future__ import annotations

import numpy as np

from adaptive.models.item_kinds import ItemKinds
from adaptive.models.state_space.parameters import Bank
from adaptive.protocols import Floats

__all__ = ["FamilyEffects"]


class FamilyEffects:
    """Effects of the families of a table's items, (n_groups,) each with its variance given what the skills say.

    An item without a family is one of its own. Where the catalogue names no family the spread of effects is 0, and so are they.
    An answerless item tells nothing of its family: `told` (n_items,), what the item's difficulty tells of the centre that it was
    drawn to, is 1 / (variance of its answers + item variance).
    """

    def __init__(self, start: Bank, item_ids: list[str]) -> None:
        stated = start.kinds.families_of(item_ids)
        alone = len(start.kinds.families) + np.arange(len(stated))
        self._codes, self._group = np.unique(np.where(stated < 0, alone, stated), return_inverse=True)
        known = self._codes < len(start.kinds.families)
        self.effect = np.where(known, np.append(start.family_effect, 0.0)[np.where(known, self._codes, -1)], 0.0)
        self.variance = np.full(len(self._codes), start.spreads.family)

    @property
    def of_items(self) -> tuple[Floats, Floats]:
        """Effect of each item's family and its variance, (n_items,) each."""
        return self.effect[self._group], self.variance[self._group]

    @property
    def squares(self) -> Floats:
        """(n_groups,) expected squares of the effects."""
        return np.asarray(self.effect**2 + self.variance, dtype=np.float64)

    def own_share(self, told: Floats, spread: float) -> Floats:
        """(n_items,) how much of what an item tells of its skills is left beside the others of its family: 1 without families."""
        return np.asarray(1.0 / (1.0 + spread * self._sum(told)), dtype=np.float64)[self._group]

    def pool(self, told: Floats, pull: Floats, spread: float) -> None:
        """Effects from `pull` (n_items,), what each item's difficulty is beyond its skills times what it tells."""
        if spread > 0.0:
            precision = self._sum(told) + 1.0 / spread
            self.effect, self.variance = self._sum(pull) / precision, 1.0 / precision

    def by_family(self, kinds: ItemKinds, spread: float) -> tuple[Floats, Floats]:
        """Effects and variances of the catalogue's families, (n_families,) each: 0 and `spread` for those of which no item was met."""
        effect, variance = np.zeros(len(kinds.families)), np.full(len(kinds.families), spread)
        is_stated = self._codes < len(kinds.families)
        effect[self._codes[is_stated]], variance[self._codes[is_stated]] = self.effect[is_stated], self.variance[is_stated]
        return effect, variance

    def _sum(self, of_items: Floats) -> Floats:
        return np.asarray(np.bincount(self._group, weights=of_items, minlength=len(self._codes)), dtype=np.float64)
