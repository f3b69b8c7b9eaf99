"""One attempt as a mastery rule sees it: the attempt, the occasion it was made on, and the estimate after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.mastery.estimates import Estimate

__all__ = ["OCCASION_OF_MODE", "Evidence", "Occasion", "occasion_of", "required"]

T = TypeVar("T")


class Occasion(Enum):
    """What the learner was doing. The log tells part of it (`occasion_of`); the caller knows the rest."""

    PRACTICE = "practice"
    """Practice of which no more is known."""
    EXERCISE = "exercise"
    """A set of questions on this skill alone."""
    MIXED = "mixed"
    """Practice across skills, so that the learner has to see which skill is wanted."""
    QUIZ = "quiz"
    """A quiz, unit test or course challenge over several skills."""
    CHALLENGE = "challenge"
    """A mastery challenge: 3 skills, 2 questions each."""
    CHECK = "check"
    """A check or recheck of this skill, asked for that purpose."""
    TEACHER = "teacher"
    """Entered by a teacher who saw the learner do it."""

    @property
    def is_mixed(self) -> bool:
        """Whether the skill was one of several, and the learner was not told which."""
        return self in {Occasion.MIXED, Occasion.QUIZ, Occasion.CHALLENGE}


OCCASION_OF_MODE: Final[Mapping[str, Occasion]] = MappingProxyType(
    {
        "practice": Occasion.PRACTICE,
        "placement": Occasion.MIXED,
        "quiz": Occasion.QUIZ,
        "review": Occasion.CHECK,
        "test": Occasion.QUIZ,
    }
)
"""What each `mode` of an attempt says of its occasion; a placement test is answered unaided and across skills."""


def occasion_of(mode: str | None) -> Occasion:
    """The occasion that an attempt's `mode` tells: practice where there is none. Raises UnknownName.

    >>> occasion_of("test"), occasion_of(None)
    (<Occasion.QUIZ: 'quiz'>, <Occasion.PRACTICE: 'practice'>)
    """
    if mode is None:
        return Occasion.PRACTICE
    if mode not in OCCASION_OF_MODE:
        raise unknown_name("mode of an attempt", mode, OCCASION_OF_MODE)
    return OCCASION_OF_MODE[mode]


@dataclass(frozen=True, slots=True)
class Evidence:
    """An attempt, its occasion and the estimate after it: one step of the fold of one learner on one skill.

    `family_id` is the item's family and `n_families` how many families of items the skill has (0: unknown or none). `set_size`
    is the number of questions on this skill in the exercise, quiz or challenge that the attempt belongs to (its `session_id`),
    None for the rule's own. `author` is who entered teacher's evidence. `on` is the learner's local day, None for the UTC date:
    the log has no time zone. Raises InvalidInput where teacher's evidence has no author or a count is negative.

    >>> Evidence(Attempt("a1", "ann", "q7", ("fractions",), correct=1.0)).is_right
    True
    """

    attempt: Attempt
    occasion: Occasion = Occasion.PRACTICE
    estimate: Estimate = field(default_factory=Estimate)
    family_id: str | None = None
    n_families: int = 0
    set_size: int | None = None
    author: str | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        problems = []
        if (self.occasion is Occasion.TEACHER) != bool(self.author):
            rule = "what a teacher enters names its author, and nothing else does"
            problems.append(Problem("author", rule, f"{self.occasion.value}, {self.author}", "set both or neither"))
        if self.n_families < 0:
            problems.append(Problem("n_families", "a skill has no less than 0 families", str(self.n_families), "count them"))
        if self.set_size is not None and self.set_size < 1:
            problems.append(Problem("set_size", "a set has at least 1 question", str(self.set_size), "count them, or leave it out"))
        if problems:
            raise InvalidInput(f"evidence of attempt {self.evidence_id!r}", problems)

    @property
    def evidence_id(self) -> str:
        """The attempt's id."""
        return self.attempt.attempt_id

    @property
    def counts(self) -> bool:
        """Whether it is first and unaided (`Attempt.is_evidence`); what is not moves no rule."""
        return self.attempt.is_evidence

    @property
    def is_right(self) -> bool:
        """Whether the answer got its full score; part of it is not right."""
        return self.attempt.correct == 1.0

    @property
    def at(self) -> datetime | None:
        """When, in UTC; None where the source has no times."""
        return self.attempt.occurred_at

    @property
    def day(self) -> date | None:
        """On which day; None where neither a day nor a time is known."""
        return self.on if self.on is not None or self.at is None else self.at.date()


def required(value: T | None, evidence: Evidence, *, rule: str, field: str) -> T:
    """A part of the estimate that the rule cannot do without. Raises InvalidInput where the model did not say it."""
    if value is None:
        way_out = "hand in what the model says, or choose a rule that does not need it"
        raise InvalidInput(f"evidence of attempt {evidence.evidence_id!r}", [Problem(field, f"{rule} needs it", "None", way_out)])
    return value
