"""What a catalogue says before any attempt: difficulties, and the success that a learner of the population then expects.

Population ability is N(0, 1) in logits, so an item of difficulty d is answered with marginal logit
-d / attenuation(1). An unknown difficulty counts as 0, the middle of the population.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.catalog import Catalog
from adaptive.models.columns import Vocabulary
from adaptive.models.normal_logit import POPULATION_VARIANCE, attenuation
from adaptive.protocols import Floats

__all__ = ["Difficulties"]


@dataclass(frozen=True, slots=True, eq=False)
class Difficulties:
    """The catalogue's items and skills with their marginal logits of success, NaN where the difficulty is unknown."""

    items: Vocabulary
    item_logit: Floats
    skills: Vocabulary
    skill_logit: Floats

    @classmethod
    def of(cls, catalog: Catalog | None) -> Self:
        """What the catalogue says; nothing without one.

        >>> from adaptive.domain import Skill
        >>> Difficulties.of(Catalog("c", skills=(Skill("halves", difficulty=-1.18),))).skill_logit.round(2)
        array([1.])
        """
        if catalog is None:
            return cls(Vocabulary([]), np.zeros(0), Vocabulary([]), np.zeros(0))
        items, skills = catalog.item_columns.item_ids, catalog.skill_columns.skill_ids
        return cls(
            Vocabulary(items),
            _marginal([catalog.item_difficulty_logit(id_) for id_ in items]),
            Vocabulary(skills),
            _marginal([catalog.skill_difficulty_logit(id_) for id_ in skills]),
        )

    def item_logits(self, item_ids: Iterable[str]) -> Floats:
        """(n,) what is stated of these items, NaN where nothing is."""
        return self.items.look_up(self.item_logit, item_ids, default=np.nan)

    def skill_logits(self, skill_ids: Iterable[str]) -> Floats:
        """(n,) what is stated of these skills, NaN where nothing is."""
        return self.skills.look_up(self.skill_logit, skill_ids, default=np.nan)

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder, so that a model read back can be fitted again."""
        ids = {"difficulty_item_ids": self.items.array(), "difficulty_skill_ids": self.skills.array()}
        return {**ids, "difficulty_item_logit": self.item_logit, "difficulty_skill_logit": self.skill_logit}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        items, skills = (Vocabulary.of_array(arrays[name]) for name in ("difficulty_item_ids", "difficulty_skill_ids"))
        return cls(items, arrays["difficulty_item_logit"], skills, arrays["difficulty_skill_logit"])


def _marginal(difficulties: list[float | None]) -> Floats:
    logits = np.array([np.nan if difficulty is None else -difficulty for difficulty in difficulties], dtype=np.float64)
    return logits / attenuation(POPULATION_VARIANCE)
