"""Mastery where the estimate says so: P(mastered) over a threshold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from adaptive.domain import PROMOTE_AT
from adaptive.errors import Problem
from adaptive.mastery.bounds import check, share, whole
from adaptive.mastery.estimates import Estimate, TwoStateFit
from adaptive.mastery.evidence import Evidence, required
from adaptive.mastery.rule import MASTERED, NOT_STARTED, PRACTISING, MasteryRule, last
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import n_of, percent

__all__ = ["BktMemory", "BktThreshold"]

CLOSE: Final = "close"


@dataclass(frozen=True, slots=True)
class BktMemory:
    """How many answers counted, and the ids of the newest `min_attempts`."""

    n_attempts: int = 0
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BktThreshold(MasteryRule[BktMemory]):
    """Mastered where P(mastered) >= `p_mastery` after at least `min_attempts`; close where it is >= `close_at` by then.

    Corbett & Anderson 1995 (.95); at least three attempts as OATutor asks; bands .95 and .70 as MATHia shows them; the usual
    variant is `p_mastery=0.9`.
    A two-state fit whose guess or slip is above .5, or whose guess + slip reaches 1, tells mastery upside down (pyBKT): no level is
    awarded on it. An earned level stays; where the estimate later falls below `close_at` a review is due.

    >>> from adaptive.domain import Attempt
    >>> from adaptive.mastery import stand
    >>> sure = Estimate(p_mastered=0.96)
    >>> history = [Evidence(Attempt(f"a{n}", "ann", f"q{n}", ("fractions",), correct=1.0), estimate=sure) for n in range(3)]
    >>> standing = stand(BktThreshold(), history)
    >>> standing.level.value, standing.reason
    ('mastered', 'The estimate is 96 % after 3 answers; 95 % is asked.')
    """

    name: ClassVar[str] = "bkt_threshold"
    summary: ClassVar[str] = "the estimate says mastered: P(mastered) at least .95, after at least 3 answers"

    p_mastery: float = PROMOTE_AT
    min_attempts: int = 3
    close_at: float = 0.70
    max_guess: float = 0.5
    max_slip: float = 0.5

    def __post_init__(self) -> None:
        found = [share(name, getattr(self, name)) for name in ("p_mastery", "close_at", "max_guess", "max_slip")]
        check(self.name, [*found, whole("min_attempts", self.min_attempts, least=1)])
        if self.close_at > self.p_mastery:
            check(self.name, [Problem("close_at", f"must not exceed p_mastery, {self.p_mastery}", str(self.close_at), "lower it")])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, practising, close, mastered."""
        return (NOT_STARTED, PRACTISING, CLOSE, MASTERED)

    def blank(self) -> BktMemory:
        """No answers."""
        return BktMemory()

    def counted(self, standing: Standing[BktMemory], evidence: Evidence) -> Standing[BktMemory]:
        """One more answer, then the level that the estimate reaches, where it is higher than the one held."""
        p = required(evidence.estimate.p_mastered, evidence, rule=self.name, field="estimate.p_mastered")
        memory = BktMemory(standing.memory.n_attempts + 1, last(standing.memory.ids, evidence, self.min_attempts))
        now = replace(self.started(standing, evidence), memory=memory)
        if now.finished:
            return self.as_of(now, evidence.estimate, evidence.at)
        if evidence.estimate.fit is not None and not self.trusts(evidence.estimate.fit):
            return replace(now, reason="The fitted guess and slip cannot tell who knows the skill: no level is given on them.")
        level = self._reached(p, memory.n_attempts)
        if self.levels.index(level) <= self.levels.index(now.level.value):
            return replace(now, reason=self._missing(p, memory.n_attempts))
        asked = self.p_mastery if level == MASTERED else self.close_at
        reason = f"The estimate is {percent(p)} after {n_of(memory.n_attempts, 'answer')}; {percent(asked)} is asked."
        now = self.moved(now, level, evidence, memory.ids, reason)
        return replace(now, finished=True, asks=None) if level == MASTERED else now

    def trusts(self, fit: TwoStateFit) -> bool:
        """Whether a right answer speaks for knowing under that fit: guess <= .5, slip <= .5, guess + slip < 1.

        >>> BktThreshold().trusts(TwoStateFit(0.2, 0.1)), BktThreshold().trusts(TwoStateFit(0.5, 0.5))
        (True, False)
        """
        return fit.guess <= self.max_guess and fit.slip <= self.max_slip and fit.guess + fit.slip < 1.0

    def review_needed(self, standing: Standing[BktMemory], estimate: Estimate) -> str | None:
        """Due below the lower band, done at the upper one."""
        if not standing.finished or estimate.p_mastered is None:
            return None
        if estimate.p_mastered >= self.p_mastery:
            return ""
        return f"The estimate has fallen to {percent(estimate.p_mastered)}." if estimate.p_mastered < self.close_at else None

    def _reached(self, p: float, n_attempts: int) -> str:
        if n_attempts < self.min_attempts or p < self.close_at:
            return PRACTISING
        return MASTERED if p >= self.p_mastery else CLOSE

    def _missing(self, p: float, n_attempts: int) -> str:
        asked = f"{percent(self.p_mastery)} after at least {n_of(self.min_attempts, 'answer')} is asked"
        return f"The estimate is {percent(p)} after {n_of(n_attempts, 'answer')}; {asked}."
