"""Learners of the hierarchical model in arrays: the steps of the filter that fit, serving and simulation share.

    P(skill k known, before any attempt on it | u) = first_k(u) * product over j of 1 - w_j (1 - gate_first) P(j not known | u)
    P(an unknown k is learned by an attempt | u)   = p_learn_k  * product over j of 1 - w_j (1 - gate_learn) P(j not known | u)

Each prerequisite j enters by what is believed of it at that moment, as if skills were apart given u.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from adaptive.models.bkt.filter import condition, forget, learn, likelihood, p_success
from adaptive.models.bkt.learners import NODE_WEIGHTS
from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.bkt.prerequisites import Closure, Gates, gated
from adaptive.models.bkt.sequences import SECONDS_A_DAY
from adaptive.protocols import Floats, Ints

__all__ = ["Answered", "Asked", "Before", "Met", "Performance", "SideBySide", "days_since"]


class Met(NamedTuple):
    """What attempts and placement left of n learners and skills: P(known) on each node (n, n_skills, n_nodes), P(known at first) where they
    left nothing; whether they left something, and when, in seconds, NaN where that is unknown, both (n, n_skills).
    """  # noqa: D205 - one sentence

    p_known: Floats
    is_met: Floats
    seconds: Floats


class Performance(NamedTuple):
    """Of the skills of an item, (n, n_asked) each: success where not known, failure where known, and the skill's share in the item."""

    guess: Floats
    slip: Floats
    share: Floats

    def p_correct(self, p_known: Floats) -> Floats:
        """(n, n_nodes) of `p_known` (n, n_asked, n_nodes)."""
        guess, slip, share = (each[..., None] for each in self)
        return np.asarray((share * p_success(p_known, guess, slip)).sum(axis=1), dtype=np.float64)

    def conditioned(self, p_known: Floats, score: Floats) -> Floats:
        """P(known) given each score (n,), each skill seeing it as if alone."""
        guess, slip, score = self.guess[..., None], self.slip[..., None], score[:, None, None]
        return condition(p_known, likelihood(score, 1.0 - slip), likelihood(score, guess))


class Before(NamedTuple):
    """Before an attempt on n_asked skills: P(known) of them (n, n_asked, n_nodes), and of their prerequisites P(not known) times weight,
    (n, n_asked, most, n_nodes).
    """  # noqa: D205 - one sentence

    p_known: Floats
    missing: Floats


class Answered(NamedTuple):
    """After it: the nodes' probabilities (n, n_nodes), and P(known) of the skills (n, n_asked, n_nodes)."""

    weights: Floats
    p_known: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Skills with all that they stand on, as fitted; `first` (n_skills, n_nodes) is P(known at first) where everything is ready."""

    closure: Closure
    values: BktParameters
    first: Floats
    gates: Gates

    def new(self, n: int) -> Met:
        """Of learners who met nothing."""
        shape = (n, len(self.first))
        return Met(np.tile(self.first, (n, 1, 1)), np.zeros(shape, dtype=np.bool_), np.full(shape, np.nan))

    def p_known(self, met: Met, now: Floats) -> Floats:
        """(n, n_skills, n_nodes) as of `now` (n,), seconds or NaN."""
        days = days_since(met.seconds, now[:, None])
        p_known: Floats = forget(met.p_known, self.values.forget_rate[:, None], days[..., None])
        for level in self.closure.levels:
            everyone = np.broadcast_to(level, (len(p_known), len(level)))
            unmet = self.first[level] * gated(self.closure.missing(p_known, everyone), self.gates.first, axis=2)
            p_known[:, level] = np.where(met.is_met[:, level, None], p_known[:, level], unmet)
        return p_known

    def before(self, met: Met, skill: Ints, now: Floats) -> Before:
        """Before an attempt on `skill` (n, n_asked)."""
        if self.closure.levels:
            p_known = self.p_known(met, now)
            return Before(np.take_along_axis(p_known, skill[..., None], axis=1), self.closure.missing(p_known, skill))
        rows = np.arange(len(skill))[:, None]
        days = days_since(met.seconds[rows, skill], now[:, None])
        p_known = forget(met.p_known[rows, skill], self.values.forget_rate[skill][..., None], days[..., None])
        return Before(p_known, np.zeros((*skill.shape, 0, p_known.shape[-1])))

    def p_learn(self, missing: Floats, skill: Ints) -> Floats:
        """(n, n_asked, n_nodes) of `skill` (n, n_asked), whose prerequisites are so much `missing` (n, n_asked, most, n_nodes)."""
        return np.asarray(self.values.p_learn[skill][..., None] * gated(missing, self.gates.learn, axis=2), dtype=np.float64)

    def answered(self, weights: Floats, before: Before, skill: Ints, performance: Performance, score: Floats) -> Answered:
        """Nodes weighed by P(score) of the whole attempt, each skill conditioned, then learned; a score (n,) is NaN for exposure."""
        p_known, is_evidence, given = before.p_known, ~np.isnan(score), np.nan_to_num(score)
        told = np.where(is_evidence[:, None], likelihood(given[:, None], performance.p_correct(p_known)), 1.0) * weights
        known = np.where(is_evidence[:, None, None], performance.conditioned(p_known, given), p_known)
        return Answered(told / told.sum(axis=1, keepdims=True), learn(known, self.p_learn(before.missing, skill)))


@dataclass(eq=False)
class SideBySide:
    """n learners over the skills of `asked`, whose states it keeps and moves."""

    asked: Asked
    n: int
    met: Met = field(init=False)
    weights: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.met, self.weights = self.asked.new(self.n), np.tile(NODE_WEIGHTS, (self.n, 1))

    def before(self, skill: Ints, now: Floats) -> Before:
        """Before an attempt of the first len(skill) learners, at those seconds."""
        return self.asked.before(Met(*(column[: len(skill)] for column in self.met)), skill, now)

    def update(self, before: Before, skill: Ints, performance: Performance, score: Floats, now: Floats) -> None:
        """That attempt. Where an item has fewer skills than others, `skill` repeats one of them with a share of 0."""
        n, rows = len(skill), np.arange(len(skill))[:, None]
        self.weights[:n], self.met.p_known[rows, skill] = self.asked.answered(self.weights[:n], before, skill, performance, score)
        self.met.is_met[rows, skill], self.met.seconds[rows, skill] = True, now[:, None]


def days_since(seconds: Floats, now: Floats) -> Floats:
    """Days from then to now, 0 where either is unknown or time runs back."""
    return np.asarray(np.maximum(np.nan_to_num(now - seconds), 0.0) / SECONDS_A_DAY, dtype=np.float64)
