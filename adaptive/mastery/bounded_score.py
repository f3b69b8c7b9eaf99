"""A score of 0 to 100 that one slip cannot wreck: five points at most, and never below a milestone reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from typing import ClassVar, Final

from adaptive.errors import Problem
from adaptive.mastery.bounds import check, whole
from adaptive.mastery.estimates import Estimate
from adaptive.mastery.evidence import Evidence, required
from adaptive.mastery.rule import NOT_STARTED, PRACTISING, MasteryRule, last
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import percent

__all__ = ["BoundedScore", "BoundedScoreMemory"]

_N_IDS: Final = 10
"""Answers named as the evidence of a milestone: the newest ones that raised the score."""
_GRAIN: Final = 1e-9
"""Below any point: 100 x 0.29 falls short of 29 in binary."""


@dataclass(frozen=True, slots=True)
class BoundedScoreMemory:
    """The newest answers that raised the score."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundedScore(MasteryRule[BoundedScoreMemory]):
    """The lower 90 % bound of expected success in per cent, falling by at most `most_down` an answer, never below a milestone reached.

    Ours, against the complaint about scores that one slip near the end sends far back. A right answer never lowers it and
    a wrong one never raises it, whatever the bound did meanwhile. Milestones are the levels; the last finishes the rule. Where the
    bound lies `most_down` below the milestone held, a review is due; no point is lost by it.

    >>> from adaptive.domain import Attempt
    >>> rule = BoundedScore()
    >>> def answer(name, mark, low):
    ...     return Evidence(Attempt(name, "ann", name, ("fractions",), correct=mark), estimate=Estimate(success=(low, 1.0)))
    >>> before = rule.after(rule.start(), answer("a1", 1.0, 0.82))
    >>> slipped = rule.after(before, answer("a2", 0.0, 0.55))
    >>> before.points, slipped.points, slipped.level.value
    (82, 80, '80')
    """

    name: ClassVar[str] = "bounded_score"
    summary: ClassVar[str] = "0 to 100, at most 5 down for one answer, never below 80 or 90 once reached"

    most_down: int = 5
    milestones: tuple[int, ...] = (80, 90)

    def __post_init__(self) -> None:
        check(self.name, [whole("most_down", self.most_down, least=0, most=100), self._milestone_problem()])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, then the milestones."""
        return (NOT_STARTED, PRACTISING, *map(str, self.milestones))

    def blank(self) -> BoundedScoreMemory:
        """No answers."""
        return BoundedScoreMemory()

    def counted(self, standing: Standing[BoundedScoreMemory], evidence: Evidence) -> Standing[BoundedScoreMemory]:
        """The score after this answer, and the milestone where it reaches one."""
        low, _ = required(evidence.estimate.success, evidence, rule=self.name, field="estimate.success")
        before, points = standing.points, self._score(standing, low, is_right=evidence.is_right)
        memory = BoundedScoreMemory(last(standing.memory.ids, evidence, _N_IDS)) if points > before else standing.memory
        now = replace(self.started(standing, evidence), points=points, memory=memory, reason=_moved_by(before, points))
        reached = [milestone for milestone in self.milestones if milestone <= points]
        if reached and self.levels.index(str(reached[-1])) > self.levels.index(now.level.value):
            now = self.moved(now, str(reached[-1]), evidence, memory.ids, f"The score has reached {reached[-1]}: it will not fall below.")
        finished = points >= self.milestones[-1]
        now = replace(now, finished=finished, asks=None if finished else now.asks)
        return self.as_of(now, evidence.estimate, evidence.at)

    def review_needed(self, standing: Standing[BoundedScoreMemory], estimate: Estimate) -> str | None:
        """Due where the bound is clearly below the milestone held, done where it is back at it."""
        held = self._held(standing)
        if not held or estimate.success is None:
            return None
        low = 100.0 * estimate.success[0]
        if low + _GRAIN >= held:
            return ""
        return (
            f"The estimate has fallen to {percent(estimate.success[0])}, the milestone is {held}." if low < held - self.most_down else None
        )

    def _score(self, standing: Standing[BoundedScoreMemory], low: float, *, is_right: bool) -> int:
        bound, before = floor(100.0 * low + _GRAIN), standing.points
        if is_right:
            return max(before, bound)
        return min(before, max(bound, before - self.most_down, self._held(standing)))

    def _held(self, standing: Standing[BoundedScoreMemory]) -> int:
        """The milestone reached, 0 before any."""
        rank = self.levels.index(standing.earned.value) - 2
        return self.milestones[rank] if rank >= 0 else 0

    def _milestone_problem(self) -> Problem | None:
        rising = all(a < b for a, b in zip(self.milestones, self.milestones[1:], strict=False))
        if self.milestones and rising and not any(whole("", milestone, least=1, most=99) for milestone in self.milestones):
            return None
        rule = "must be rising whole numbers from 1 to 99 (no bound reaches 100)"
        return Problem("milestones", rule, str(self.milestones), "write 80 and 90 as (80, 90)")


def _moved_by(before: int, points: int) -> str:
    if points == before:
        return f"The score stays at {points}."
    return f"The score {'rose' if points > before else 'fell'} from {before} to {points}."
