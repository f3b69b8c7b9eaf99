"""Mastery towards a goal, with a bound on effort: complete by work is a status of its own, and can be upgraded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from adaptive.domain import PROMOTE_AT
from adaptive.errors import InvalidInput, Problem
from adaptive.mastery.bounds import check, share, whole
from adaptive.mastery.evidence import Evidence, required
from adaptive.mastery.rule import MASTERED, NOT_STARTED, PRACTISING, MasteryRule, last
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import n_of, percent

__all__ = ["COMPLETE_MAX_WORK", "GoalMastery", "GoalMemory", "GoalStatus"]

COMPLETE_MAX_WORK: Final = "complete_max_work"


@dataclass(frozen=True, slots=True)
class GoalMemory:
    """How many answers counted, and the ids of the newest `min_attempts_per_skill`."""

    n_attempts: int = 0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalStatus:
    """Of a goal over several skills: `in_progress`, `complete_max_work` or `mastered`, its answers, and the skills not mastered."""

    value: str
    n_attempts: int
    unmet_skill_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoalMastery(MasteryRule[GoalMemory]):
    """Mastered at P(mastered) >= `min_p_mastery` after `min_attempts_per_skill` answers; complete by work after `max_attempts_on_goal`.

    Knewton API, flexible completion criteria. Complete by work is finished, says so, and is upgraded where mastery comes
    later; nothing lowers either. `status` joins the skills of a goal; a single skill's standing counts its own answers.

    >>> GoalMastery(min_p_mastery=0.9, max_attempts_on_goal=2)
    Traceback (most recent call last):
    adaptive.errors.InvalidInput: mastery rule 'goal' has 1 problem:
      max_attempts_on_goal: must be a whole number, at least 3. Got '2'; write such a number.
    """

    name: ClassVar[str] = "goal"
    summary: ClassVar[str] = "the estimate over a threshold, or complete by work after a number of answers"

    min_p_mastery: float = PROMOTE_AT
    min_attempts_per_skill: int = 3
    max_attempts_on_goal: int = 25

    def __post_init__(self) -> None:
        least = whole("min_attempts_per_skill", self.min_attempts_per_skill, least=1)
        most = whole("max_attempts_on_goal", self.max_attempts_on_goal, least=1 if least else self.min_attempts_per_skill)
        check(self.name, [share("min_p_mastery", self.min_p_mastery), least, most])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, complete by work, mastered."""
        return (NOT_STARTED, PRACTISING, COMPLETE_MAX_WORK, MASTERED)

    def blank(self) -> GoalMemory:
        """No answers."""
        return GoalMemory()

    def counted(self, standing: Standing[GoalMemory], evidence: Evidence) -> Standing[GoalMemory]:
        """One more answer; mastery where the estimate gives it, else complete where the work is done."""
        if standing.level.value == MASTERED:
            return standing
        p = required(evidence.estimate.p_mastered, evidence, rule=self.name, field="estimate.p_mastered")
        memory = GoalMemory(standing.memory.n_attempts + 1, last(standing.memory.ids, evidence, self.min_attempts_per_skill))
        n = memory.n_attempts
        reached = f"The estimate is {percent(p)} after {n_of(n, 'answer')}"
        now = replace(self.started(standing, evidence), memory=memory)
        if p >= self.min_p_mastery and n >= self.min_attempts_per_skill:
            reason = f"{reached}; {percent(self.min_p_mastery)} is asked."
            return replace(self.moved(now, MASTERED, evidence, memory.ids, reason), asks=None, finished=True)
        if n >= self.max_attempts_on_goal and now.level.value != COMPLETE_MAX_WORK:
            reason = f"{reached}: complete by work, not by mastery. More practice can still make it mastered."
            return replace(self.moved(now, COMPLETE_MAX_WORK, evidence, memory.ids, reason), asks=None, finished=True)
        if now.finished:
            return now
        asked = f"{percent(self.min_p_mastery)} after at least {n_of(self.min_attempts_per_skill, 'answer')} is asked"
        return replace(now, reason=f"{reached}; {asked}.")

    def status(self, standings: Mapping[str, Standing[GoalMemory]], *, n_attempts: int | None = None) -> GoalStatus:
        """Of the whole goal: mastered where every skill is, complete by work where its answers reach the most.

        `n_attempts` are the answers on the goal, None for the sum over skills, which counts an answer on two of them twice.
        The order of skills does not matter. Raises InvalidInput without skills.

        >>> rule = GoalMastery()
        >>> rule.status({"fractions": rule.start(), "ratios": rule.start()})
        GoalStatus(value='in_progress', n_attempts=0, unmet_skill_ids=('fractions', 'ratios'))
        """
        if not standings:
            raise InvalidInput("goal", [Problem("standings", "a goal has at least one skill", "none", "hand in one for each skill")])
        n = sum(standing.memory.n_attempts for standing in standings.values()) if n_attempts is None else n_attempts
        unmet = tuple(sorted(skill_id for skill_id, standing in standings.items() if standing.level.value != MASTERED))
        if not unmet:
            return GoalStatus(MASTERED, n, unmet)
        return GoalStatus(COMPLETE_MAX_WORK if n >= self.max_attempts_on_goal else "in_progress", n, unmet)
