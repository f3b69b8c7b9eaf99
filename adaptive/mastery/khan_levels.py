"""Five levels with points: exercises lift to proficient, mixed questions to mastered, and misses lower."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Final

from adaptive.errors import InvalidInput, Problem
from adaptive.mastery.bounds import check, share, whole
from adaptive.mastery.evidence import Evidence, Occasion
from adaptive.mastery.rule import MASTERED, NOT_STARTED, MasteryRule
from adaptive.mastery.standing import Standing
from adaptive.mastery.wording import percent

__all__ = ["POINTS", "KhanLevels", "KhanMemory", "course_percentage"]

ATTEMPTED: Final = "attempted"
FAMILIAR: Final = "familiar"
PROFICIENT: Final = "proficient"

POINTS: Final[Mapping[str, int]] = MappingProxyType({NOT_STARTED: 0, ATTEMPTED: 0, FAMILIAR: 50, PROFICIENT: 80, MASTERED: 100})
"""Of each level."""

_AFTER_EXERCISE: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        (PROFICIENT, ATTEMPTED): FAMILIAR,
        (MASTERED, ATTEMPTED): FAMILIAR,
        (MASTERED, FAMILIAR): PROFICIENT,
        (MASTERED, PROFICIENT): MASTERED,
    }
)
"""(level held, what the score alone would give) to the level; the score's own level where a pair is not named."""

_LIFTED: Final[Mapping[str, str]] = MappingProxyType(
    {NOT_STARTED: FAMILIAR, ATTEMPTED: FAMILIAR, FAMILIAR: PROFICIENT, PROFICIENT: MASTERED, MASTERED: MASTERED}
)
_LOWERED: Final[Mapping[str, str]] = MappingProxyType(
    {NOT_STARTED: ATTEMPTED, ATTEMPTED: ATTEMPTED, FAMILIAR: ATTEMPTED, PROFICIENT: FAMILIAR, MASTERED: PROFICIENT}
)


@dataclass(frozen=True, slots=True)
class KhanMemory:
    """The open set: which it is (occasion and session), the ids of its answers, how many got full score, and their summed score."""

    occasion: str = ""
    session_id: str | None = None
    ids: tuple[str, ...] = ()
    n_right: int = 0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class KhanLevels(MasteryRule[KhanMemory]):
    """Not started, attempted, familiar, proficient, mastered, as on Khan Academy's help pages, 2018-2024.

    A set is settled by its last question; one that is left open moves nothing. An exercise on this skill alone with score s
    gives attempted below `familiar_at`, familiar below 1, proficient at 1, never mastered; from mastered it leads down to
    proficient, or familiar below `familiar_at`; from proficient to familiar. In a quiz or challenge over several skills all
    right lifts one level, all wrong lowers one, mixed leaves (our reading for several questions). `exercise_size`,
    `quiz_size` and `challenge_size` are the questions on this skill in a set whose evidence does not say.

    >>> from adaptive.domain import Attempt
    >>> from adaptive.mastery import stand
    >>> attempts = [Attempt(f"a{n}", "ann", f"q{n}", ("fractions",), correct=1.0, session_id="s1") for n in range(4)]
    >>> standing = stand(KhanLevels(), [Evidence(attempt, Occasion.EXERCISE) for attempt in attempts])
    >>> standing.level.value, standing.points
    ('proficient', 80)
    """

    name: ClassVar[str] = "khan_levels"
    summary: ClassVar[str] = "attempted, familiar, proficient by exercises; mastered by quizzes and challenges; misses lower a level"

    familiar_at: float = 0.70
    exercise_size: int = 4
    quiz_size: int = 1
    challenge_size: int = 2

    def __post_init__(self) -> None:
        sizes = [whole(name, getattr(self, name), least=1) for name in ("exercise_size", "quiz_size", "challenge_size")]
        check(self.name, [share("familiar_at", self.familiar_at), *sizes])

    @property
    def levels(self) -> tuple[str, ...]:
        """Not started, attempted, familiar, proficient, mastered."""
        return tuple(POINTS)

    @property
    def asks_first(self) -> Occasion:
        """An exercise."""
        return Occasion.EXERCISE

    def blank(self) -> KhanMemory:
        """No open set."""
        return KhanMemory()

    def counted(self, standing: Standing[KhanMemory], evidence: Evidence) -> Standing[KhanMemory]:
        """One more answer into its set; the set's last one settles it."""
        size = self._set_size(evidence)
        if size is None:  # practice in no set: the skill has been tried, and that is all it says
            return self.started(standing, evidence)
        memory = _with(standing.memory, evidence)
        if len(memory.ids) < size:
            return replace(standing, memory=memory)
        is_exercise = evidence.occasion is Occasion.EXERCISE
        level, why = self._after_exercise(standing, memory) if is_exercise else _after_mixed(standing.level.value, memory)
        return self._settled(replace(standing, memory=KhanMemory()), evidence, level, why, memory.ids)

    def _settled(
        self, standing: Standing[KhanMemory], evidence: Evidence, level: str, why: str, ids: tuple[str, ...]
    ) -> Standing[KhanMemory]:
        held = standing.level.value
        if level == held:
            return replace(standing, reason=f"{why} The level stays {held}.")
        word = "raised" if self.levels.index(level) > self.levels.index(held) else "lowered"
        now = self.moved(standing, level, evidence, ids, f"{why} The level is {word} from {held} to {level}.")
        asks = Occasion.EXERCISE if self.levels.index(level) < self.levels.index(PROFICIENT) else Occasion.QUIZ
        finished = level == MASTERED
        return replace(now, points=POINTS[level], finished=finished, asks=None if finished else asks)

    def _after_exercise(self, standing: Standing[KhanMemory], memory: KhanMemory) -> tuple[str, str]:
        score = memory.score / len(memory.ids)
        alone = PROFICIENT if memory.n_right == len(memory.ids) else FAMILIAR if score >= self.familiar_at else ATTEMPTED
        return _AFTER_EXERCISE.get((standing.level.value, alone), alone), f"The exercise ended with {percent(score)}."

    def _set_size(self, evidence: Evidence) -> int | None:
        sizes = {Occasion.EXERCISE: self.exercise_size, Occasion.QUIZ: self.quiz_size, Occasion.CHALLENGE: self.challenge_size}
        own = sizes.get(evidence.occasion)
        return own if own is None or evidence.set_size is None else evidence.set_size


def course_percentage(points: Sequence[int]) -> float:
    """Points of all skills of a course, 0 for those not started, as per cent of 100 x skills. Raises InvalidInput without skills.

    >>> course_percentage([100, 80, 0, 0])
    45.0
    """
    if not points:
        raise InvalidInput("course", [Problem("points", "a course has at least one skill", "none", "hand in the points of each skill")])
    return sum(points) / len(points)


def _with(memory: KhanMemory, evidence: Evidence) -> KhanMemory:
    """The set with one more answer; another occasion or session opens a new set."""
    key = (evidence.occasion.value, evidence.attempt.session_id)
    opened = memory if (memory.occasion, memory.session_id) == key else KhanMemory(*key)
    score = evidence.attempt.correct or 0.0
    ids = (*opened.ids, evidence.evidence_id)
    return replace(opened, ids=ids, n_right=opened.n_right + evidence.is_right, score=opened.score + score)


def _after_mixed(held: str, memory: KhanMemory) -> tuple[str, str]:
    """All right lifts, all wrong lowers, mixed leaves (and makes a start)."""
    n = len(memory.ids)
    why = f"{memory.n_right} of {n} right in a set over several skills."
    if memory.n_right == n:
        return _LIFTED[held], why
    if memory.n_right == 0:
        return _LOWERED[held], why
    return (ATTEMPTED if held == NOT_STARTED else held), why
