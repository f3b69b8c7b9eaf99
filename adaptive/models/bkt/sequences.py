"""Histories by learner and skill, packed for vector steps without padding: the longest first, all first attempts, then all second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.models.columns import SkillEntries
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["SECONDS_A_DAY", "Sequences", "pack"]

SECONDS_A_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """All attempts of each learner on each skill, (n_entries,) arrays in packed order.

    Step t of the sequences that last so long is the run `start[t]:start[t + 1]`; sequences keep their place within
    it. `successor` is the place of the sequence's next entry, -1 at its end. `score` codes `scores`, whose last value,
    NaN, stands for exposure. `days` is the time since the previous entry, 0 where unknown or first. `entry` is the
    place in the table of entries.
    """

    skill: Ints
    start: Ints
    successor: Ints
    score: Ints
    scores: Floats
    days: Floats
    entry: Ints

    @property
    def n_sequences(self) -> int:
        """How many pairs of learner and skill there are."""
        return int(self.start[1]) if len(self.start) > 1 else 0


def pack(codes: Codes, entries: SkillEntries) -> Sequences:
    """The table's entries as sequences."""
    order = np.lexsort((entries.skill, codes.learner[entries.row]))  # stable: history order within learner and skill
    first, length = _runs(codes.learner[entries.row][order] * len(entries.skill_ids) + entries.skill[order])
    by_length = np.argsort(-length, kind="stable")
    first, length = first[by_length], length[by_length]

    longest = int(length[0]) if len(length) else 0
    n_active = np.searchsorted(-length, -np.arange(longest), side="left")  # sequences longer than t
    start = np.concatenate([[0], np.cumsum(n_active)]).astype(np.int64)
    place = np.arange(int(start[-1]))
    step = np.repeat(np.arange(longest), n_active)
    sequence = place - start[step]
    entry = order[first[sequence] + step] if longest else place
    ends = length[sequence] == step + 1 if longest else np.zeros(0, dtype=np.bool_)

    row = entries.row[entry]
    successor = np.where(ends, -1, start[np.minimum(step + 1, longest)] + sequence)
    score, scores = _score_codes(np.where(codes.evidence, codes.correct, np.nan)[row])
    return Sequences(entries.skill[entry], start, successor, score, scores, _days(codes.seconds[row], successor), entry)


def _runs(keys: Ints) -> tuple[Ints, Ints]:
    """Where each run of equal keys starts, and its length."""
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, dtype=np.int64)
    return first, np.diff(np.append(first, len(keys)))


def _score_codes(score: Floats) -> tuple[Ints, Floats]:
    values = np.unique(score[~np.isnan(score)])
    return np.where(np.isnan(score), len(values), np.searchsorted(values, score)), np.append(values, np.nan)


def _days(seconds: Floats, successor: Ints) -> Floats:
    days = np.zeros(len(seconds))
    before = np.flatnonzero(successor >= 0)
    days[successor[before]] = np.nan_to_num(seconds[successor[before]] - seconds[before]) / SECONDS_A_DAY
    return np.maximum(days, 0.0)
