"""What the logistic regression remembers of a learner, and the features it makes of it: constant cost per attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log1p
from typing import Final, NamedTuple, Protocol, TypeVar

import immutables

from adaptive.domain import Attempt
from adaptive.models.columns import seconds_of, skills_or_none
from adaptive.models.placed import Placed

__all__ = ["EMPTY", "FEATURES", "LogisticState", "Record", "features", "latest", "remember"]

_FAST, _SLOW = 0.5, 0.9
"""What an answer keeps of the running success: the fast one remembers about 2 answers, the slow one about 10."""

_MOST: Final = 100.0
"""Answers that a record counts at most; then each takes from the earlier ones what it adds."""

_KEPT, _KEPT_IN_A_RUN, _RUN = 0.97, 0.9, -0.8
"""What an answer leaves of the count of the other kind, and what a wrong one leaves of the wins once `fast` is below _RUN:
three wrong answers in a row. 100 right and then 30 wrong answers leave P(mastered) .08, where plain counts left .995. On
ASSISTments 2009, fold 1, AUC and log loss are .7783 and .5314, with plain counts .7783 and .5316; with .9 throughout .7770,
and with runs of right answers taking from the losses too .7759."""

_MOST_ITEMS, _KEPT_ITEMS = 500, 400
"""Items that a state remembers at most, and how many stay when it has more: a meeting 400 items ago forecasts nothing."""


class _Met(Protocol):
    """Something that remembers at which of the learner's attempts it was met last."""

    @property
    def last_step(self) -> int: ...


MetT = TypeVar("MetT", bound=_Met)


class Record(NamedTuple):
    """What happened so far, in all, on one skill, or on one item.

    `wins` and `losses` sum scores and missing scores of evidence, 100 together at most, and each answer takes a little
    from the count of the other kind, so that no history is too long to be overturned; `exposures` counts study rows, hinted answers and
    retries, whose outcome is not looked at. `fast` and `slow` are running means of the score as -1..1, starting at 0.
    `last_step` counts the learner's attempts before the last one here; `last_seconds` is its time, None where unknown.
    """

    wins: float = 0.0
    losses: float = 0.0
    exposures: int = 0
    fast: float = 0.0
    slow: float = 0.0
    last_step: int = -1
    last_seconds: float | None = None


EMPTY: Final = Record()

FEATURES: Final = ("log_wins", "log_losses", "log_exposures", "fast", "slow", "seen", "log_steps_since", "timed", "log_seconds_since")
"""Names of what `features` gives. All are 0 before the first attempt; the last two stay 0 where a time is unknown."""

_NONE: Final = (0.0,) * len(FEATURES)


@dataclass(frozen=True, slots=True)
class LogisticState:
    """A learner: attempts so far, the records in all, by skill and by item met lately, and the placement."""

    n_attempts: int = 0
    total: Record = EMPTY
    skills: immutables.Map[str, Record] = field(default_factory=immutables.Map)
    items: immutables.Map[str, Record] = field(default_factory=immutables.Map)
    placed: Placed = field(default_factory=Placed)


def features(record: Record, step: int, seconds: float | None) -> tuple[float, ...]:
    """(9,) the record as seen before attempt number `step` at that time (None: unknown), named in FEATURES.

    >>> dict(zip(FEATURES, features(Record(last_step=0, last_seconds=0.0), 3, None)))["log_steps_since"] == log1p(2)
    True
    """
    wins, losses, exposures, fast, slow, last_step, last_seconds = record
    if last_step < 0:
        return _NONE
    steps = log1p(step - last_step - 1)
    if seconds is None or last_seconds is None:
        return (log1p(wins), log1p(losses), log1p(exposures), fast, slow, 1.0, steps, 0.0, 0.0)
    since = log1p(max(seconds - last_seconds, 0.0))
    return (log1p(wins), log1p(losses), log1p(exposures), fast, slow, 1.0, steps, 1.0, since)


def remember(state: LogisticState, attempt: Attempt) -> LogisticState:
    """The state after the attempt, its placement aside."""
    score = attempt.correct if attempt.is_evidence else None
    step, seconds = state.n_attempts, seconds_of(attempt.occurred_at)
    skills = state.skills
    for skill_id in skills_or_none(attempt.skill_ids):
        skills = skills.set(skill_id, _after(skills.get(skill_id, EMPTY), score, step, seconds))
    item = _after(state.items.get(attempt.item_id, EMPTY), score, step, seconds)
    items = latest(state.items.set(attempt.item_id, item))
    return LogisticState(step + 1, _after(state.total, score, step, seconds), skills, items, state.placed)


def latest(items: immutables.Map[str, MetT]) -> immutables.Map[str, MetT]:
    """All items up to _MOST_ITEMS; beyond, the _KEPT_ITEMS met last (no two were met at one step)."""
    if len(items) <= _MOST_ITEMS:
        return items
    return immutables.Map(sorted(items.items(), key=lambda met: met[1].last_step)[-_KEPT_ITEMS:])


def _after(record: Record, score: float | None, step: int, seconds: float | None) -> Record:
    wins, losses, exposures, fast, slow, _, _ = record
    if score is None:
        return Record(wins, losses, exposures + 1, fast, slow, step, seconds)
    wins *= (_KEPT_IN_A_RUN if fast < _RUN else _KEPT) ** (1.0 - score)
    losses *= _KEPT**score
    room = min(1.0, (_MOST - 1.0) / max(wins + losses, 1.0))
    signed = 2.0 * score - 1.0
    fast, slow = _FAST * fast + (1.0 - _FAST) * signed, _SLOW * slow + (1.0 - _SLOW) * signed
    return Record(room * wins + score, room * losses + 1.0 - score, exposures, fast, slow, step, seconds)
