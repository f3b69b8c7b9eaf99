"""The filter over a whole table: forecasts before each attempt, and what was missing of prerequisites then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from adaptive.models.bkt.answers import Answers
from adaptive.models.bkt.side_by_side import Performance, SideBySide
from adaptive.protocols import Codes, Floats, Ints

if TYPE_CHECKING:
    from adaptive.models.bkt.hierarchy import Hierarchy

__all__ = ["Replayed", "replayed"]

_LANES: Final = 1_000
"""Learners at a time: 11 MB at 200 skills."""


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """P(correct) before each attempt (n_attempts,), and `missing` (n_entries, most) before each entry in packed order: see `answers`."""

    p_correct: Floats
    missing: Floats


def replayed(codes: Codes, answers: Answers, fitted: Hierarchy) -> Replayed:
    """Every learner of the table from the first attempt to the last, those with long histories side by side."""
    asked, table = fitted.asked(answers.entries.skill_ids), _Attempts.of(codes, answers, fitted)
    p_correct = np.empty(len(codes.correct))
    missing = np.zeros((*table.skill.shape, asked.closure.required.shape[1]))
    first = np.flatnonzero(np.diff(codes.learner, prepend=-1))  # rows are learner by learner
    length = np.diff(np.append(first, len(codes.learner)))
    longest_first = np.argsort(-length, kind="stable")
    for lanes in np.split(longest_first, range(_LANES, len(longest_first), _LANES)):
        learners = SideBySide(asked, len(lanes))
        for step in range(int(length[lanes[0]])):
            row = first[lanes[length[lanes] > step]] + step
            skill, performance, now = table.skill[row], Performance(*(column[row] for column in table.performance)), codes.seconds[row]
            before = learners.before(skill, now)
            weights = learners.weights[: len(row)]
            p_correct[row] = (weights * performance.p_correct(before.p_known)).sum(axis=1)
            missing[row] = (weights[:, None, None] * before.missing).sum(axis=-1)
            learners.update(before, skill, performance, table.score[row], now)
    return Replayed(p_correct, missing[table.of_entry][answers.sequences.entry])


@dataclass(frozen=True, slots=True, eq=False)
class _Attempts:
    """The table by attempt, (n_attempts, most skills of one): an attempt of fewer repeats its first, with a share of 0."""

    skill: Ints
    performance: Performance
    score: Floats
    of_entry: tuple[Ints, Ints]

    @classmethod
    def of(cls, codes: Codes, answers: Answers, fitted: Hierarchy) -> Self:
        entries, sequences = answers.entries, answers.sequences
        start = np.searchsorted(entries.row, np.arange(len(codes.correct)))
        place = np.arange(len(entries.row)) - start[entries.row]
        wide = np.repeat(start[:, None], int(place.max(initial=0)) + 1, axis=1)  # entries by attempt
        wide[entries.row, place] = np.arange(len(entries.row))
        of_pairs = fitted.guess_and_slip(codes.item_ids, answers.item_of_pair, entries.skill_ids, answers.skill_of_pair)
        pair = np.empty(len(entries.row), dtype=np.int64)
        pair[sequences.entry] = answers.pair
        share = np.zeros(wide.shape)
        share[entries.row, place] = 1.0 / np.bincount(entries.row)[entries.row]
        guess, slip = (of_pair[pair[wide]] for of_pair in of_pairs)
        performance = Performance(guess, slip, share)
        return cls(entries.skill[wide], performance, np.where(codes.evidence, codes.correct, np.nan), (entries.row, place))
