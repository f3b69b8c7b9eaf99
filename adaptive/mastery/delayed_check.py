"""Mastery by a check some days after practice: what is left when the practice is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final

from adaptive.mastery.bounds import check, duration, whole
from adaptive.mastery.evidence import Evidence, Occasion
from adaptive.mastery.rule import MASTERED, NOT_STARTED, PRACTISING, MasteryRule, last
from adaptive.mastery.standing import Review, Standing
from adaptive.mastery.wording import hours, n_of

__all__ = ["DelayedCheck", "DelayedCheckMemory"]

READY: Final = "check ready"


@dataclass(frozen=True, slots=True)
class DelayedCheckMemory:
    """Right answers in a row of practice, or those of the check that is under way; `waiting` says which."""

    ids: tuple[str, ...] = ()
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class DelayedCheck(MasteryRule[DelayedCheckMemory]):
    """Mastered by `n_questions` check questions, all right, at least `delay` after the practice was done.

    ScootPad: 48 hours, 3 questions, all right; a missed check sends back to practice. The practice is done by `n_practised` right
    in a row (ours: the source leaves that to its practice). Checks before their time are not counted, nor is further practice.
    One slip in a check costs the check, never the level "check ready". Without times no check comes due.

    >>> from datetime import UTC, datetime
    >>> from adaptive.domain import Attempt
    >>> from adaptive.mastery import stand
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> history = [Evidence(Attempt(f"a{n}", "ann", f"q{n}", ("fractions",), correct=1.0, occurred_at=at)) for n in range(3)]
    >>> stand(DelayedCheck(), history).review
    Review(due_at=datetime.datetime(2026, 3, 4, 9, 0, tzinfo=datetime.timezone.utc), reason='48 hours after practice 3 questions check it.')
    """

    name: ClassVar[str] = "delayed_check"
    summary: ClassVar[str] = "after 48 hours 3 questions, all right"

    delay: timedelta = timedelta(hours=48)
    n_questions: int = 3
    n_practised: int = 3

    def __post_init__(self) -> None:
        counts = [whole(name, getattr(self, name), least=1) for name in ("n_questions", "n_practised")]
        check(self.name, [duration("delay", self.delay), *counts])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, check ready, mastered."""
        return (NOT_STARTED, PRACTISING, READY, MASTERED)

    def blank(self) -> DelayedCheckMemory:
        """No answers."""
        return DelayedCheckMemory()

    def counted(self, standing: Standing[DelayedCheckMemory], evidence: Evidence) -> Standing[DelayedCheckMemory]:
        """Practice until the row is there; then only checks that are due."""
        if standing.finished:
            return standing
        if not standing.memory.waiting:
            return self._practised(standing, evidence)
        is_due = evidence.at is not None and standing.review is not None and standing.needs_review(evidence.at)
        return self._checked(standing, evidence) if is_due and evidence.occasion is Occasion.CHECK else standing

    def _practised(self, standing: Standing[DelayedCheckMemory], evidence: Evidence) -> Standing[DelayedCheckMemory]:
        ids = last(standing.memory.ids, evidence, self.n_practised) if evidence.is_right else ()
        reason = f"{len(ids)} right in a row; {self.n_practised} end the practice."
        now = replace(self.started(standing, evidence), memory=DelayedCheckMemory(ids), reason=reason)
        if len(ids) < self.n_practised:
            return now
        why = f"{hours(self.delay)} after practice {n_of(self.n_questions, 'question')} check it."
        if standing.level.value != READY:
            now = self.moved(now, READY, evidence, ids, f"The practice is done. {why}")
        review = None if evidence.at is None else Review(evidence.at + self.delay, why)  # without times none comes due
        return replace(now, memory=DelayedCheckMemory(waiting=True), review=review, reason=why, asks=Occasion.CHECK)

    def _checked(self, standing: Standing[DelayedCheckMemory], evidence: Evidence) -> Standing[DelayedCheckMemory]:
        if not evidence.is_right:
            reason = f"The check was missed: {self.n_practised} right in a row, then a new check. The level stays."
            now = replace(standing, memory=DelayedCheckMemory(), reason=reason, asks=Occasion.PRACTICE)
            return replace(now, review=Review(evidence.at, "The check was missed."))
        ids = last(standing.memory.ids, evidence, self.n_questions)
        if len(ids) < self.n_questions:
            reason = f"{len(ids)} of {self.n_questions} right in the check."
            return replace(standing, memory=DelayedCheckMemory(ids, waiting=True), reason=reason)
        now = self.moved(standing, MASTERED, evidence, ids, f"All {self.n_questions} right, {hours(self.delay)} or more after practice.")
        return replace(now, review=None, asks=None, finished=True)
