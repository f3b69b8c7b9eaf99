"""What DAS3H remembers of a learner, and the counts by time window that it makes of it: constant cost per attempt."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from math import log1p
from typing import Final, NamedTuple

import immutables

from adaptive.domain import Attempt
from adaptive.models.columns import seconds_of, skills_or_none
from adaptive.models.logistic.features import latest
from adaptive.models.placed import Placed

__all__ = [
    "MOST_TIMES_ITEM",
    "MOST_TIMES_SKILL",
    "UNPRACTISED",
    "WINDOWS",
    "WINDOW_FEATURES",
    "Das3hState",
    "Practice",
    "remember_times",
    "window_features",
]

WINDOWS: Final = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0, "month": 2_592_000.0}
"""Seconds of each window; beside them stands the one of all (Choffin et al. 2019: 1 hour, 1 day, 1 week, 1 month, all)."""

_LONGEST: Final = max(WINDOWS.values())

MOST_TIMES_SKILL, MOST_TIMES_ITEM = 16, 4
"""Latest answers on a skill and on an item whose times are kept, so a window of time counts at most so many; the window
of all counts every one. On the cloze set 64 on a skill forecast no better than 16."""


class Practice(NamedTuple):
    """A learner on one skill or item: scores summed, answers counted, which answer of the learner's was the last, and the latest moments.

    A moment is (seconds, wins before it, answers before it); one older than a month is in no window and dropped.
    """

    wins: float = 0.0
    answers: int = 0
    last_step: int = -1
    moments: tuple[tuple[float, float, int], ...] = ()


UNPRACTISED: Final = Practice()

WINDOW_FEATURES: Final = tuple(f"log_{count}_{window}" for window in ("all", *WINDOWS) for count in ("wins", "answers"))
"""Names of what `window_features` gives: log(1 + count) for each window and count."""


@dataclass(frozen=True, slots=True)
class Das3hState:
    """A learner: sums of scores and of missing scores in all, practice by skill and by item met lately, and the placement."""

    n_answers: int = 0
    wins: float = 0.0
    losses: float = 0.0
    skills: immutables.Map[str, Practice] = field(default_factory=immutables.Map)
    items: immutables.Map[str, Practice] = field(default_factory=immutables.Map)
    placed: Placed = field(default_factory=Placed)


def window_features(practice: Practice, seconds: float | None) -> tuple[float, ...]:
    """(10,) the practice as seen at that time, named in WINDOW_FEATURES; where the time is unknown, only the window of all counts.

    >>> practice = Practice(2.0, 3, 2, ((0.0, 0.0, 0), (7000.0, 1.0, 1), (9000.0, 1.0, 2)))
    >>> found = dict(zip(WINDOW_FEATURES, window_features(practice, 9600.0)))
    >>> found["log_answers_hour"] == log1p(2), found["log_wins_hour"] == log1p(1), found["log_answers_day"] == log1p(3)
    (True, True, True)
    """
    wins, answers, _, moments = practice
    found = [log1p(wins), log1p(answers)]
    for length in WINDOWS.values():
        first = len(moments) if seconds is None else bisect_left(moments, (seconds - length,))
        if first == len(moments):
            found += (0.0, 0.0)
            continue
        _, wins_before, answers_before = moments[first]
        found += (log1p(wins - wins_before), log1p(answers - answers_before))
    return tuple(found)


def remember_times(state: Das3hState, attempt: Attempt) -> Das3hState:
    """The state after the attempt, its placement aside: exposure leaves it as it was."""
    if not attempt.is_evidence or attempt.correct is None:
        return state
    score, step, seconds, skills = attempt.correct, state.n_answers, seconds_of(attempt.occurred_at), state.skills
    for skill_id in skills_or_none(attempt.skill_ids):
        skills = skills.set(skill_id, _after(skills.get(skill_id, UNPRACTISED), score, step, seconds, MOST_TIMES_SKILL))
    item = _after(state.items.get(attempt.item_id, UNPRACTISED), score, step, seconds, MOST_TIMES_ITEM)
    items = latest(state.items.set(attempt.item_id, item))
    return Das3hState(step + 1, state.wins + score, state.losses + 1.0 - score, skills, items, state.placed)


def _after(practice: Practice, score: float, step: int, seconds: float | None, most_times: int) -> Practice:
    wins, answers, _, moments = practice
    if seconds is not None:
        now = max(seconds, moments[-1][0]) if moments else seconds  # moments stay in order, whatever comes
        kept = moments[bisect_left(moments, (now - _LONGEST,)) :]
        moments = (*kept, (now, wins, answers))[-most_times:]
    return Practice(wins + score, answers + 1, step, moments)
