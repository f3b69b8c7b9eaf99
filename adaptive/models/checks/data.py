"""Small generated tables for the contract checks: every kind of attempt that the formats allow, at random."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from scipy.special import expit

from adaptive.domain import Attempt
from adaptive.protocols import Items, Skills

__all__ = ["TINY_ITEMS", "TINY_SKILLS", "PlainData", "flipped", "tiny_attempts"]

_SKILL_IDS: Final = ("halves", "quarters", "sums", "words")
_START: Final = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

TINY_SKILLS: Final = Skills(_SKILL_IDS)
"""The four skills of the generated data."""

TINY_ITEMS: Final = Items(
    tuple(f"q{i}" for i in range(20)),
    tuple((_SKILL_IDS[i % 4], _SKILL_IDS[(i + 1) % 4]) if i % 5 == 0 else (_SKILL_IDS[i % 4],) for i in range(20)),
)
"""Its twenty items; every fifth has two skills."""


@dataclass(frozen=True, slots=True)
class PlainData:
    """How much to generate. `plain` leaves out study rows, hints, retries, fractions and times."""

    n_learners: int = 40
    n_attempts: int = 25
    plain: bool = False


def tiny_attempts(rng: np.random.Generator, size: PlainData | None = None) -> list[list[Attempt]]:
    """Histories of learners who differ by N(0, 1) logits and gain .05 an attempt, on items that differ by N(0, 1).

    Every second learner has times; one attempt in ten each is study, hinted, a retry, or scored with a fraction.

    >>> [len(history) for history in tiny_attempts(np.random.default_rng(0), PlainData(n_learners=2, n_attempts=3))]
    [3, 3]
    """
    size = size or PlainData()
    difficulty, ability = rng.normal(size=len(TINY_ITEMS)), rng.normal(size=size.n_learners)
    histories = []
    for learner in range(size.n_learners):
        item = rng.integers(len(TINY_ITEMS), size=size.n_attempts)
        p_correct = expit(ability[learner] + 0.05 * np.arange(size.n_attempts) - difficulty[item])
        correct = (rng.random(size.n_attempts) < p_correct).astype(np.float64)
        plain = [_attempt(learner, step, int(item[step]), float(correct[step])) for step in range(size.n_attempts)]
        histories.append(plain if size.plain else _varied(plain, learner, rng))
    return histories


def flipped(attempt: Attempt) -> Attempt:
    """The attempt with the opposite outcome; a study row becomes a right answer."""
    return replace(attempt, correct=1.0 if attempt.correct is None else 1.0 - attempt.correct, study=False)


def _attempt(learner: int, step: int, item: int, correct: float) -> Attempt:
    item_id, skill_ids = TINY_ITEMS.item_ids[item], TINY_ITEMS.skill_ids[item]
    return Attempt(f"a{learner}-{step}", f"l{learner}", item_id, skill_ids, correct, sequence=step)


def _varied(plain: list[Attempt], learner: int, rng: np.random.Generator) -> list[Attempt]:
    kinds = rng.integers(10, size=len(plain))
    times = np.cumsum(rng.exponential(scale=20_000.0, size=len(plain)))  # seconds, five and a half hours in the mean
    varied = [_of_kind(attempt, int(kind)) for attempt, kind in zip(plain, kinds, strict=True)]
    if learner % 2:
        return varied
    return [replace(attempt, occurred_at=_START + timedelta(seconds=float(t))) for attempt, t in zip(varied, times, strict=True)]


def _of_kind(attempt: Attempt, kind: int) -> Attempt:
    changes: dict[int, dict[str, object]] = {
        0: {"correct": None, "study": True},
        1: {"hints_used": 1},
        2: {"attempt_number": 2},
        3: {"correct": 0.5},
    }
    return replace(attempt, **changes.get(kind, {}))  # type: ignore[arg-type]  # each value has its field's type
