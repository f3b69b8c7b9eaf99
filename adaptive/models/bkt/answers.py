"""The exact likelihood of all answers where learners differ in their head start, and its gradient: two passes, whatever the nodes.

A sequence's likelihood is linear in P(known at first): p A + (1 - p) B. One pass gives A and B, from which follow
the likelihood on each node of u and the posterior of u. A second pass, from the P(known at first) that the posterior of
u gives each sequence, has the smoothed counts, and by Fisher's identity these are the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import expit, logsumexp

from adaptive.models.bkt.em import smooth
from adaptive.models.bkt.filter import likelihood
from adaptive.models.bkt.learners import NODE_WEIGHTS
from adaptive.models.bkt.sequences import Sequences, pack
from adaptive.models.columns import SkillEntries, skill_entries
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Answers", "Rates", "log_likelihood_and_gradient"]

_EVEN = 0.5
"""P(known at first) from which the first pass starts: A and B then weigh the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A table packed: entries as in `Sequences`, each with its `pair` of item and skill, each sequence with its `learner`.

    `item_of_pair` and `skill_of_pair` are (n_pairs,), `score` (n_entries,) is NaN for exposure.
    """

    sequences: Sequences
    entries: SkillEntries
    learner: Ints
    n_learners: int
    pair: Ints
    item_of_pair: Ints
    skill_of_pair: Ints
    score: Floats

    @classmethod
    def of(cls, codes: Codes) -> Self:
        """The table's answers."""
        entries = skill_entries(codes)
        sequences = pack(codes, entries)
        row = entries.row[sequences.entry]
        n_skills = max(len(entries.skill_ids), 1)
        pairs, pair = np.unique(codes.item[row] * n_skills + sequences.skill, return_inverse=True)
        learner = codes.learner[row[: sequences.n_sequences]]
        score = sequences.scores[sequences.score]
        return cls(sequences, entries, learner, len(codes.learner_ids), pair, pairs // n_skills, pairs % n_skills, score)


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Logits, or the gradient by them: of P(known at first) (n_skills, n_nodes), of learning (n_skills,), and of success
    where the skill is not known and where it is (n_pairs,).
    """  # noqa: D205 - one sentence

    known: Floats
    learn: Floats
    guess: Floats
    right: Floats


def log_likelihood_and_gradient(answers: Answers, rates: Rates) -> tuple[float, Rates]:
    """Log likelihood of all answers, each skill of an attempt seeing the answer as if alone, and its gradient."""
    sequences, skill = answers.sequences, answers.sequences.skill
    p_learn, p_guess, p_right = expit(rates.learn)[skill], expit(rates.guess)[answers.pair], expit(rates.right)[answers.pair]
    of_answers = likelihoods(answers.score, p_right), likelihoods(answers.score, p_guess)
    p_first, of_nodes, total = _first(answers, rates.known, p_learn, of_answers)

    kept = np.ones(len(skill))
    smoothed = smooth(sequences, p_first, p_learn, of_answers, kept)
    goes_on = sequences.successor >= 0
    scored, score = ~np.isnan(answers.score), np.nan_to_num(answers.score)
    at_risk = np.where(goes_on, 1.0 - smoothed.known, 0.0)
    n_skills, n_pairs = len(rates.learn), len(rates.guess)
    return total, Rates(
        known=of_nodes,
        learn=_total(skill, smoothed.learned - at_risk * p_learn, n_skills),
        guess=_total(answers.pair, scored * (1.0 - smoothed.known) * (score - p_guess), n_pairs),
        right=_total(answers.pair, scored * smoothed.known * (score - p_right), n_pairs),
    )


def likelihoods(score: Floats, p_right: Floats) -> Floats:
    """Of each score, 1 where there is none."""
    return np.where(np.isnan(score), 1.0, likelihood(np.nan_to_num(score), p_right))


def _first(answers: Answers, known_logit: Floats, p_learn: Floats, of_answers: tuple[Floats, Floats]) -> tuple[Floats, Floats, float]:
    """P(known at first) that each sequence's learner has, the gradient by `known_logit`, and the log likelihood."""
    sequences = answers.sequences
    n, skill = sequences.n_sequences, sequences.skill[: sequences.n_sequences]
    even = smooth(sequences, np.full(n, _EVEN), p_learn, of_answers, np.ones(len(p_learn)))
    known = even.known[:n, None]  # A / (A + B), and A + B = likelihood / _EVEN
    p_node = expit(known_logit)[skill]  # (n_sequences, n_nodes)
    mixed = p_node * known + (1.0 - p_node) * (1.0 - known)
    log_mixed = np.log(np.maximum(mixed, np.finfo(np.float64).tiny))
    of_learner = np.log(NODE_WEIGHTS) + _by(answers.learner, log_mixed, answers.n_learners)
    in_all = logsumexp(of_learner, axis=1)
    posterior = np.exp(of_learner - in_all[:, None])[answers.learner]  # (n_sequences, n_nodes)

    if_known = posterior * p_node / mixed  # times `known`, P(u, known at first | all answers)
    p_first = if_known.sum(axis=1)
    p_first /= p_first + (posterior * (1.0 - p_node) / mixed).sum(axis=1)
    gradient = _by(skill, if_known * known - posterior * p_node, len(known_logit))
    total = float(np.log(even.evidence).sum() + n * np.log(1.0 / _EVEN) + in_all.sum())
    return p_first, gradient, total


def _total(code: Ints, values: Floats, size: int) -> Floats:
    """(size,) sums by code."""
    return np.bincount(code, values, minlength=size).astype(np.float64)


def _by(code: Ints, values: Floats, size: int) -> Floats:
    """(size, n_nodes) sums of rows by code."""
    return np.stack([_total(code, column, size) for column in values.T], axis=1)
