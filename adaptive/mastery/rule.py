"""What every mastery rule is: a frozen value that folds the evidence of one learner on one skill into a standing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from adaptive.errors import InvalidInput, Problem
from adaptive.mastery.estimates import Estimate
from adaptive.mastery.evidence import Evidence, Occasion
from adaptive.mastery.records import as_json, from_json, types_of
from adaptive.mastery.standing import Level, Review, Standing

__all__ = ["MASTERED", "NOT_STARTED", "PRACTISING", "MasteryRule", "last", "level_changes", "stand"]

MemoryT = TypeVar("MemoryT")

NOT_STARTED: Final = "not started"
PRACTISING: Final = "practising"
MASTERED: Final = "mastered"


class MasteryRule(ABC, Generic[MemoryT]):
    """A rule of mastery: chosen by name, with its parameters, passed in.

    `start` and `after` are the fold; both are pure, so replay gives the same levels, and a standing costs the same
    however long the history is. Attempts that are no evidence (retried, hinted, studied) leave the standing as it is.
    """

    __slots__ = ()

    name: ClassVar[str]
    summary: ClassVar[str]
    takes_teachers: ClassVar[bool] = False
    """Whether evidence that a teacher entered counts."""
    reads_families: ClassVar[bool] = False
    """Whether the families of items matter, so that a standing depends on the catalogue too."""

    @property
    @abstractmethod
    def levels(self) -> tuple[str, ...]:
        """The levels, lowest first."""

    @abstractmethod
    def blank(self) -> MemoryT:
        """What the rule remembers before any evidence."""

    @abstractmethod
    def counted(self, standing: Standing[MemoryT], evidence: Evidence) -> Standing[MemoryT]:
        """The standing after evidence that counts. Callers use `after`."""

    @property
    def asks_first(self) -> Occasion:
        """The occasion that a learner starts with."""
        return Occasion.PRACTICE

    @property
    def version(self) -> str:
        """The name and every parameter: standings of different versions do not mix."""
        parameters = ", ".join(f"{name}={value}" for name, value in self.parameters().items())
        return f"{self.name}({parameters})"

    def parameters(self) -> dict[str, Any]:  # Any: JSON values
        """The parameters by name, as JSON values."""
        return {name: as_json(getattr(self, name)) for name in types_of(type(self))}

    def start(self) -> Standing[MemoryT]:
        """Before any evidence."""
        nothing = Level(self.levels[0])
        return Standing(self.name, nothing, nothing, self.blank(), reason="Nothing has been tried yet.", asks=self.asks_first)

    def after(self, standing: Standing[MemoryT], evidence: Evidence) -> Standing[MemoryT]:
        """The standing after one more attempt of the same learner on the same skill. Pure.

        Raises InvalidInput where the estimate lacks what the rule needs.
        """
        if not evidence.counts or (evidence.occasion is Occasion.TEACHER and not self.takes_teachers):
            return standing
        return self.counted(standing, evidence)

    def as_of(self, standing: Standing[MemoryT], estimate: Estimate, at: datetime | None) -> Standing[MemoryT]:
        """The standing with its review set by what the estimate has become (by forgetting, say); levels are untouched."""
        need = self.review_needed(standing, estimate)
        if need is None:
            return standing
        if not need:
            return replace(standing, review=None)
        return standing if standing.review is not None else replace(standing, review=Review(at, need))

    def review_needed(self, standing: Standing[MemoryT], estimate: Estimate) -> str | None:
        """Why the estimate calls for a review of what was earned; "" where it needs none, None where the estimate is not asked."""
        del standing, estimate
        return None

    def moved(self, standing: Standing[MemoryT], value: str, evidence: Evidence, ids: tuple[str, ...], reason: str) -> Standing[MemoryT]:
        """The standing on another level, earned by these attempts; what was earned before stays where it was higher."""
        level = Level(value, evidence.at, ids)
        is_higher = self.levels.index(value) > self.levels.index(standing.earned.value)
        return replace(standing, level=level, earned=level if is_higher else standing.earned, reason=reason)

    def started(self, standing: Standing[MemoryT], evidence: Evidence) -> Standing[MemoryT]:
        """The standing with the first level above none, where this is the first evidence."""
        if standing.level.value != self.levels[0]:
            return standing
        return self.moved(standing, self.levels[1], evidence, (evidence.evidence_id,), "Practice has begun.")

    def as_json(self, standing: Standing[MemoryT]) -> dict[str, Any]:  # Any: JSON values
        """The standing as JSON values that `from_json` turns back into an equal one, with the version that it was made under."""
        return {field.name: as_json(getattr(standing, field.name)) for field in fields(standing)} | {"version": self.version}

    def from_json(self, document: Mapping[str, Any]) -> Standing[MemoryT]:  # Any: JSON values
        """The standing that `as_json` wrote. Raises InvalidInput where another rule or other parameters made it."""
        if document["version"] != self.version:
            problem = Problem("version", f"must be {self.version}", str(document["version"]), "replay the log under this rule")
            raise InvalidInput("stored standing", [problem])
        kinds = {**types_of(Standing), "memory": type(self.blank())}
        standing: Standing[MemoryT] = Standing(**{name: from_json(kind, document[name]) for name, kind in kinds.items()})
        return standing


def stand(rule: MasteryRule[MemoryT], history: Iterable[Evidence], standing: Standing[MemoryT] | None = None) -> Standing[MemoryT]:
    """Where the learner stands after this evidence on one skill, in order, from `standing` or else from the start.

    >>> from adaptive.domain import Attempt
    >>> from adaptive.mastery import Streak
    >>> history = [Evidence(Attempt(f"a{n}", "ann", f"q{n}", ("fractions",), correct=1.0)) for n in range(3)]
    >>> stand(Streak(in_a_row=3), history).level.value
    'mastered'
    """
    now = rule.start() if standing is None else standing
    for evidence in history:
        now = rule.after(now, evidence)
    return now


def level_changes(rule: MasteryRule[MemoryT], history: Iterable[Evidence]) -> Iterator[Standing[MemoryT]]:
    """The standing each time the level changed: the learner's record under the rule, derived from the log."""
    now = rule.start()
    for evidence in history:
        before, now = now, rule.after(now, evidence)
        if now.level != before.level:
            yield now


def last(ids: tuple[str, ...], evidence: Evidence, n: int) -> tuple[str, ...]:
    """The ids with one more, the newest n of them."""
    return (*ids, evidence.evidence_id)[-n:]
