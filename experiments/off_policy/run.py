"""Do the estimates equal those of the Open Bandit Pipeline, and do their intervals hold the truth as often as they say?

python experiments/off_policy/run.py [--small]               # coverage, in the package's own environment
OBP/bin/python experiments/off_policy/run.py --parity        # equality, in one that also has sb-obp 0.5.10
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from practice import Practice, deviation_value, draw_practice
from simulator import Log, World, draw_log, true_value

from adaptive.evaluation.off_policy import ESTIMATORS, LEVELS, Choices, LogBounds, OffPolicySettings, evaluate_reward, overlap, too_thin
from adaptive.evaluation.off_policy.estimators import reward_models, values
from adaptive.evaluation.off_policy.sums import learner_sums
from adaptive.protocols import Floats

NEAR = World(logged_aim=0.75, target_aim=0.60, width=0.15)
MIDDLE = replace(NEAR, target_aim=0.50, width=0.10)
FAR = replace(NEAR, target_aim=0.40, width=0.07)
WORLDS = {"near": NEAR, "middle": MIDDLE, "far": FAR}
ALL = LogBounds(0.0, 0.0, 0.0, 0.0, most_unsupported=1.0)
"""Nothing is refused, so that it is seen what refusing is good for."""
N_FOLDS = 5


def parity(n_logs: int) -> None:
    """The largest difference to sb-obp over some logs, on equal inputs: for DM and DR our own models' values of every candidate."""
    from obp import ope  # noqa: PLC0415 - in an environment of its own

    worst = dict.fromkeys(ESTIMATORS, 0.0)
    for seed in range(n_logs):
        log = draw_log(list(WORLDS.values())[seed % len(WORLDS)], 60, np.random.default_rng(seed))
        choices = log.choices()
        ours = values(learner_sums(choices, log.reward, n_folds=N_FOLDS, seed=seed))
        given = {
            "reward": log.reward,
            "action": log.chosen,
            "pscore": choices.propensity,
            "action_dist": log.p_target[:, :, None],
            "estimated_rewards_by_reg_model": foretold(log, choices, seed)[:, :, None],
            "position": np.zeros(len(choices), dtype=int),
        }
        theirs = {
            "ips": ope.InverseProbabilityWeighting(),
            "snips": ope.SelfNormalizedInverseProbabilityWeighting(),
            "dm": ope.DirectMethod(),
            "dr": ope.DoublyRobust(),
        }
        for name, estimator in theirs.items():
            worst[name] = max(worst[name], abs(float(estimator.estimate_policy_value(**given)) - float(ours[name][0])))
    print(f"largest difference to sb-obp over {n_logs} logs:", {name: f"{value:.1e}" for name, value in worst.items()})


def foretold(log: Log, choices: Choices, seed: int) -> Floats:
    """(n, n_candidates): what the model that never saw the learner tells of each candidate."""
    sums = learner_sums(choices, log.reward, n_folds=N_FOLDS, seed=seed)
    models = reward_models(sums, np.ones((1, len(sums))), sums.reward_features)[0]  # (n_folds, d)
    spread = choices.features.std(axis=0)
    features = (log.features - choices.features.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    model = models[sums.fold[np.unique(choices.learner, return_inverse=True)[1]]]  # (n, d)
    return model[:, :1] + np.einsum("naf,nf->na", features, model[:, 1:])


class Tally:
    """What 300 or so logs of one kind gave."""

    def __init__(self, truth: float) -> None:
        self.truth, self.n, self.n_refused = truth, 0, 0
        self.values: dict[str, list[float]] = {name: [] for name in ESTIMATORS}
        self.hits = dict.fromkeys([(name, level) for name in ESTIMATORS for level in LEVELS], 0)
        self.effective: list[float] = []

    def add(self, choices: Choices, reward: Floats, seed: int, n_replicates: int) -> None:
        result = evaluate_reward(choices, reward, OffPolicySettings(bounds=ALL, n_replicates=n_replicates, seed=seed))
        self.n += 1
        self.n_refused += bool(too_thin(overlap(choices.where(~np.isnan(reward))), LogBounds()))
        self.effective.append(result.overlap.effective_learners)
        for name in ESTIMATORS:
            self.values[name].append(result.estimates[name].value)
            for level in LEVELS:
                ends = result.estimates[name].intervals[level]
                self.hits[name, level] += ends is not None and ends[0] <= self.truth <= ends[1]

    def row(self, label: str) -> str:
        """Effective learners, share refused, and of each estimator bias, spread, coverage of 90 and 95 %."""
        cells = [label, f"{np.mean(self.effective):.0f}", f"{self.n_refused / self.n:.2f}"]
        for name in ESTIMATORS:
            covered = " / ".join(f"{self.hits[name, level] / self.n:.3f}" for level in LEVELS)
            cells.append(f"{np.mean(self.values[name]) - self.truth:+.4f}, {np.std(self.values[name]):.4f}, {covered}")
        return "| " + " | ".join(cells) + " |"


def coverage(n_logs: int, n_replicates: int, sizes: tuple[int, ...]) -> None:
    error = 100 * np.sqrt(np.array([0.9 * 0.1, 0.95 * 0.05]) / n_logs)
    print(f"{n_logs} logs a row; Monte Carlo error of a coverage: {error[0]:.1f} points at 90 %, {error[1]:.1f} at 95 %\n")
    print(f"| world, learners | effective learners | refused | {' | '.join(ESTIMATORS)} |")
    print("|---" * (3 + len(ESTIMATORS)) + "|")
    for name, world in WORLDS.items():
        truth = true_value(world)
        for n_learners in sizes:
            tally = Tally(truth)
            for seed in range(n_logs):
                rng = np.random.default_rng([n_learners, seed])
                log = draw_log(world, n_learners, rng)
                seen = np.where(rng.random(len(log.reward)) < SEEN, log.reward, np.nan)
                tally.add(log.choices(), seen, seed, n_replicates)
            print(tally.row(f"{name}, {n_learners}"), flush=True)


SEEN = 0.8
"""Share of rewards that come to be seen, in the bandit by chance alone; in practice it follows from what is practised later."""


def practice_coverage(n_logs: int, n_replicates: int, sizes: tuple[int, ...]) -> None:
    """The same where learners learn, what is shown now changes what is shown later, and rewards are answers days on."""
    practice = Practice()
    truth, error = deviation_value(practice, np.random.default_rng(99), n_learners=4_000 if n_logs < 100 else 400_000)
    print(f"\npractice: true value {truth:.4f}, standard error {error:.4f}\n")
    for n_learners in sizes:
        tally = Tally(truth)
        for seed in range(n_logs):
            choices, reward = draw_practice(practice, n_learners, np.random.default_rng([n_learners, seed, 1]))
            tally.add(choices, reward, seed, n_replicates)
        print(tally.row(f"practice, {n_learners}"), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few logs, to see that it runs")
    parser.add_argument("--parity", action="store_true", help="compare with sb-obp, which must be installed")
    given = parser.parse_args()
    if given.parity:
        parity(n_logs=4 if given.small else 30)
    else:
        sizes = (30, 100) if given.small else (15, 30, 100, 300)
        n_logs, n_replicates = (4, 50) if given.small else (300, 400)
        coverage(n_logs, n_replicates, sizes)
        practice_coverage(n_logs, n_replicates, sizes)
