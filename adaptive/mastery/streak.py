"""Mastery by n right in a row, or m of the last n; with a daily stop and rechecks, the ASSISTments skill builder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Final

from adaptive.errors import Problem
from adaptive.mastery.bounds import check, duration, whole
from adaptive.mastery.evidence import Evidence, Occasion
from adaptive.mastery.rule import MASTERED, NOT_STARTED, PRACTISING, MasteryRule
from adaptive.mastery.standing import Review, Standing
from adaptive.mastery.wording import days, n_of

__all__ = ["SKILL_BUILDER", "Streak", "StreakMemory"]

RETAINED: Final = "retained"
_ROWS: Final = (2, 3, 5, 10)
"""Kolibri's mastery models num_correct_in_a_row_2, 3, 5 and 10; any other is written as m_of_n."""


@dataclass(frozen=True, slots=True)
class StreakMemory:
    """The newest answers (id, right) that still count, the day and how many it had, rechecks passed, and whether the row is due anew."""

    row: tuple[tuple[str, bool], ...] = ()
    day: date | None = None
    n_on_day: int = 0
    passed: tuple[str, ...] = ()
    relearning: bool = False


@dataclass(frozen=True, slots=True)
class Streak(MasteryRule[StreakMemory]):
    """Mastered after `in_a_row` right in a row (2, 3, 5 or 10), or, where `m_of_n` is given, m right of the last n (Kolibri).

    `daily_stop` answers on the skill in one day without getting there end it for the day: further ones of that day move nothing.
    `recheck_after` mastery, and each pass, one question as a check is due; `n_rechecks` passes make it retained. A missed
    recheck takes nothing away, but the row must be made again before the next. Source of these three: ASSISTments skill
    builder with automatic reassessment and relearning, 10 a day, 7 days, 4 passes: `SKILL_BUILDER`.

    >>> Streak(in_a_row=4)
    Traceback (most recent call last):
    adaptive.errors.InvalidInput: mastery rule 'streak' has 1 problem:
      in_a_row: must be one of 2, 3, 5, 10. Got '4'; use one of these, or write 4 of 4 as m_of_n.
    >>> Streak(m_of_n=(4, 5)).levels
    ('not started', 'practising', 'mastered')
    """

    name: ClassVar[str] = "streak"
    summary: ClassVar[str] = "n right in a row, or m of the last n; rechecks where wanted"

    in_a_row: int = 3
    m_of_n: tuple[int, int] | None = None
    daily_stop: int | None = None
    recheck_after: timedelta | None = None
    n_rechecks: int = 0

    def __post_init__(self) -> None:
        check(self.name, [self._row_problem(), self._m_of_n_problem(), *self._recheck_problems()])
        if self.daily_stop is not None:
            check(self.name, [whole("daily_stop", self.daily_stop, least=self._wanted[0])])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, mastered, and retained where there are rechecks."""
        return (NOT_STARTED, PRACTISING, MASTERED, *((RETAINED,) if self.n_rechecks else ()))

    def blank(self) -> StreakMemory:
        """No answers."""
        return StreakMemory()

    def counted(self, standing: Standing[StreakMemory], evidence: Evidence) -> Standing[StreakMemory]:
        """Practice until the row is there; then only rechecks that are due."""
        if standing.level.value != MASTERED or standing.memory.relearning:
            return standing if standing.finished else self._practised(standing, evidence)
        is_due = evidence.at is not None and standing.review is not None and standing.needs_review(evidence.at)
        return self._rechecked(standing, evidence) if is_due and evidence.occasion is Occasion.CHECK else standing

    def _practised(self, standing: Standing[StreakMemory], evidence: Evidence) -> Standing[StreakMemory]:
        memory = standing.memory
        n_before = memory.n_on_day if memory.day is not None and memory.day == evidence.day else 0
        if self.daily_stop is not None and n_before >= self.daily_stop:
            return standing
        m, n = self._wanted
        kept = memory.row if evidence.is_right or self.m_of_n else ()  # a slip ends a row; of the last n it is one
        row = (*kept, (evidence.evidence_id, evidence.is_right))[-n:]
        memory = replace(memory, row=row, day=evidence.day, n_on_day=n_before + 1)
        n_right = sum(right for _, right in row)
        now = replace(self.started(standing, evidence), memory=memory, points=n_right, stopped_on=None)
        if n_right >= m:
            return self._row_made(now, evidence)
        now = replace(now, reason=self._missing(n_right))
        return self._stopped(now) if memory.n_on_day == self.daily_stop and memory.day is not None else now

    def _row_made(self, standing: Standing[StreakMemory], evidence: Evidence) -> Standing[StreakMemory]:
        reason = self._made
        if standing.memory.relearning:
            now = replace(standing, reason=f"{reason} The recheck that was missed is made good.")
        else:
            ids = tuple(attempt_id for attempt_id, right in standing.memory.row if right)
            now = self.moved(standing, MASTERED, evidence, ids, reason)
        now = replace(now, memory=replace(now.memory, row=(), relearning=False))
        return self._recheck_set(now, evidence) if self.n_rechecks else replace(now, asks=None, finished=True)

    def _rechecked(self, standing: Standing[StreakMemory], evidence: Evidence) -> Standing[StreakMemory]:
        if not evidence.is_right:
            memory = replace(standing.memory, row=(), relearning=True)
            reason = f"A recheck was missed: {self._asked} make it good. The level stays."
            review = Review(evidence.at, "A recheck was missed.")
            return replace(standing, memory=memory, points=0, reason=reason, review=review, asks=Occasion.PRACTICE)
        passed = (*standing.memory.passed, evidence.evidence_id)
        reason = f"{n_of(len(passed), 'recheck')} of {self.n_rechecks} passed."
        now = replace(standing, memory=replace(standing.memory, passed=passed), reason=reason)
        if len(passed) < self.n_rechecks:
            return self._recheck_set(now, evidence)
        return replace(self.moved(now, RETAINED, evidence, passed, reason), review=None, asks=None, finished=True)

    def _recheck_set(self, standing: Standing[StreakMemory], evidence: Evidence) -> Standing[StreakMemory]:
        """The date of the next recheck; none where the source has no times, as elapsed time is then unknown."""
        if evidence.at is None or self.recheck_after is None:
            return replace(standing, review=None, asks=Occasion.CHECK)
        why = f"{days(self.recheck_after)} after the last time that it was shown, one question checks it."
        return replace(standing, review=Review(evidence.at + self.recheck_after, why), asks=Occasion.CHECK)

    def _stopped(self, standing: Standing[StreakMemory]) -> Standing[StreakMemory]:
        reason = f"{standing.reason} {n_of(standing.memory.n_on_day, 'answer')} today are enough: go on another day, with help."
        return replace(standing, reason=reason, stopped_on=standing.memory.day)

    @property
    def _wanted(self) -> tuple[int, int]:
        return self.m_of_n or (self.in_a_row, self.in_a_row)

    @property
    def _asked(self) -> str:
        return f"{self._wanted[0]} right of the last {self._wanted[1]}" if self.m_of_n else f"{self.in_a_row} right in a row"

    @property
    def _made(self) -> str:
        return f"{self._asked}, unaided."

    def _missing(self, n_right: int) -> str:
        return f"{n_right} right so far; {self._asked} are asked."

    def _row_problem(self) -> Problem | None:
        if self.in_a_row in _ROWS:
            return None
        way_out = f"use one of these, or write {self.in_a_row} of {self.in_a_row} as m_of_n"
        return Problem("in_a_row", f"must be one of {', '.join(map(str, _ROWS))}", str(self.in_a_row), way_out)

    def _m_of_n_problem(self) -> Problem | None:
        if self.m_of_n is None:
            return None
        m, n = self.m_of_n
        if whole("m", m, least=1) is None and whole("n", n, least=m) is None:
            return None
        return Problem("m_of_n", "must be two whole numbers, 1 <= m <= n", str(self.m_of_n), "write 4 of 5 as (4, 5)")

    def _recheck_problems(self) -> list[Problem | None]:
        found = [whole("n_rechecks", self.n_rechecks, least=0)]
        if self.recheck_after is not None:
            found.append(duration("recheck_after", self.recheck_after))
        if (self.recheck_after is None) != (self.n_rechecks == 0):
            rule = "rechecks have a number and a time together"
            found.append(Problem("recheck_after", rule, f"{self.recheck_after}, n_rechecks {self.n_rechecks}", "set both or neither"))
        return found


SKILL_BUILDER: Final = Streak(in_a_row=3, daily_stop=10, recheck_after=timedelta(days=7), n_rechecks=4)
"""ASSISTments: 3 unaided in a row, stop after 10 a day, recheck after 7 days, done after 4 passes."""
