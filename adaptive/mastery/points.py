"""Points that rise by right answers and fall by wrong ones; learned at five, mastered only by a later check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from adaptive.mastery.bounds import check, whole
from adaptive.mastery.evidence import Evidence, Occasion
from adaptive.mastery.rule import MASTERED, NOT_STARTED, PRACTISING, MasteryRule, last
from adaptive.mastery.standing import Review, Standing

__all__ = ["Points", "PointsMemory"]

LEARNED: Final = "learned"


@dataclass(frozen=True, slots=True)
class PointsMemory:
    """Whether the last answer was right, and the newest right answers."""

    was_right: bool = False
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Points(MasteryRule[PointsMemory]):
    """`right` points for a right answer, `right_again` for one right after another right one, `wrong` off for a wrong one, never below 0.

    Learned at `learned_at`; mastered by a right answer to a later check. ALEKS user guides: +1, +2 for two in a row without
    the explanation, -1, floor 0, five. Points stop moving once it is learned: three right in a row get there, and
    one slip before costs a point and the row. A missed check takes nothing away: the check stays due.

    >>> from adaptive.domain import Attempt
    >>> from adaptive.mastery import stand
    >>> marks = {"a1": 1.0, "a2": 1.0, "a3": 0.0, "a4": 1.0}
    >>> history = [Evidence(Attempt(name, "ann", name, ("fractions",), correct=mark)) for name, mark in marks.items()]
    >>> stand(Points(), history).points
    3
    """

    name: ClassVar[str] = "points"
    summary: ClassVar[str] = "points up and down, learned at 5, mastered by a later check"

    right: int = 1
    right_again: int = 2
    wrong: int = 1
    learned_at: int = 5

    def __post_init__(self) -> None:
        least = {"right": 1, "right_again": 1, "wrong": 0, "learned_at": 1}
        check(self.name, [whole(name, getattr(self, name), least=n) for name, n in least.items()])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, learned, mastered."""
        return (NOT_STARTED, PRACTISING, LEARNED, MASTERED)

    def blank(self) -> PointsMemory:
        """No answers."""
        return PointsMemory()

    def counted(self, standing: Standing[PointsMemory], evidence: Evidence) -> Standing[PointsMemory]:
        """Points until it is learned; then only checks."""
        if standing.level.value == LEARNED:
            return self._checked(standing, evidence) if evidence.occasion is Occasion.CHECK else standing
        return standing if standing.finished else self._practised(standing, evidence)

    def _practised(self, standing: Standing[PointsMemory], evidence: Evidence) -> Standing[PointsMemory]:
        gain = (self.right_again if standing.memory.was_right else self.right) if evidence.is_right else -self.wrong
        points = max(0, standing.points + gain)
        ids = last(standing.memory.ids, evidence, self.learned_at) if evidence.is_right else standing.memory.ids
        memory, reason = PointsMemory(evidence.is_right, ids), f"{points} points of {self.learned_at}."
        now = replace(self.started(standing, evidence), points=points, memory=memory, reason=reason)
        if points < self.learned_at:
            return now
        now = self.moved(now, LEARNED, evidence, ids, f"{reason} A later check makes it mastered.")
        return replace(now, review=Review(evidence.at, "A check is due to call it mastered."), asks=Occasion.CHECK)

    def _checked(self, standing: Standing[PointsMemory], evidence: Evidence) -> Standing[PointsMemory]:
        if not evidence.is_right:
            reason = "The check was missed: it stays learned, and the check stays due."
            return replace(standing, reason=reason, review=Review(evidence.at, "The check was missed."))
        now = self.moved(standing, MASTERED, evidence, (evidence.evidence_id,), "A later check was passed.")
        return replace(now, review=None, asks=None, finished=True)
