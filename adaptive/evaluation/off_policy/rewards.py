"""What came of a decision, later: rewards that a policy cannot win by choosing what is easy.

A reward lies in [0, 1], or is NaN where it was not seen (yet). Correctness of the shown item itself is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, Problem, unknown_name

__all__ = ["REWARDS", "PractisedLearner", "RewardSettings", "require_rewards"]

NOT_SEEN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class RewardSettings:
    """When a reward counts."""

    least_delay: timedelta = timedelta(days=1)
    """Between decision and the answer that tells what was kept: a night's sleep, and longer than the no-repeat rule's memory of items."""
    mastery_within: int = 20
    """Unaided answers of the learner, on whatever skills, within which the skill is to be mastered: one session of the policy page."""

    def __post_init__(self) -> None:
        problems = []
        if self.least_delay < _LEAST_DELAY:
            rule = "an answer that tells what was kept comes at least an hour later; sooner, it is the same practice"
            problems.append(Problem("least_delay", rule, str(self.least_delay), "name a longer delay; a day is usual"))
        if self.mastery_within < 1:
            problems.append(Problem("mastery_within", "mastery takes at least 1 answer", str(self.mastery_within), "name a larger number"))
        if problems:
            raise InvalidInput("rewards", problems)


@dataclass(frozen=True, slots=True)
class PractisedLearner:
    """A learner's attempts in time order, and which of their skills stood mastered after each."""

    history: Sequence[Attempt]
    mastered_after: Sequence[frozenset[str]]

    def answers_after(self, at: datetime) -> Iterable[tuple[Attempt, frozenset[str]]]:
        """First unaided answers from `at` on, each with the skills that stood mastered after it."""
        both = zip(self.history, self.mastered_after, strict=True)
        return ((a, mastered) for a, mastered in both if a.is_evidence and a.occurred_at is not None and a.occurred_at >= at)

    def mastered_before(self, at: datetime) -> frozenset[str]:
        """What stood mastered when the decision was made."""
        both = zip(self.history, self.mastered_after, strict=True)
        return next((m for a, m in reversed(list(both)) if a.occurred_at is not None and a.occurred_at < at), frozenset())


Reward = Callable[[PractisedLearner, datetime, frozenset[str], RewardSettings], float]


def delayed_correct(learner: PractisedLearner, at: datetime, skill_ids: frozenset[str], settings: RewardSettings) -> float:
    """The score of the learner's next unaided answer on one of the shown item's skills that comes at least a day later.

    Not seen where there is none.
    """
    later = (a.correct for a, _ in learner.answers_after(at + settings.least_delay) if skill_ids.intersection(a.skill_ids))
    return next((score for score in later if score is not None), NOT_SEEN)


def mastery(learner: PractisedLearner, at: datetime, skill_ids: frozenset[str], settings: RewardSettings) -> float:
    """The share of the item's skills that come to stand mastered, by the rule, within the learner's next 20 unaided answers.

    What stood mastered before adds nothing. Not seen where fewer answers followed, even where mastery came before they ended: what is
    seen must not hang on what is found.
    """
    ahead = [mastered for _, (_, mastered) in zip(range(settings.mastery_within), learner.answers_after(at), strict=False)]
    if len(ahead) < settings.mastery_within:
        return NOT_SEEN
    return len(skill_ids & (ahead[-1] - learner.mastered_before(at))) / len(skill_ids)


REWARDS: Final[Mapping[str, Reward]] = MappingProxyType({"delayed_correct": delayed_correct, "mastery": mastery})
"""Rewards by name."""


def require_rewards(names: Iterable[str]) -> tuple[str, ...]:
    """The names without repeats. Raises UnknownName, and InvalidInput for immediate correctness, with the reason.

    >>> require_rewards(["mastery", "mastery"])
    ('mastery',)
    """
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name in _IMMEDIATE:
            rule = "correctness of the shown item is no reward: showing the easiest first wins it by 13 to 18 points"
            raise InvalidInput("reward", [Problem("reward", rule, name, f"use {' or '.join(REWARDS)}")])
        if name not in REWARDS:
            raise unknown_name("reward", name, REWARDS)
    return chosen


_IMMEDIATE: Final = frozenset({"correct", "correctness", "immediate", "immediate_correct", "immediate_correctness"})
_LEAST_DELAY: Final = timedelta(hours=1)
