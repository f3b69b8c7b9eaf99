"""Slopes of right and wrong answers by skill with spreads, fitted to a table: PFA as a mixed logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Slopes", "fit_slopes"]

N_ROUNDS = 12
"""Rounds of spreads given effects and effects given spreads; the spreads move by less than 2 % in the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """logit p = ability_l + mean over skills k(ease_k + (1 + rate_l) (success_k wins_lk + failure_k losses_lk)) - difficulty_i.

    `effects` are posterior modes by group, `spreads` the standard deviations of the groups, `means` what skills have in common.
    """

    effects: dict[str, Floats]
    spreads: dict[str, float]
    means: dict[str, float]


def fit_slopes(codes: Codes) -> Slopes:
    """Empirical Bayes: spreads from modes and the diagonal of the curvature (Laplace), and modes again."""
    groups = _groups(codes)
    design = sparse.hstack(list(groups.values())).tocsr()
    sizes = [matrix.shape[1] for matrix in groups.values()]
    score = codes.correct
    spreads = dict.fromkeys(groups, 0.5) | {"success_shared": 10.0, "failure_shared": 10.0, "overall": 10.0, "success": 0.1, "failure": 0.1}
    effect, squares = np.zeros(design.shape[1]), design.multiply(design).T.tocsr()
    for _ in range(N_ROUNDS):
        precision = np.repeat([spreads[name] ** -2 for name in groups], sizes)
        effect = _modes(design, score, precision, effect)
        p_correct = expit(design @ effect)
        variance = 1.0 / (squares @ (p_correct * (1.0 - p_correct)) + precision)
        parts = np.split(np.arange(len(effect)), np.cumsum(sizes)[:-1])
        for name, part in zip(groups, parts, strict=True):
            if len(part) > 1:
                spreads[name] = float(np.sqrt(np.mean(effect[part] ** 2 + variance[part])))
    effects = {name: effect[part] for name, part in zip(groups, parts, strict=True)}
    means = {name: float(effects[name][0]) for name in ("overall", "success_shared", "failure_shared")}
    return Slopes(effects, spreads, means)


def _groups(codes: Codes) -> dict[str, sparse.csr_matrix]:
    n, length = len(codes.item), np.diff(codes.skill_start)
    row, weight = np.repeat(np.arange(n), length), np.repeat(1.0 / length, length)
    wins, losses = _counts(codes, row)
    of_row = np.arange(n)

    def matrix(values: Floats, rows: Ints, columns: Ints, width: int) -> sparse.csr_matrix:
        return sparse.csr_matrix((values, (rows, columns)), (n, width))

    one, nothing = np.ones(n), np.zeros(n, dtype=np.int64)
    n_skills = len(codes.skill_ids)
    zero = np.zeros(len(row), dtype=np.int64)
    return {
        "overall": matrix(one, of_row, nothing, 1),
        "success_shared": matrix(weight * wins, row, zero, 1),
        "failure_shared": matrix(weight * losses, row, zero, 1),
        "ability": matrix(one, of_row, codes.learner, len(codes.learner_ids)),
        "difficulty": matrix(-one, of_row, codes.item, len(codes.item_ids)),
        "ease": matrix(weight, row, codes.skill, n_skills),
        "success": matrix(weight * wins, row, codes.skill, n_skills),
        "failure": matrix(weight * losses, row, codes.skill, n_skills),
        "rate": matrix(weight * (wins + losses), row, codes.learner[row], len(codes.learner_ids)),
    }


MOST_COUNTED = 15
"""Answers on a skill that count at most: slopes are about the first of them, and a few learners have hundreds."""


def _counts(codes: Codes, row: Ints) -> tuple[Floats, Floats]:
    """Right and wrong answers of the learner on the skill before each entry, their sum at most MOST_COUNTED."""
    wins, losses = np.zeros(len(row)), np.zeros(len(row))
    seen: dict[tuple[int, int], list[float]] = {}
    for j, (i, skill) in enumerate(zip(row.tolist(), codes.skill.tolist(), strict=True)):
        so_far = seen.setdefault((int(codes.learner[i]), skill), [0.0, 0.0])
        wins[j], losses[j] = so_far
        if sum(so_far) < MOST_COUNTED:
            so_far[0] += codes.correct[i]
            so_far[1] += 1.0 - codes.correct[i]
    return wins, losses


def _modes(design: sparse.csr_matrix, score: Floats, precision: Floats, start: Floats) -> Floats:
    def loss(effect: Floats) -> tuple[float, Floats]:
        logit = design @ effect
        value = -np.sum(score * log_expit(logit) + (1.0 - score) * log_expit(-logit)) + 0.5 * np.sum(precision * effect**2)
        return float(value), design.T @ (expit(logit) - score) + precision * effect

    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found
