"""Mastered and still recalled: the level, and the day from which a review is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from adaptive.domain import PROMOTE_AT
from adaptive.mastery.bounds import check, share
from adaptive.mastery.estimates import Estimate, Recall
from adaptive.mastery.evidence import Evidence, required
from adaptive.mastery.rule import NOT_STARTED, PRACTISING, MasteryRule
from adaptive.mastery.standing import Review, Standing
from adaptive.mastery.wording import percent

__all__ = ["Retention", "RetentionMemory"]

RETAINED: Final = "retained"


@dataclass(frozen=True, slots=True)
class RetentionMemory:
    """Nothing is remembered: the estimate holds all that the rule reads."""


@dataclass(frozen=True, slots=True)
class Retention(MasteryRule[RetentionMemory]):
    """Retained where P(mastered) >= `min_p_mastery` and P(recall) >= `min_p_recall`; a review is due once recall falls below.

    FSRS schedules by the same bar, .9. The level stays when recall fades: a fading memory needs a review, it has not unlearnt.
    `Recall.until` gives the date of the review; `as_of` sets it from an estimate between attempts.

    >>> from datetime import UTC
    >>> from adaptive.domain import Attempt
    >>> until = datetime(2026, 4, 1, tzinfo=UTC)
    >>> known = Estimate(p_mastered=0.97, recall=Recall(0.99, until))
    >>> rule = Retention()
    >>> standing = rule.after(rule.start(), Evidence(Attempt("a1", "ann", "q7", ("fractions",), correct=1.0), estimate=known))
    >>> standing.level.value, standing.review_due_at == until
    ('retained', True)
    """

    name: ClassVar[str] = "retention"
    summary: ClassVar[str] = "mastered, and P(recall) at least .9; a review when it falls below"

    min_p_mastery: float = PROMOTE_AT
    min_p_recall: float = 0.9

    def __post_init__(self) -> None:
        check(self.name, [share(name, getattr(self, name)) for name in ("min_p_mastery", "min_p_recall")])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, retained."""
        return (NOT_STARTED, PRACTISING, RETAINED)

    def blank(self) -> RetentionMemory:
        """Nothing."""
        return RetentionMemory()

    def counted(self, standing: Standing[RetentionMemory], evidence: Evidence) -> Standing[RetentionMemory]:
        """The level where both are reached, and the next review."""
        p = required(evidence.estimate.p_mastered, evidence, rule=self.name, field="estimate.p_mastered")
        recall = required(evidence.estimate.recall, evidence, rule=self.name, field="estimate.recall")
        now = self.started(standing, evidence)
        if not now.finished:
            reason = f"The estimate is {percent(p)} and recall {percent(recall.p)}; "
            reason += f"{percent(self.min_p_mastery)} and {percent(self.min_p_recall)} are asked."
            if p < self.min_p_mastery or recall.p < self.min_p_recall:
                return replace(now, reason=reason)
            now = replace(self.moved(now, RETAINED, evidence, (evidence.evidence_id,), reason), asks=None, finished=True)
        return self._with_review(now, recall, evidence.at)

    def as_of(self, standing: Standing[RetentionMemory], estimate: Estimate, at: datetime | None) -> Standing[RetentionMemory]:
        """The standing with its review set by recall as it is at that time."""
        if not standing.finished or estimate.recall is None:
            return standing
        return self._with_review(standing, estimate.recall, at)

    def _with_review(self, standing: Standing[RetentionMemory], recall: Recall, at: datetime | None) -> Standing[RetentionMemory]:
        if recall.p >= self.min_p_recall:
            why = f"Recall is foretold to fall below {percent(self.min_p_recall)} then."
            return replace(standing, review=None if recall.until is None else Review(recall.until, why))
        if standing.review is not None and standing.review.due_at is not None and at is not None and standing.review.due_at <= at:
            return standing  # it was due before, and still is
        return replace(standing, review=Review(at, f"Recall has fallen to {percent(recall.p)}."))
