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

from adaptive.models.bkt.em import forgettings, smooth
from adaptive.models.bkt.filter import forget, learn, likelihood
from adaptive.models.bkt.learners import NODE_WEIGHTS
from adaptive.models.bkt.prerequisites import gated
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
    """What the likelihood is a function of, or its gradient by it.

    Logits of P(known at first) (n_skills, n_nodes), of learning (n_skills,), and of success where the skill is not known and where it is
    (n_pairs,); logarithms of rates of forgetting a day (n_skills,), -inf for never; and the gates (2,), of first knowledge and of learning.
    """

    known: Floats
    learn: Floats
    guess: Floats
    right: Floats
    forget: Floats
    gates: Floats


def log_likelihood_and_gradient(answers: Answers, rates: Rates, missing: Floats) -> tuple[float, Rates]:
    """Log likelihood of all answers, each skill of an attempt seeing the answer as if alone, and its gradient.

    `missing` (n_entries, most) is weight times P(not known) of the prerequisites of each entry's skill before its attempt, taken as given.
    """
    sequences, skill = answers.sequences, answers.sequences.skill
    if_ready, rate = expit(rates.learn)[skill], np.exp(rates.forget)[skill]
    p_learn, kept = if_ready * gated(missing, rates.gates[1]), forget(np.ones(len(skill)), rate, sequences.days)
    p_guess, p_right = expit(rates.guess)[answers.pair], expit(rates.right)[answers.pair]
    of_answers = likelihoods(answers.score, p_right), likelihoods(answers.score, p_guess)
    first = _first(answers, rates, missing[: sequences.n_sequences], (p_learn, kept), of_answers)

    smoothed = smooth(sequences, first.p_known, p_learn, of_answers, kept)
    scored, score = ~np.isnan(answers.score), np.nan_to_num(answers.score)
    at_risk = np.where(sequences.successor >= 0, 1.0 - smoothed.known, 0.0)
    by_p_learn = smoothed.learned / p_learn - (at_risk - smoothed.learned) / (1.0 - p_learn)
    by_gate = (by_p_learn * p_learn * _log_slope(missing, rates.gates[1])).sum()
    n_skills, n_pairs = len(rates.learn), len(rates.guess)
    return first.log_likelihood, Rates(
        known=first.by_logit,
        learn=_total(skill, by_p_learn * p_learn * (1.0 - if_ready), n_skills),
        guess=_total(answers.pair, scored * (1.0 - smoothed.known) * (score - p_guess), n_pairs),
        right=_total(answers.pair, scored * smoothed.known * (score - p_right), n_pairs),
        forget=_by_log_rate(sequences, rate, learn(smoothed.posterior, p_learn), smoothed.ahead, n_skills),
        gates=np.array([first.by_gate, by_gate]),
    )


def likelihoods(score: Floats, p_right: Floats) -> Floats:
    """Of each score, 1 where there is none."""
    return np.where(np.isnan(score), 1.0, likelihood(np.nan_to_num(score), p_right))


@dataclass(frozen=True, slots=True, eq=False)
class _First:
    """P(known at first) (n_sequences,) that each sequence's learner has, given all answers; the log likelihood, and its gradient."""

    p_known: Floats
    log_likelihood: float
    by_logit: Floats
    by_gate: float


def _first(
    answers: Answers, rates: Rates, missing: Floats, p_learn_kept: tuple[Floats, Floats], of_answers: tuple[Floats, Floats]
) -> _First:
    sequences, (p_learn, kept) = answers.sequences, p_learn_kept
    n, skill = sequences.n_sequences, sequences.skill[: sequences.n_sequences]
    even = smooth(sequences, np.full(n, _EVEN), p_learn, of_answers, kept)
    known = even.known[:n, None]  # A / (A + B), and A + B = likelihood / _EVEN
    if_ready = expit(rates.known)[skill]
    p_node = if_ready * gated(missing, rates.gates[0])[:, None]  # (n_sequences, n_nodes)
    mixed = p_node * known + (1.0 - p_node) * (1.0 - known)
    log_mixed = np.log(np.maximum(mixed, np.finfo(np.float64).tiny))
    of_learner = np.log(NODE_WEIGHTS) + _by(answers.learner, log_mixed, answers.n_learners)
    in_all = logsumexp(of_learner, axis=1)
    posterior = np.exp(of_learner - in_all[:, None])[answers.learner]  # (n_sequences, n_nodes)

    if_known = posterior * p_node / mixed  # times `known`, P(u, known at first | all answers)
    p_first = if_known.sum(axis=1)
    p_first /= p_first + (posterior * (1.0 - p_node) / mixed).sum(axis=1)
    by_log_p = if_known * (2.0 * known - 1.0)
    return _First(
        p_known=p_first,
        log_likelihood=float(np.log(even.evidence).sum() + n * np.log(1.0 / _EVEN) + in_all.sum()),
        by_logit=_by(skill, by_log_p * (1.0 - if_ready), len(rates.known)),
        by_gate=float((by_log_p.sum(axis=1) * _log_slope(missing, rates.gates[0])).sum()),
    )


def _log_slope(missing: Floats, gate: float) -> Floats:
    """(n,) the derivative of log `gated` by the gate."""
    return np.asarray((missing / (1.0 - (1.0 - gate) * missing)).sum(axis=1), dtype=np.float64)


def _by_log_rate(sequences: Sequences, rate: Floats, known_after: Floats, ahead: tuple[Floats, Floats], n_skills: int) -> Floats:
    """(n_skills,) the derivative by the logarithm of the rate: what was lost speaks for it, what was kept against it."""
    if not rate.any():
        return np.zeros(n_skills)
    gaps = forgettings(sequences, rate, known_after, ahead)
    passed = rate[gaps.entry] * gaps.days
    return _total(sequences.skill[gaps.entry], passed * (gaps.lost * np.exp(-passed) / -np.expm1(-passed) - gaps.kept), n_skills)


def _total(code: Ints, values: Floats, size: int) -> Floats:
    """(size,) sums by code."""
    return np.bincount(code, values, minlength=size).astype(np.float64)


def _by(code: Ints, values: Floats, size: int) -> Floats:
    """(size, n_nodes) sums of rows by code."""
    return np.stack([_total(code, column, size) for column in values.T], axis=1)
