"""Where one learner stands in the catalogue: what is mastered, what is ready, what must come along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from adaptive.catalog import Catalog
from adaptive.errors import InvalidInput, Problem
from adaptive.planning.settings import PlanSettings
from adaptive.protocols import Mastery

__all__ = ["Standing"]


@dataclass(frozen=True, eq=False)
class Standing:
    """One learner's mastery read along the skill graph.

    >>> import numpy as np
    >>> from adaptive.domain import Prerequisite, Skill
    >>> catalog = Catalog("c", skills=(Skill("halves"), Skill("sums")), prerequisites=(Prerequisite("halves", "sums"),))
    >>> low = np.array([0.2, 0.1])
    >>> Standing(catalog, Mastery(("halves", "sums"), low, low, low, low), PlanSettings()).needs(["sums"])
    ('halves', 'sums')
    """

    catalog: Catalog
    mastery: Mastery
    settings: PlanSettings

    def p_mastered(self, skill_id: str) -> float:
        """P(mastered) of the skill."""
        return float(self.mastery.p_mastered[self._position[skill_id]])

    def is_mastered(self, skill_id: str) -> bool:
        """Whether the skill needs no planning."""
        return self.p_mastered(skill_id) >= self.settings.mastered_at

    def unready_prerequisites(self, skill_id: str) -> tuple[str, ...]:
        """Direct prerequisites that must come along with the skill."""
        return tuple(edge.prerequisite_id for edge in self.catalog.prerequisites_of(skill_id) if not self.is_ready(edge.prerequisite_id))

    def is_ready(self, skill_id: str) -> bool:
        """Whether what stands on the skill can be begun: P(mastered) >= .5, or expected success >= ready_at."""
        success = float(self.mastery.expected_success[self._position[skill_id]])
        return self.p_mastered(skill_id) >= self.settings.ready_p_mastered or success >= self.settings.ready_at

    def needs(self, skill_ids: Iterable[str]) -> tuple[str, ...]:
        """These skills and all that must come along with them, in topological order."""
        reached: set[str] = set()
        waiting = list(skill_ids)
        while waiting:
            skill_id = waiting.pop()
            if skill_id not in reached:
                reached.add(skill_id)
                waiting.extend(self.unready_prerequisites(skill_id))
        return tuple(skill_id for skill_id in self.catalog.closure(reached) if skill_id in reached)

    def restrict(self, skill_ids: tuple[str, ...]) -> Mastery:
        """The mastery of those skills, in that order."""
        rows = [self._position[skill_id] for skill_id in skill_ids]
        whole = self.mastery
        return Mastery(skill_ids, whole.p_mastered[rows], whole.expected_success[rows], whole.low[rows], whole.high[rows])

    @cached_property
    def _position(self) -> dict[str, int]:
        position = {skill_id: index for index, skill_id in enumerate(self.mastery.skill_ids)}
        missing = [skill.skill_id for skill in self.catalog.skills if skill.skill_id not in position]
        if missing:
            rule = "mastery covers every skill of the catalogue"
            raise InvalidInput(
                "plan", [Problem("mastery", rule, ", ".join(missing[:5]), "ask the model for all of the catalogue's skills")]
            )
        return position
