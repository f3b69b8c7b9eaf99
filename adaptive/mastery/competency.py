"""Demonstrated competency: independent successes over days and kinds of items, sure enough to give credit for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from adaptive.domain import MASTERED_AT
from adaptive.mastery.bounds import check, share, whole
from adaptive.mastery.estimates import Estimate
from adaptive.mastery.evidence import Evidence, Occasion, required
from adaptive.mastery.rule import NOT_STARTED, PRACTISING, MasteryRule
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import n_of, percent

__all__ = ["Competency", "CompetencyMemory", "Success"]

COMPETENT: Final = "competent"


@dataclass(frozen=True, slots=True)
class Success:
    """One independent success: its attempt, what it was on, and when. `author` is the teacher who entered it."""

    evidence_id: str
    item_id: str
    day: date | None
    family_id: str | None
    is_mixed: bool
    author: str | None = None


@dataclass(frozen=True, slots=True)
class CompetencyMemory:
    """Successes that fill a condition, the newest answers, the lower bound as last estimated, and the skill's families."""

    successes: tuple[Success, ...] = ()
    newest: tuple[bool, ...] = ()
    low: float | None = None
    n_families: int = 0


@dataclass(frozen=True, slots=True)
class Competency(MasteryRule[CompetencyMemory]):
    """Competent after `n_successes` independent successes that meet every condition at once; for credit by demonstrated competency.

    The successes (right, unaided, first, each on another item) lie on at least `n_days` days and, where the skill has them, in
    `n_families` item families; one was made in mixed practice; none of the last `n_clean` answers is wrong; the lower 90 % bound of
    expected success is at least `min_low`. What a teacher enters counts as an answer, under its author's name, and each entry
    stands by itself. The level stays; where the bound falls below `min_low` later a review is due. Without days the rule cannot be met.

    >>> Competency().levels
    ('not started', 'practising', 'competent')
    """

    name: ClassVar[str] = "competency"
    summary: ClassVar[str] = "4 independent successes over 2 days and 2 item families, one in mixed practice, lower bound at least .8"
    takes_teachers: ClassVar[bool] = True
    reads_families: ClassVar[bool] = True

    n_successes: int = 4
    n_days: int = 2
    n_families: int = 2
    n_clean: int = 2
    min_low: float = MASTERED_AT

    def __post_init__(self) -> None:
        counts = [whole(name, getattr(self, name), least=1) for name in ("n_successes", "n_days", "n_families", "n_clean")]
        check(self.name, [*counts, share("min_low", self.min_low)])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, competent."""
        return (NOT_STARTED, PRACTISING, COMPETENT)

    def blank(self) -> CompetencyMemory:
        """No answers."""
        return CompetencyMemory()

    def counted(self, standing: Standing[CompetencyMemory], evidence: Evidence) -> Standing[CompetencyMemory]:
        """One more answer, then the level where nothing is missing any more."""
        memory = self._remembered(standing.memory, evidence)
        now = self.as_of(replace(self.started(standing, evidence), memory=memory), evidence.estimate, evidence.at)
        if now.finished:
            return now
        missing = self._missing(memory)
        if missing:
            needs_mixed = not any(success.is_mixed for success in memory.successes)
            asks = Occasion.MIXED if needs_mixed else Occasion.PRACTICE
            return replace(now, reason=f"Still asked: {'; '.join(missing)}.", asks=asks)
        ids = tuple(success.evidence_id for success in memory.successes)
        return replace(self.moved(now, COMPETENT, evidence, ids, _told(memory)), asks=None, finished=True)

    def review_needed(self, standing: Standing[CompetencyMemory], estimate: Estimate) -> str | None:
        """Due where the lower bound falls below what was asked, done where it is back."""
        if not standing.finished or estimate.success is None:
            return None
        low = estimate.success[0]
        return "" if low >= self.min_low else f"The lower bound has fallen to {percent(low)}; {percent(self.min_low)} was asked."

    def _remembered(self, memory: CompetencyMemory, evidence: Evidence) -> CompetencyMemory:
        is_teachers = evidence.occasion is Occasion.TEACHER
        if evidence.estimate.success is None and is_teachers:
            low = memory.low  # a model need not read what a teacher enters
        else:
            low, _ = required(evidence.estimate.success, evidence, rule=self.name, field="estimate.success")
        success = Success(
            evidence.evidence_id,
            evidence.evidence_id if is_teachers else evidence.attempt.item_id,
            evidence.day,
            evidence.family_id,
            evidence.occasion.is_mixed,
            evidence.author,
        )
        adds = evidence.is_right and self._adds(memory.successes, success)
        successes = (*memory.successes, success) if adds else memory.successes
        newest = (*memory.newest, evidence.is_right)[-self.n_clean :]
        return CompetencyMemory(successes, newest, low, max(memory.n_families, evidence.n_families))

    def _adds(self, held: tuple[Success, ...], new: Success) -> bool:
        """Whether an independent success fills a condition that is open; no more are kept, so memory stays small."""
        if any(success.item_id == new.item_id for success in held):
            return False
        days, families = _days(held), _families(held)
        return (
            len(held) < self.n_successes
            or (len(days) < self.n_days and bool(_days((new,)) - days))
            or (len(families) < self.n_families and bool(_families((new,)) - families))
            or (new.is_mixed and not any(success.is_mixed for success in held))
        )

    def _missing(self, memory: CompetencyMemory) -> list[str]:
        n_families = min(self.n_families, memory.n_families)
        low = 0.0 if memory.low is None else memory.low
        conditions = (
            (len(memory.successes) >= self.n_successes, f"{n_of(self.n_successes, 'right answer')} on different items"),
            (len(_days(memory.successes)) >= self.n_days, f"successes on {n_of(self.n_days, 'day')}"),
            (len(_families(memory.successes)) >= n_families, f"{n_families} kinds of items"),
            (any(success.is_mixed for success in memory.successes), "one success in mixed practice"),
            (all(memory.newest), f"the last {n_of(self.n_clean, 'answer')} right"),
            (low >= self.min_low, f"a lower bound of {percent(self.min_low)} (now {percent(low)})"),
        )
        return [asked for holds, asked in conditions if not holds]


def _days(successes: tuple[Success, ...]) -> set[date]:
    return {success.day for success in successes if success.day is not None}


def _families(successes: tuple[Success, ...]) -> set[str]:
    return {success.family_id for success in successes if success.family_id is not None}


def _told(memory: CompetencyMemory) -> str:
    n, n_days = n_of(len(memory.successes), "right answer"), n_of(len(_days(memory.successes)), "day")
    told = f"{n} on different items over {n_days}, one in mixed practice"
    teachers = sorted({success.author for success in memory.successes if success.author is not None})
    return f"{told}{', partly entered by ' + ', '.join(teachers) if teachers else ''}."
