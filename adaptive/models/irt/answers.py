"""A table's evidence as answers of learners to items, and what a set of curves makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from adaptive.models.irt.curves import LOG_PRIOR, Curves, bounded, normalised
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Answers", "mean_log_loss"]

_CHUNK = 50_000
"""Answers whose values on all nodes are held at once: 24 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Evidence only, in history order: `learner`, `item` and `score` in [0, 1], each (n,); learners come in runs."""

    n_items: int
    learner: Ints
    item: Ints
    score: Floats

    @classmethod
    def of(cls, codes: Codes) -> Answers:
        """The evidence of the table; learners without any are left out."""
        _, learner = np.unique(codes.learner[codes.evidence], return_inverse=True)
        return cls(len(codes.item_ids), learner.astype(np.int64), codes.item[codes.evidence], codes.correct[codes.evidence])

    def __len__(self) -> int:
        return len(self.score)

    @property
    def n_learners(self) -> int:
        """How many learners gave answers."""
        return int(self.learner.max()) + 1 if len(self) else 0

    def matrix(self) -> sparse.csr_matrix:
        """(n_learners, 2 n_items): the sum of scores of each learner on each item, then of 1 - score."""
        scores = np.concatenate([self.score, 1.0 - self.score])
        columns = np.concatenate([self.item, self.item + self.n_items])
        kept = scores > 0.0
        rows = np.concatenate([self.learner, self.learner])[kept]
        return sparse.csr_matrix((scores[kept], (rows, columns[kept])), shape=(self.n_learners, 2 * self.n_items))

    def posterior(self, curves: Curves) -> Floats:
        """(n_learners, n_nodes) weights of each learner's ability given all their answers."""
        log_curves = np.log(np.concatenate([curves.success(), curves.failure()]))
        return np.exp(normalised(self.matrix() @ log_curves + LOG_PRIOR))

    def chunks(self) -> Iterator[Answers]:
        """The answers in runs short enough to hold all nodes of each."""
        for start in range(0, len(self), _CHUNK):
            part = slice(start, start + _CHUNK)
            yield Answers(self.n_items, self.learner[part], self.item[part], self.score[part])


def mean_log_loss(answers: Answers, curves: Curves) -> float:
    """Mean log loss of the forecasts before each answer, NaN without any: all learners step by step together."""
    if not len(answers):
        return float("nan")
    p_correct = _forecasts(answers, curves)
    return float(-np.mean(answers.score * np.log(p_correct) + (1.0 - answers.score) * np.log1p(-p_correct)))


def _forecasts(answers: Answers, curves: Curves) -> Floats:
    """(n,) P(correct) before each answer. Learners are ordered by their number of answers, so each step takes the first few."""
    length = np.bincount(answers.learner)
    start, order = np.cumsum(length) - length, np.argsort(-length, kind="stable")
    start, length = start[order], length[order]
    success, failure = curves.success(), curves.failure()
    log_success, log_failure = np.log(success), np.log(failure)
    log_weights = np.tile(LOG_PRIOR, (len(length), 1))
    p_correct = np.empty(len(answers))
    for step in range(int(length[0])):
        n_active = int(np.searchsorted(-length, -step, side="left"))  # those with more than `step` answers
        row = start[:n_active] + step
        item, score = answers.item[row], answers.score[row][:, None]
        p_correct[row] = np.einsum("lq,lq->l", np.exp(log_weights[:n_active]), success[item])
        moved = log_weights[:n_active] + score * log_success[item] + (1.0 - score) * log_failure[item]
        log_weights[:n_active] = normalised(moved)
    return bounded(p_correct)
