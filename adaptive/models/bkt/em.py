"""Exact expectation maximisation for all skills at once, in numpy: a run of 220,000 attempts takes about 10 ms a round.

The forward and backward passes step through `Sequences`, so that each step is one vector operation over every sequence
that is still going; the expected counts of all skills are then sums by skill. docs/decisions/0003-bkt-fit.md has the
figures against pyBKT and against gradients.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from adaptive.models.bkt.filter import condition, forget, learn, likelihood
from adaptive.models.bkt.parameters import PARAMETER_NAMES, BktParameters, BktSettings
from adaptive.models.bkt.sequences import Sequences
from adaptive.protocols import Floats, Ints

__all__ = ["STARTS", "Expected", "Forgettings", "Prior", "Smoothed", "expect", "fit_em", "forgettings", "log_prior", "maximise", "smooth"]

Start: TypeAlias = tuple[float | Floats, ...]

STARTS: Final = ((0.4, 0.1, 0.2, 0.1), (0.1, 0.1, 0.3, 0.2), (0.7, 0.3, 0.4, 0.1), (0.2, 0.02, 0.1, 0.3))
"""(p_init, p_learn, guess, slip) from which EM starts: known early, late, soon learned, hardly learned."""

_RATE_CHANCES: Final = 2.0
"""Imagined forgettings behind the prior rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Where probabilities are drawn to, per skill, and by how many imagined chances."""

    mean: BktParameters
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What one pass expects, by skill (n_skills,) but for `p_known` (n_entries,), P(known) before each entry.

    Each pair is (how often it happened, how often it could have); `forgotten` is (times, days at risk).
    """

    log_likelihood: Floats
    p_known: Floats
    init: tuple[Floats, Floats]
    learned: tuple[Floats, Floats]
    guessed: tuple[Floats, Floats]
    slipped: tuple[Floats, Floats]
    forgotten: tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed:
    """What two passes tell of each entry, (n_entries,).

    P(known) before its answer and after it, and P(answer), given what came before; P(known) and P(learned by it) given
    the whole sequence; and how likely the answers ahead are where it is known, and where it is not, up to one factor.
    """

    p_known: Floats
    posterior: Floats
    evidence: Floats
    known: Floats
    learned: Floats
    ahead: tuple[Floats, Floats]


def fit_em(sequences: Sequences, prior: Prior, settings: BktSettings, starts: Iterable[Start] = STARTS) -> BktParameters:
    """The parameters of highest likelihood times prior that EM reaches from the best of a few starts, skill by skill.

    A start is (p_init, p_learn, guess, slip), each a number or (n_skills,).
    """
    n_skills = len(prior.mean)
    tried = [_rounds(sequences, _start(values, prior, settings), prior, settings, settings.n_trial_rounds) for values in starts]
    best = np.argmax([objective for _, objective in tried], axis=0)  # (n_skills,)
    columns = [np.array([getattr(parameters, name) for parameters, _ in tried]) for name in PARAMETER_NAMES]
    chosen = BktParameters(*(column[best, np.arange(n_skills)] for column in columns))
    return _rounds(sequences, chosen, prior, settings, settings.n_iterations)[0]


def expect(sequences: Sequences, parameters: BktParameters) -> Expected:
    """One forward and one backward pass: exact smoothed counts."""
    skill, n_skills, own = sequences.skill, len(parameters), parameters.take(sequences.skill)
    if_known, if_unknown = _likelihoods(sequences, parameters)
    kept = forget(np.ones(len(skill)), own.forget_rate, sequences.days)  # P(still known) over the gap before the entry
    smoothed = smooth(sequences, own.p_init, own.p_learn, (if_known, if_unknown), kept)
    known, posterior = smoothed.known, smoothed.posterior

    def total(weights: Floats, of: Ints = skill) -> Floats:
        return _total(weights, of, n_skills)

    unknown = 1.0 - known
    goes_on = sequences.successor >= 0
    scored, wrong = _scored_and_wrong(sequences)
    heads = slice(0, sequences.n_sequences)
    return Expected(
        log_likelihood=total(np.log(smoothed.evidence)),
        p_known=smoothed.p_known,
        init=(total(known[heads], skill[heads]), total(np.ones(sequences.n_sequences), skill[heads])),
        learned=(total(smoothed.learned), total(np.where(goes_on, unknown, 0.0))),
        guessed=(total(unknown * (scored - wrong)), total(unknown * scored)),
        slipped=(total(known * wrong), total(known * scored)),
        forgotten=_forgotten(sequences, own, learn(posterior, own.p_learn), smoothed.ahead, n_skills),
    )


def smooth(sequences: Sequences, p_init: Floats, p_learn: Floats, likelihoods: tuple[Floats, Floats], kept: Floats) -> Smoothed:
    """One forward and one backward pass over likelihoods of each answer where the skill is known and where it is not.

    `p_init` is read at the sequences' heads, which come first; the others are (n_entries,).
    """
    if_known, if_unknown = likelihoods
    p_known, posterior = _forward(sequences, p_init, p_learn, likelihoods, kept)
    evidence = p_known * if_known + (1.0 - p_known) * if_unknown
    ahead_known, ahead_unknown = _backward(sequences, p_learn, if_known / evidence, if_unknown / evidence, kept)
    learned = np.where(sequences.successor >= 0, (1.0 - posterior) * p_learn * ahead_known, 0.0)
    return Smoothed(p_known, posterior, evidence, posterior * ahead_known, learned, (ahead_known, ahead_unknown))


def maximise(expected: Expected, now: BktParameters, prior: Prior, settings: BktSettings) -> BktParameters:
    """The parameters that the counts ask for, within bounds: each count's likelihood is concave, so clipping is exact."""
    times, days = expected.forgotten
    rate = (times + _RATE_CHANCES) / (days + _RATE_CHANCES / prior.mean.forget_rate) if settings.forgetting else now.forget_rate
    return BktParameters(
        p_init=_share(expected.init, prior.mean.p_init, prior.strength, (settings.least, 1.0 - settings.least)),
        p_learn=_share(expected.learned, prior.mean.p_learn, prior.strength, (settings.least, 1.0 - settings.least)),
        guess=_share(expected.guessed, prior.mean.guess, prior.strength, (settings.least, settings.guess_max)),
        slip=_share(expected.slipped, prior.mean.slip, prior.strength, (settings.least, settings.slip_max)),
        forget_rate=rate,
    )


def log_prior(parameters: BktParameters, prior: Prior, settings: BktSettings) -> Floats:
    """(n_skills,) log density of the imagined chances, up to a constant."""
    density = np.zeros(len(parameters))
    for name in ("p_init", "p_learn", "guess", "slip"):
        value, mean = getattr(parameters, name), getattr(prior.mean, name)
        density += prior.strength * (mean * np.log(value) + (1.0 - mean) * np.log1p(-value))
    if settings.forgetting:
        density += _RATE_CHANCES * (np.log(parameters.forget_rate) - parameters.forget_rate / prior.mean.forget_rate)
    return density


def _rounds(sequences: Sequences, parameters: BktParameters, prior: Prior, settings: BktSettings, n: int) -> tuple[BktParameters, Floats]:
    """Up to n rounds, fewer once the objective stands still; the parameters and the objective of each skill."""
    least_gain = settings.tolerance * max(len(sequences.entry), 1)
    before = -np.inf
    for _ in range(n):
        expected = expect(sequences, parameters)
        objective = expected.log_likelihood + log_prior(parameters, prior, settings)
        if objective.sum() - before < least_gain:
            break
        before, parameters = objective.sum(), maximise(expected, parameters, prior, settings)
    return parameters, objective


def _start(values: Start, prior: Prior, settings: BktSettings) -> BktParameters:
    """The start within the bounds: outside them the first round would lose likelihood, and the climb end there."""
    p_init, p_learn, guess, slip = (np.full(len(prior.mean), value, dtype=np.float64) for value in values)
    guess, slip = np.minimum(guess, settings.guess_max), np.minimum(slip, settings.slip_max)
    rate = prior.mean.forget_rate if settings.forgetting else np.zeros(len(prior.mean))
    return BktParameters(p_init, p_learn, guess, slip, rate)


def _share(count: tuple[Floats, Floats], mean: Floats, strength: float, bounds: tuple[float, float]) -> Floats:
    happened, could = count[0] + strength * mean, count[1] + strength
    share = np.divide(happened, could, out=mean.copy(), where=could > 0.0)  # no chance, no news
    return np.clip(share, *bounds)


def _likelihoods(sequences: Sequences, parameters: BktParameters) -> tuple[Floats, Floats]:
    """Of each entry's score, where the skill is known and where it is not, each (n_entries,); 1 for exposure."""
    of_score = [
        (np.ones(len(parameters)),) * 2
        if np.isnan(score)
        else (likelihood(score, 1.0 - parameters.slip), likelihood(score, parameters.guess))
        for score in sequences.scores.tolist()
    ]
    known, unknown = np.array(of_score).transpose(1, 2, 0)  # each (n_skills, n_scores)
    return known[sequences.skill, sequences.score], unknown[sequences.skill, sequences.score]


def _scored_and_wrong(sequences: Sequences) -> tuple[Floats, Floats]:
    """1 where the entry has a score, and the part of it that was missed; both 0 for exposure."""
    scored = (~np.isnan(sequences.scores)).astype(np.float64)
    return scored[sequences.score], np.nan_to_num(1.0 - sequences.scores)[sequences.score]


def _forward(
    sequences: Sequences, p_init: Floats, p_learn: Floats, likelihoods: tuple[Floats, Floats], kept: Floats
) -> tuple[Floats, Floats]:
    """P(known) before and after each entry's answer, given all up to it."""
    p_known, posterior = np.empty(len(kept)), np.empty(len(kept))
    (if_known, if_unknown), after = likelihoods, p_init
    for begin, end in pairwise(sequences.start.tolist()):
        run = slice(begin, end)
        p_known[run] = after[: end - begin] * kept[run]
        posterior[run] = condition(p_known[run], if_known[run], if_unknown[run])
        after = learn(posterior[run], p_learn[run])
    return p_known, posterior


def _backward(sequences: Sequences, p_learn: Floats, odds_known: Floats, odds_unknown: Floats, kept: Floats) -> tuple[Floats, Floats]:
    """Scaled likelihood of all later answers where the skill is known, or not, once the attempt has taught what it could."""
    ahead_known, ahead_unknown = np.ones(len(kept)), np.ones(len(kept))
    next_known = next_unknown = next_kept = np.zeros(0)  # of the step after, at its begin
    for begin, end in reversed(list(pairwise(sequences.start.tolist()))):
        run, goes_on = slice(begin, end), slice(begin, begin + len(next_kept))
        ahead_known[goes_on] = next_kept * next_known + (1.0 - next_kept) * next_unknown
        ahead_unknown[goes_on] = next_unknown
        taught = ahead_unknown[run] + p_learn[run] * (ahead_known[run] - ahead_unknown[run])
        next_known, next_unknown, next_kept = odds_known[run] * ahead_known[run], odds_unknown[run] * taught, kept[run]
    return ahead_known, ahead_unknown


@dataclass(frozen=True, slots=True, eq=False)
class Forgettings:
    """Gaps of some length, (n_gaps,): the `entry` before each, its `days`, and P(known and lost in it) and P(known and kept), given all."""

    entry: Ints
    days: Floats
    lost: Floats
    kept: Floats


def forgettings(sequences: Sequences, rate: Floats, known_after: Floats, ahead: tuple[Floats, Floats]) -> Forgettings:
    """What became of knowledge over the gaps; `rate` a day, P(known) after each attempt and `ahead` (`Smoothed`) are (n_entries,)."""
    days = sequences.days[sequences.successor]
    entry = np.flatnonzero((sequences.successor >= 0) & (days > 0.0))
    ahead_known, ahead_unknown = ahead
    lost = known_after[entry] * -np.expm1(-rate[entry] * days[entry]) * ahead_unknown[entry]
    return Forgettings(entry, days[entry], lost, known_after[entry] * ahead_known[entry] - lost)


def _forgotten(
    sequences: Sequences, own: BktParameters, known_after: Floats, ahead: tuple[Floats, Floats], n_skills: int
) -> tuple[Floats, Floats]:
    """How often each skill was forgotten between attempts, and the days that it was known and could have been.

    A forgetting within d days happened after 1 / rate - d / (exp(rate d) - 1) of them in the mean; written with
    exp(-rate d), which gaps of centuries do not overflow.
    """
    if not own.forget_rate.any():
        return np.zeros(n_skills), np.zeros(n_skills)
    gaps = forgettings(sequences, own.forget_rate, known_after, ahead)
    rate, days, skill = own.forget_rate[gaps.entry], gaps.days, sequences.skill[gaps.entry]
    at_risk = gaps.kept * days + gaps.lost * (1.0 / rate - days * np.exp(-rate * days) / -np.expm1(-rate * days))
    return _total(gaps.lost, skill, n_skills), _total(at_risk, skill, n_skills)


def _total(weights: Floats, skill: Ints, n_skills: int) -> Floats:
    """(n_skills,) sums by skill."""
    return np.bincount(skill, weights, minlength=n_skills).astype(np.float64)
