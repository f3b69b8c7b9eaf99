"""Minutes to mastery from a learner model: practice simulated once into a table, then looked up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import PROMOTE_AT
from adaptive.planning.likeness import first_alike, probe
from adaptive.planning.minutes import MinutesToMastery, PracticeSettings, minutes_to_mastery
from adaptive.planning.practice import ModelPractice, Practice, TwoStatePractice, attempts_to_mastery, practice_teaches
from adaptive.protocols import Floats, Ints, LearnerModel, Mastery

__all__ = ["SimulatedMinutes"]

P_GRID: Final = np.array([0.02, 0.20, 0.50, 0.80, PROMOTE_AT])
"""P(mastered) at which the table is made; between them, minutes are interpolated linearly."""

_STANDARD: Final = -1
"""The source of skills for which the standard learner stands in."""

_PRACTISED_ALIKE: Final = 5e-4
"""Two skills share a table row where no probability of `probe` differs by more: the digits to which learners are told apart."""

_LEARNED_ALIKE: Final = 0.05
"""Skills share the verdict whether practice teaches where P(mastered) after each answer differs by no more: learning of 1 % an
attempt moves it by .04 over four."""

_SHARED_AT_MOST: Final = 16
"""Skills whose learners are pooled: the mean minutes of 800 learners are good to 1 % (one standard error), of 50 to 7 %."""


@dataclass(frozen=True, eq=False)
class SimulatedMinutes:
    """Minutes to mastery by simulating the model's own practice per skill and starting P(mastered), lazily, once.

    From each point of a grid of P(mastered), fresh learners with that prior practise the skill's items in turn until the
    model declares mastery. A model in which practice does not teach (item means, say) cannot tell how long learning
    takes: the standard learner of `TwoStatePractice` stands in for that skill, and the assumptions say so. Skills that
    are practised alike (`probe`) share rows, and their learners. Each point of the table has its own seed, so what was
    asked before never changes an answer.

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
    _table: dict[tuple[int, int], MinutesToMastery] = field(default_factory=dict, init=False, repr=False)

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
        sources = self._sources[[self._position[skill_id] for skill_id in skill_ids]]  # (n_skills,)
        found = [self._at(source, point) for source, point in zip(sources.tolist(), points.tolist(), strict=True)]
        minutes: Floats = np.array([one.minutes[0] for one in found]).reshape(len(found), self.settings.n_learners)
        n_standard = int((sources == _STANDARD).sum())
        stated = self.settings.assumptions
        if n_standard:
            stated += (
                f"In the model practice does not teach {n_standard} of the skills; a standard learner stands in for how long they take.",
            )
        return MinutesToMastery(minutes, np.array([one.p_reached[0] for one in found]), stated)

    def _at(self, source: int, point: int) -> MinutesToMastery:
        """Minutes of that source from that point: each skill that shares it brings its learners, of whom every k-th is kept."""
        key = (source, point)
        if key not in self._table:
            practice: Practice[Any] = TwoStatePractice() if source == _STANDARD else self._own[source]  # Any: as above
            settings, k = self.settings, min(int((self._sources == source).sum()), _SHARED_AT_MOST)
            rng = np.random.default_rng([settings.seed, source - _STANDARD, point])
            attempts = attempts_to_mastery(practice, float(P_GRID[point]), n=k * settings.n_learners, cap=settings.max_attempts, rng=rng)
            whole = minutes_to_mastery(attempts[None, :], settings)
            self._table[key] = replace(whole, minutes=whole.minutes[:, k // 2 :: k])
        return self._table[key]

    @cached_property
    def _sources(self) -> Ints:
        """Of each skill of the catalogue the position of that whose practice is simulated for it, or _STANDARD; (n_skills,)."""
        if not self._own:
            return np.zeros(0, dtype=np.int64)
        probed = np.array([probe(practice) for practice in self._own])  # (n_skills, 8, 2)
        judged = first_alike(probed[:, :, 1], within=_LEARNED_ALIKE)
        teaches = {leader: practice_teaches(self._own[leader]) for leader in set(judged.tolist())}
        return np.where([teaches[leader] for leader in judged.tolist()], first_alike(probed, within=_PRACTISED_ALIKE), _STANDARD)

    @cached_property
    def _own(self) -> tuple[ModelPractice, ...]:
        """The model's own practice of each skill of the catalogue."""
        return tuple(ModelPractice.of(self.model, skill_id, self._item_ids(skill_id)) for skill_id in self._position)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {skill_id: position for position, skill_id in enumerate(self.catalog.skill_columns.skill_ids)}

    def _item_ids(self, skill_id: str) -> tuple[str, ...]:
        """The items in service on this skill alone; else any that touch it; else one that the model does not know."""
        items = [item for item in self.catalog.items_of(skill_id) if not item.retired]
        alone = [item.item_id for item in items if item.skill_ids == (skill_id,)]
        return tuple(alone) or tuple(item.item_id for item in items) or (f"an item on {skill_id}",)
