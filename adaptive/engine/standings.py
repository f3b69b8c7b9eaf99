"""What a mastery rule makes of a learner's attempts: one fold a skill, kept beside the model's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Generic, TypeAlias, TypeVar

from immutables import Map
from scipy.special import logit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.mastery import Ability, Estimate, Evidence, MasteryRule, Recall, Standing, occasion_of
from adaptive.protocols import LearnerModel, Mastery, Skills

__all__ = ["Awarding", "Standings", "estimate_of"]

StateT = TypeVar("StateT")
Standings: TypeAlias = Map[str, Mapping[str, Any]]  # Any: JSON values
"""By skill, as the rule wrote them: a snapshot then costs what the attempt touched."""

_WIDTH_90: Final = 2.0 * 1.6448536269514722
"""Standard deviations in a 90 % interval of a normal."""
_SURE: Final = 1e-9
"""How near to 0 or 1 the ends of an interval are taken to be at most, so that their logits are finite."""

_skills_of = lru_cache(4096)(Skills)
"""One object for the same skills, so that models find their cached codes."""


def estimate_of(mastery: Mastery, k: int) -> Estimate:
    """What the posterior of the k-th skill says to a mastery rule.

    Ability is the logit of expected success on the skill's typical item, a normal with that 90 % interval; recall is that success
    itself, as of the moment that the posterior is of; when it will fall is not foretold.

    >>> import numpy as np
    >>> one = Mastery(("fractions",), np.array([0.9]), np.array([0.85]), np.array([0.75]), np.array([0.92]))
    >>> said = estimate_of(one, 0)
    >>> round(said.ability.mean, 2), round(said.ability.sd, 2), said.recall.p
    (1.77, 0.41, 0.85)
    """
    low, high = float(mastery.low[k]), float(mastery.high[k])
    below, above = (float(logit(min(max(end, _SURE), 1.0 - _SURE))) for end in (low, high))
    ability = Ability((below + above) / 2.0, max((above - below) / _WIDTH_90, _SURE))
    return Estimate(float(mastery.p_mastered[k]), (low, high), ability, Recall(float(mastery.expected_success[k])))


@dataclass(frozen=True, slots=True, eq=False)
class Awarding(Generic[StateT]):
    """A mastery rule over the skills of a catalogue, fed by a model's estimates. Holds no learner."""

    rule: MasteryRule[Any]  # Any: what a rule remembers is its own
    model: LearnerModel[StateT]
    family_of: Mapping[str, str | None]
    n_families: Mapping[str, int]

    @classmethod
    def of(cls, rule: MasteryRule[Any], model: LearnerModel[StateT], catalog: Catalog) -> Awarding[StateT]:
        """The rule over this catalogue."""
        pairs = {(skill_id, item.family_id) for item in catalog.items if item.family_id for skill_id in item.skill_ids}
        return cls(rule, model, {item.item_id: item.family_id for item in catalog.items}, Counter(skill_id for skill_id, _ in pairs))

    def after(self, standings: Standings, attempt: Attempt, state: StateT) -> Standings:
        """The standings after one more attempt, `state` being the model's after it. What is no evidence moves none."""
        if not attempt.is_evidence:
            return standings
        mastery = self.model.mastery(state, _skills_of(attempt.skill_ids), attempt.occurred_at)
        return standings.update(
            {skill_id: self._after(standings, attempt, skill_id, estimate_of(mastery, k)) for k, skill_id in enumerate(attempt.skill_ids)}
        )

    def level(self, standings: Standings, skill_id: str) -> str:
        """The level now; the lowest where the skill was never practised."""
        kept = standings.get(skill_id)
        return self.rule.levels[0] if kept is None else str(kept["level"]["value"])

    def standing(self, standings: Standings, skill_id: str) -> Standing[Any]:  # Any: what the rule remembers
        """Where the learner stands on the skill; at the start where it was never practised."""
        kept = standings.get(skill_id)
        return self.rule.start() if kept is None else self.rule.from_json({**kept, "version": self.rule.version})

    def as_of(self, standings: Standings, skill_id: str, estimate: Estimate, at: datetime) -> Standing[Any]:  # Any: as standing
        """Where the learner stands, with the review that the estimate of that time calls for."""
        return self.rule.as_of(self.standing(standings, skill_id), estimate, at)

    def _after(self, standings: Standings, attempt: Attempt, skill_id: str, estimate: Estimate) -> Mapping[str, Any]:  # Any: JSON values
        evidence = Evidence(
            attempt,
            occasion_of(attempt.mode),
            estimate,
            family_id=self.family_of.get(attempt.item_id),
            n_families=self.n_families.get(skill_id, 0),
        )
        document = self.rule.as_json(self.rule.after(self.standing(standings, skill_id), evidence))
        del document["version"]  # that of the rule, which a snapshot names once for all
        return document
