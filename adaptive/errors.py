"""One tree of errors. Each message names the thing, the rule and the value, then the way out.

`slug` is the stable name that the HTTP layer puts into problem+json; the command line prints the message and
leaves with code 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "AdaptiveError",
    "AttemptConflict",
    "ConstraintInfeasible",
    "InvalidInput",
    "ModelUnavailable",
    "Problem",
    "RecordConflict",
    "StorageUnavailable",
    "ThinLog",
    "UnknownItem",
    "UnknownLearner",
    "UnknownName",
    "UnknownRecord",
    "UnknownSkill",
    "unknown_name",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where (row, file or field), which rule, the value found, and the way out.

    >>> str(Problem(where="row 3", rule="correct must be 0, 1 or a fraction in [0, 1]", value="yes", way_out="write 1"))
    "row 3: correct must be 0, 1 or a fraction in [0, 1]. Got 'yes'; write 1."
    """

    where: str
    rule: str
    value: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}. Got {self.value!r}; {self.way_out}."


class AdaptiveError(Exception):
    """Root of every error that this package raises on purpose."""

    slug: ClassVar[str] = "internal_error"


class InvalidInput(AdaptiveError):
    """Input that breaks a rule; `problems` lists all of them, not only the first.

    >>> error = InvalidInput("items.csv", [Problem("row 2", "item_id must be unique", "q1", "rename one")])
    >>> print(error)
    items.csv has 1 problem:
      row 2: item_id must be unique. Got 'q1'; rename one.
    """

    slug = "validation_error"

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'' if len(self.problems) == 1 else 's'}"
        super().__init__("\n  ".join([f"{subject} has {count}:", *map(str, self.problems)]))


class UnknownName(AdaptiveError):
    """A name that no registry knows (a model, a format, a policy); the message lists the known ones."""

    slug = "validation_error"


class UnknownItem(AdaptiveError):
    """An item id that the catalogue does not hold."""

    slug = "unknown_item"


class UnknownSkill(AdaptiveError):
    """A skill id that the catalogue does not hold."""

    slug = "unknown_skill"


class UnknownLearner(AdaptiveError):
    """A learner id without any attempt, placement or record in this tenant."""

    slug = "unknown_learner"


class UnknownRecord(AdaptiveError):
    """A recommendation, placement or plan id that this tenant does not hold."""

    slug = "not_found"


class AttemptConflict(AdaptiveError):
    """The same attempt id came twice with different content."""

    slug = "attempt_conflict"


class RecordConflict(InvalidInput):
    """A record that never changes (a placement, a decision, a plan, a stored answer) came again with other content."""


class ThinLog(InvalidInput):
    """A log that tells too little of what is asked for an honest answer; the problems say what is missing."""


class ConstraintInfeasible(AdaptiveError):
    """No answer satisfies all constraints; the message names those that block."""

    slug = "constraint_infeasible"


class ModelUnavailable(AdaptiveError):
    """A fitted model cannot be found, read or trusted."""

    slug = "model_unavailable"


class StorageUnavailable(AdaptiveError):
    """The database cannot be opened, read or written. Nothing was applied."""

    slug = "storage_unavailable"


def unknown_name(kind: str, name: str, known: Iterable[str], *, way_out: str = "use one of the known names") -> UnknownName:
    """The error for a name that a registry misses.

    >>> print(unknown_name("model", "dkt", ["bkt", "logistic"]))
    Unknown model 'dkt'. Known: bkt, logistic; use one of the known names.
    """
    return UnknownName(f"Unknown {kind} {name!r}. Known: {', '.join(sorted(known))}; {way_out}.")
