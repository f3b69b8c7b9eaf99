"""The evaluation of one target policy: per reward its value four ways, how far to trust it, or why nothing is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from adaptive.errors import Problem, ThinLog
from adaptive.evaluation.off_policy.choices import Choices
from adaptive.evaluation.off_policy.intervals import Estimate, estimate
from adaptive.evaluation.off_policy.matching import Matched
from adaptive.evaluation.off_policy.overlap import LogBounds, Overlap, overlap, too_thin, warnings
from adaptive.evaluation.off_policy.rewards import RewardSettings
from adaptive.evaluation.off_policy.sums import learner_sums
from adaptive.evaluation.progress import Progress, silent
from adaptive.protocols import Floats

__all__ = ["OffPolicySettings", "RewardResult", "evaluate_reward", "evaluate_rewards"]


@dataclass(frozen=True, slots=True)
class OffPolicySettings:
    """How estimates are made, and from where on they are told."""

    rewards: RewardSettings = field(default_factory=RewardSettings)
    bounds: LogBounds = field(default_factory=LogBounds)
    n_folds: int = 5
    """Of the reward models: a learner's rewards are foretold by the other four fifths (Chernozhukov et al. 2018 use 2 to 10)."""
    n_replicates: int = 1000
    """The 2.5 % point then rests on 25 replicates."""
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class RewardResult:
    """What a log tells of the target by one reward. `estimates` is empty where `refused` says why nothing is told.

    `n_unseen` decisions have no reward (yet); values are of rewards that are seen. `if_unseen` is the SNIPS value over all decisions if
    every reward not seen were 0, and if it were 1 (Manski 1990): what is not seen can move it no further. `seen_difference` is how much
    oftener the target's choices are seen than the log's.
    """

    overlap: Overlap
    n_unseen: int
    seen_difference: float
    if_unseen: tuple[float, float] | None
    estimates: Mapping[str, Estimate]
    refused: tuple[Problem, ...]
    warnings: tuple[str, ...]


def evaluate_rewards(matched: Matched, settings: OffPolicySettings, *, progress: Progress = silent) -> dict[str, RewardResult]:
    """The result by each reward. Raises ThinLog where none has anything to tell."""
    results = {}
    for done, (name, reward) in enumerate(matched.rewards.items()):
        progress("resampling learners", done, len(matched.rewards))
        results[name] = evaluate_reward(matched.choices, reward, settings)
    progress("resampling learners", len(results), len(results))
    if not any(result.estimates for result in results.values()):
        raise ThinLog(
            "decision log",
            [
                Problem(f"{name}, {problem.where}", problem.rule, problem.value, problem.way_out)
                for name, result in results.items()
                for problem in result.refused
            ],
        )
    return results


def evaluate_reward(choices: Choices, reward: Floats, settings: OffPolicySettings) -> RewardResult:
    """The target's value by rewards (n,) in [0, 1], NaN where not seen."""
    seen = ~np.isnan(reward)
    found = overlap(choices.where(seen))
    refused = too_thin(found, settings.bounds)
    estimates: Mapping[str, Estimate] = {}
    if not refused:
        n_folds = min(settings.n_folds, found.n_learners)
        sums = learner_sums(choices, reward, n_folds=n_folds, seed=settings.seed)
        estimates = estimate(sums, n_replicates=settings.n_replicates, seed=settings.seed)
    w, total = choices.weight, float(choices.weight.sum())
    difference = float(w @ seen) / total - float(seen.mean()) if total else 0.0
    ends = tuple(float(w @ np.where(seen, reward, end)) / total for end in (0.0, 1.0)) if total and not refused else None
    return RewardResult(
        overlap=found,
        n_unseen=int(np.sum(~seen)),
        seen_difference=difference,
        if_unseen=None if ends is None else (ends[0], ends[1]),
        estimates=estimates,
        refused=refused,
        warnings=(*warnings(found, settings.bounds), *_about_unseen(float(np.mean(~seen)), difference, settings.bounds)),
    )


def _about_unseen(unseen: float, difference: float, bounds: LogBounds) -> Iterator[str]:
    if unseen > bounds.warn_unseen:
        yield f"Of {unseen:.0%} of the decisions the reward was not seen: the value is that of those where it was."
    if abs(difference) > bounds.warn_seen_difference:
        than = "more" if difference > 0.0 else "less"
        yield f"Rewards of what the target would show are seen {than} often than the log's, by {abs(difference):.0%}: a selection."
