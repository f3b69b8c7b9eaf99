"""How much a log can tell of a target policy: weights, overlap, and when it is too thin to tell anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adaptive.errors import Problem
from adaptive.evaluation.off_policy.choices import Choices
from adaptive.evaluation.off_policy.sums import effective_size
from adaptive.protocols import Floats, Ints

__all__ = ["LogBounds", "Overlap", "overlap", "too_thin", "warnings"]


@dataclass(frozen=True, slots=True)
class LogBounds:
    """From where on a log is refused (`least_`, `most_`) or its estimates come with a warning (`warn_`)."""

    least_decisions: float = 100
    """Decisions whose reward was seen (ours; the standard error of a mean of rewards is then at most .05 even with equal weights)."""
    least_learners: float = 30
    """Learners with such decisions: with fewer clusters resampling them gives intervals that are too short (Cameron, Gelbach &
    Miller 2008 find so at 5 to 30)."""
    least_effective_decisions: float = 50.0
    """(sum w)^2 / sum w^2 (Kish 1965; as a diagnostic of importance weights Owen 2013, 9.3). The bound is ours: experiments/off_policy."""
    least_effective_learners: float = 20.0
    """The same of weights summed by learner, as intervals resample learners. The bound is ours: experiments/off_policy."""
    most_unsupported: float = 0.50
    """Of the target's choices, the share that the log could never show: beyond half, most of the value would be extrapolated (ours)."""
    warn_unsupported: float = 0.05
    """The value of what the log never shows lies in [0, 1], so that this share of it may move the estimate by as much (ours)."""
    warn_effective_share: float = 0.10
    """Effective decisions over decisions: below it intervals are more than three times as long as those of the log's own mean."""
    warn_one_decision: float = 0.05
    """Share of all weight that one decision has."""
    warn_one_learner: float = 0.10
    """Share of all weight that one learner has."""
    warn_unseen: float = 0.30
    """Share of decisions whose reward was never seen."""
    warn_seen_difference: float = 0.05
    """By how much the target's choices are seen more or less often than the log's: then what is seen is a selection."""
    surprising_z: float = 4.0
    """Standard errors that the mean weight may lie from its expectation, the supported share: beyond, a false alarm is one in 16,000."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the weights w = pi / p of decisions with a seen reward look like; shares lie in [0, 1].

    `unsupported` is the mean probability of the target on items that the log's policy never shows; `no_support` the share of decisions
    where the target's likeliest part (over half of its probability) is such. `mean_weight` is 1 - `unsupported` in expectation, and
    `mean_weight_z` how many standard errors, over learners, it lies from that: far off, the propensities are not those of the log.
    """

    n_decisions: int
    n_learners: int
    effective_decisions: float
    effective_learners: float
    largest_weight: float
    weight_of_one_decision: float
    weight_of_one_learner: float
    mean_weight: float
    mean_weight_z: float
    unsupported: float
    no_support: float
    weight_quantiles: tuple[float, ...]
    """At 0, .05, .25, .50, .75, .95 and 1."""


def overlap(choices: Choices) -> Overlap:
    """The log beside the target.

    >>> rows = Choices(np.arange(4), np.full(4, 0.5), np.array([1.0, 0, 0.5, 0.5]), np.zeros(4), *np.zeros((2, 4, 1)))
    >>> found = overlap(rows)
    >>> round(found.effective_decisions, 2), found.largest_weight, found.mean_weight
    (2.67, 2.0, 1.0)
    """
    if not len(choices):
        return Overlap(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, (0.0,) * len(_QUANTILES))
    w = choices.weight
    learners, who = np.unique(choices.learner, return_inverse=True)
    of_learner = np.bincount(who, weights=w).astype(np.float64)  # (n_learners,)
    total = float(w.sum())
    return Overlap(
        n_decisions=len(choices),
        n_learners=len(learners),
        effective_decisions=effective_size(w),
        effective_learners=effective_size(of_learner),
        largest_weight=float(w.max()),
        weight_of_one_decision=float(w.max()) / total if total else 0.0,
        weight_of_one_learner=float(of_learner.max()) / total if total else 0.0,
        mean_weight=float(w.mean()),
        mean_weight_z=_z(who, w + choices.unsupported - 1.0),
        unsupported=float(choices.unsupported.mean()),
        no_support=float(np.mean(choices.unsupported > 0.5)),
        weight_quantiles=tuple(np.quantile(w, _QUANTILES).tolist()),
    )


def too_thin(found: Overlap, bounds: LogBounds) -> tuple[Problem, ...]:
    """Every bound that the log does not meet; empty where estimates may be told."""
    more = "log more decisions, of more learners"
    nearer = "log more, or evaluate a policy nearer to the one that made the log"
    least = (
        ("decisions", "at least {} decisions with a seen reward are needed", found.n_decisions, bounds.least_decisions, more),
        ("learners", "at least {} learners are needed", found.n_learners, bounds.least_learners, more),
        ("effective decisions", "must be at least {}", found.effective_decisions, bounds.least_effective_decisions, nearer),
        ("effective learners", "must be at least {}", found.effective_learners, bounds.least_effective_learners, nearer),
    )
    problems = [Problem(where, rule.format(f"{bound:g}"), f"{value:.4g}", out) for where, rule, value, bound, out in least if value < bound]
    if found.unsupported > bounds.most_unsupported:
        rule = f"at most {bounds.most_unsupported:g} of the target's choices may be such that the log's policy never shows them"
        problems.append(Problem("overlap", rule, f"{found.unsupported:.3g}", "log with a policy that explores what the target chooses"))
    return tuple(problems)


def warnings(found: Overlap, bounds: LogBounds) -> Iterator[str]:
    """In plain words, what stands against trusting the estimates."""
    if found.unsupported > bounds.warn_unsupported:
        yield (
            f"{found.unsupported:.0%} of what the target would show, the log's policy never shows: IPS and SNIPS leave it out, "
            "DM and DR extrapolate it."
        )
    if found.effective_decisions < bounds.warn_effective_share * found.n_decisions:
        yield (
            f"The target differs much from the log: {found.n_decisions:,} decisions tell as much as "
            f"{found.effective_decisions:,.0f} of its own would."
        )
    if found.weight_of_one_decision > bounds.warn_one_decision:
        yield f"One decision has {found.weight_of_one_decision:.0%} of all weight (its weight is {found.largest_weight:.3g})."
    if found.weight_of_one_learner > bounds.warn_one_learner:
        yield f"One learner has {found.weight_of_one_learner:.0%} of all weight."
    if abs(found.mean_weight_z) > bounds.surprising_z:
        yield (
            f"The mean weight is {found.mean_weight:.3f} where {1.0 - found.unsupported:.3f} is expected "
            f"({found.mean_weight_z:+.1f} standard errors): the log's propensities are not those by which it was drawn, or decisions "
            "were left out by what was shown."
        )


_QUANTILES = (0.0, 0.05, 0.25, 0.50, 0.75, 0.95, 1.0)


def _z(who: Ints, rows: Floats) -> float:
    """The mean of rows (n,) in standard errors over the learners `who` (n,) they are of (linearised); 0 where those are 0."""
    mean = rows.mean()
    error = float(np.sqrt(np.sum(np.bincount(who, weights=rows - mean) ** 2))) / len(rows)
    return float(mean) / error if error > _NO_ERROR else 0.0


_NO_ERROR = 1e-12
"""A target that is the log's own policy has weights of 1 to rounding."""
