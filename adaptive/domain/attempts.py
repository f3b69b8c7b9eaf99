"""Attempts: the only truth about a learner from which everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from math import isfinite

from adaptive.errors import InvalidInput, Problem

__all__ = ["Attempt"]

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One learner meeting one item once.

    `correct` is the score in [0, 1], None only for a `study` row (exposure without an answer). `occurred_at` is an
    aware datetime, kept in UTC, or None where the source has no times: elapsed time is then unknown, not zero. `sequence` breaks
    ties of time. `recommendation_id` is the decision that it followed, `session_id` and `mode` say where it was made, and
    `dont_know` that the learner said so instead of answering: they are kept with the attempt for evaluation, and mean
    nothing to models. Raises InvalidInput where a value breaks a rule.

    >>> Attempt("a1", "ann", "q7", ("fractions",), correct=1.0).is_evidence
    True
    """

    attempt_id: str
    learner_id: str
    item_id: str
    skill_ids: tuple[str, ...]
    correct: float | None
    occurred_at: datetime | None = None
    sequence: int = 0
    study: bool = False
    attempt_number: int | None = None
    hints_used: int | None = None
    response_ms: int | None = None
    recommendation_id: str | None = None
    mode: str | None = None
    session_id: str | None = None
    dont_know: bool = False

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise InvalidInput(f"attempt {self.attempt_id!r}", problems)
        if self.occurred_at is not None:
            object.__setattr__(self, "occurred_at", self.occurred_at.astimezone(UTC))  # one spelling of one moment

    def _problems(self) -> list[Problem]:
        ids = {"attempt_id": self.attempt_id, "learner_id": self.learner_id, "item_id": self.item_id}
        found = [Problem(name, "an id must not be empty", value, "give each row its id") for name, value in ids.items() if not value]
        if self.correct is None and not self.study:
            found.append(Problem("correct", "only a study row may lack an answer", "", "set study to 1 or give the score"))
        if self.correct is not None and not (isfinite(self.correct) and 0.0 <= self.correct <= 1.0):
            found.append(Problem("correct", "a score lies in [0, 1]", str(self.correct), "rescale the score"))
        if self.dont_know and (self.correct != 0.0 or self.study):
            found.append(
                Problem("dont_know", "who does not know gets no points", str(self.correct), "set correct to 0, or dont_know to false")
            )
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            found.append(Problem("occurred_at", "times carry an offset", str(self.occurred_at), "append Z for UTC"))
        if self.occurred_at is not None and self.occurred_at.year in {MINYEAR, MAXYEAR}:
            found.append(Problem("occurred_at", "times lie within the years 2 to 9998", str(self.occurred_at), "correct the year"))
        if len(set(self.skill_ids)) != len(self.skill_ids):
            found.append(Problem("skill_ids", "skills are named once", ";".join(self.skill_ids), "remove the repeat"))
        return found

    @property
    def is_evidence(self) -> bool:
        """Whether the answer is unaided and first: scored in evaluation, and evidence to every model.

        A study row, a hinted answer or a later try at the same presentation is exposure, not evidence.
        """
        return self.correct is not None and not self.study and not self.hints_used and (self.attempt_number or 1) <= 1

    @property
    def order_key(self) -> tuple[datetime, int, str]:
        """Place in the learner's history: by time, then sequence, then id (attempts without a time come first)."""
        return (self.occurred_at or _BEFORE_ALL, self.sequence, self.attempt_id)
