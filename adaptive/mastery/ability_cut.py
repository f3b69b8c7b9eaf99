"""Mastery where ability is surely above a cut, as adaptive tests decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import ClassVar, Final

from adaptive.domain import MASTERED_AT
from adaptive.mastery.bounds import check, number, share
from adaptive.mastery.estimates import Ability, Estimate
from adaptive.mastery.evidence import Evidence, required
from adaptive.mastery.rule import NOT_STARTED, PRACTISING, MasteryRule
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import percent

__all__ = ["AbilityCut", "AbilityCutMemory"]

ABOVE: Final = "above the cut"


@dataclass(frozen=True, slots=True)
class AbilityCutMemory:
    """Nothing is remembered: the estimate holds all that the rule reads."""


@dataclass(frozen=True, slots=True)
class AbilityCut(MasteryRule[AbilityCutMemory]):
    """Above the cut where the lower bound of ability is, or, with `min_p_above`, where P(ability > cut) reaches it.

    `cut` is in logits of expected success on the skill's typical item, logit(MASTERED_AT) = 1.386 by default. The bound is
    the lower end of the 90 % interval; for a normal posterior that is P(above) = .95, the usual `min_p_above` (adaptive testing
    practice, Weiss & Kingsbury 1984). The level stays; where the mean falls below the cut a review is due.

    >>> from adaptive.domain import Attempt
    >>> sure = Estimate(ability=Ability(2.0, 0.3))
    >>> rule = AbilityCut(min_p_above=0.95)
    >>> rule.after(rule.start(), Evidence(Attempt("a1", "ann", "q7", ("fractions",), correct=1.0), estimate=sure)).reason
    'Ability is above the cut with 97 %; 95 % is asked.'
    """

    name: ClassVar[str] = "ability_cut"
    summary: ClassVar[str] = "ability surely above a cut: its lower bound, or P(above) at least .95"

    cut: float = log(MASTERED_AT / (1.0 - MASTERED_AT))
    min_p_above: float | None = None

    def __post_init__(self) -> None:
        asked = None if self.min_p_above is None else share("min_p_above", self.min_p_above, above=0.5)
        check(self.name, [number("cut", self.cut), asked])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, above the cut."""
        return (NOT_STARTED, PRACTISING, ABOVE)

    def blank(self) -> AbilityCutMemory:
        """Nothing."""
        return AbilityCutMemory()

    def counted(self, standing: Standing[AbilityCutMemory], evidence: Evidence) -> Standing[AbilityCutMemory]:
        """The level where the estimate after this answer gives it."""
        ability = required(evidence.estimate.ability, evidence, rule=self.name, field="estimate.ability")
        now = self.as_of(self.started(standing, evidence), evidence.estimate, evidence.at)
        if now.finished:
            return now
        reason = self._reason(ability)
        if not self._is_above(ability):
            return replace(now, reason=reason)
        return replace(self.moved(now, ABOVE, evidence, (evidence.evidence_id,), reason), asks=None, finished=True)

    def review_needed(self, standing: Standing[AbilityCutMemory], estimate: Estimate) -> str | None:
        """Due where the mean is below the cut, done where the rule would award again."""
        if not standing.finished or estimate.ability is None:
            return None
        if self._is_above(estimate.ability):
            return ""
        below = estimate.ability.mean < self.cut
        return f"Ability has fallen to {estimate.ability.mean:.2f} logits, below the cut of {self.cut:.2f}." if below else None

    def _is_above(self, ability: Ability) -> bool:
        if self.min_p_above is None:
            return ability.lower_bound > self.cut
        return ability.p_above(self.cut) >= self.min_p_above

    def _reason(self, ability: Ability) -> str:
        if self.min_p_above is None:
            return f"Ability is at least {ability.lower_bound:.2f} logits (90 % interval); above {self.cut:.2f} is asked."
        return f"Ability is above the cut with {percent(ability.p_above(self.cut))}; {percent(self.min_p_above)} is asked."
