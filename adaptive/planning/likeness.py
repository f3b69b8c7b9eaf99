"""Which skills are practised alike, so that one simulation serves them all."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np

from adaptive.planning.practice import Practice
from adaptive.protocols import Floats, Ints

__all__ = ["first_alike", "probe"]

StateT = TypeVar("StateT")

_N_ANSWERS: Final = 4
"""Enough to reach a fifth item and to add up what four attempts teach."""


def probe(practice: Practice[StateT]) -> Floats:
    """P(correct) before and P(mastered) after each of four right and four wrong answers, from P(mastered) = .5; (8, 2).

    >>> from adaptive.planning.practice import TwoStatePractice
    >>> probe(TwoStatePractice())[[0, 4]].round(2).tolist()  # after the first right and the first wrong answer
    [[0.55, 0.85], [0.55, 0.24]]
    """
    seen = []
    for correct in (True, False):
        state = practice.begin(0.5)
        for n_done in range(_N_ANSWERS):
            p_correct = practice.p_correct(state, n_done)
            state = practice.answered(state, n_done, correct=correct)
            seen.append((p_correct, practice.p_mastered(state)))
    return np.array(seen)


def first_alike(probed: Floats, *, within: float) -> Ints:
    """Of each row of `probed` (n, ...) the position of the first that stands for it: one that differs by at most that much, (n,).

    >>> first_alike(np.array([[0.1], [0.5], [0.13], [0.1]]), within=0.05).tolist()
    [0, 1, 0, 0]
    """
    rows = probed.reshape(len(probed), -1)
    leaders: list[int] = []
    stands_for = np.empty(len(rows), dtype=np.int64)
    for position, row in enumerate(rows):
        alike = np.abs(rows[leaders] - row).max(axis=1, initial=0.0) <= within
        if not alike.any():
            leaders.append(position)
        stands_for[position] = leaders[int(np.argmax(alike))] if alike.any() else position
    return stands_for
