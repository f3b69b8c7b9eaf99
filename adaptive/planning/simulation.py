"""Minutes to mastery from a learner model: practice simulated once into a table, then looked up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import PROMOTE_AT
from adaptive.planning.minutes import MinutesToMastery, PracticeSettings, minutes_to_mastery
from adaptive.planning.practice import ModelPractice, Practice, TwoStatePractice, attempts_to_mastery, practice_teaches
from adaptive.protocols import Floats, Ints, LearnerModel, Mastery

__all__ = ["SimulatedMinutes"]

P_GRID: Final = np.array([0.02, 0.20, 0.50, 0.80, PROMOTE_AT])
"""P(mastered) at which the table is made; between them, minutes are interpolated linearly."""


@dataclass(frozen=True, eq=False)
class SimulatedMinutes:
    """Minutes to mastery by simulating the model's own practice per skill and starting P(mastered), lazily, once.

    From each point of a grid of P(mastered), fresh learners with that prior practise the skill's items in turn until the
    model declares mastery. A model in which practice does not teach (item means, say) cannot tell how long learning
    takes: the standard learner of `TwoStatePractice` stands in for that skill, and the assumptions say so. Each point
    of the table has its own seed, so what was asked before never changes an answer.

    >>> from adaptive.domain import Skill
    >>> from adaptive.models import build_model
    >>> catalog = Catalog("c", skills=(Skill("halves"),))
    >>> low = np.array([0.2])
    >>> found = SimulatedMinutes(build_model("baseline", catalog), catalog)(Mastery(("halves",), low, low, low, low))
    >>> found.quantiles(0.1, 0.5, 0.9).round(1).tolist(), found.assumptions[-1]
    ([[2.2, 5.2, 10.6]], 'In the model practice does not teach 1 of the skills; a standard learner stands in for how long they take.')
    """

    model: LearnerModel[Any]  # Any: each model has its own state
    catalog: Catalog
    settings: PracticeSettings = field(default_factory=PracticeSettings)
    _practices: dict[str, Practice[Any]] = field(default_factory=dict, init=False, repr=False)  # Any: as above
    _table: dict[tuple[str, int], MinutesToMastery] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, mastery: Mastery) -> MinutesToMastery:
        """Minutes to mastery of each skill of `mastery`, interpolated between the points of the table."""
        position = np.interp(mastery.p_mastered, P_GRID, np.arange(len(P_GRID)))  # (n_skills,)
        below = np.minimum(position.astype(np.int64), len(P_GRID) - 2)
        share = position - below
        lower, upper = self._rows(mastery.skill_ids, below), self._rows(mastery.skill_ids, below + 1)
        return replace(
            lower,
            minutes=lower.minutes + share[:, None] * (upper.minutes - lower.minutes),
            p_reached=lower.p_reached + share * (upper.p_reached - lower.p_reached),
        )

    def _rows(self, skill_ids: tuple[str, ...], points: Ints) -> MinutesToMastery:
        found = [self._at(skill_id, point) for skill_id, point in zip(skill_ids, points.tolist(), strict=True)]
        minutes: Floats = np.array([one.minutes[0] for one in found]).reshape(len(found), self.settings.n_learners)
        n_standard = sum(isinstance(self._practice(skill_id), TwoStatePractice) for skill_id in skill_ids)
        stated = self.settings.assumptions
        if n_standard:
            stated += (
                f"In the model practice does not teach {n_standard} of the skills; a standard learner stands in for how long they take.",
            )
        return MinutesToMastery(minutes, np.array([one.p_reached[0] for one in found]), stated)

    def _at(self, skill_id: str, point: int) -> MinutesToMastery:
        key = (skill_id, point)
        if key not in self._table:
            practice, settings = self._practice(skill_id), self.settings
            rng = np.random.default_rng([settings.seed, self.catalog.skill_columns.skill_ids.index(skill_id), point])
            p_mastered = float(P_GRID[point])
            attempts = attempts_to_mastery(practice, p_mastered, n=settings.n_learners, cap=settings.max_attempts, rng=rng)
            self._table[key] = minutes_to_mastery(attempts[None, :], settings)
        return self._table[key]

    def _practice(self, skill_id: str) -> Practice[Any]:  # Any: as above
        if skill_id not in self._practices:
            own: Practice[Any] = ModelPractice.of(self.model, skill_id, self._item_ids(skill_id))  # Any: as above
            self._practices[skill_id] = own if practice_teaches(own) else TwoStatePractice()
        return self._practices[skill_id]

    def _item_ids(self, skill_id: str) -> tuple[str, ...]:
        """The items in service on this skill alone; else any that touch it; else one that the model does not know."""
        items = [item for item in self.catalog.items_of(skill_id) if not item.retired]
        alone = [item.item_id for item in items if item.skill_ids == (skill_id,)]
        return tuple(alone) or tuple(item.item_id for item in items) or (f"an item on {skill_id}",)
