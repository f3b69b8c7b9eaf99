"""The four estimators against sums written the slow way, and what must hold of any of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.errors import InvalidInput
from adaptive.evaluation.off_policy import ESTIMATORS, LEVELS, LOGGED, Choices, estimate, learner_sums, values
from adaptive.protocols import Floats

from .world import TRUE_VALUE, bandit, with_weights

FLOAT = 1e-9
"""Sums of some hundred terms in another order."""


def slow(choices: Choices, reward: Floats, *, n_folds: int, seed: int) -> dict[str, float]:
    """One decision at a time; each fold's ridge by least squares on rows that hold the penalty."""
    learners = sorted(set(choices.learner.tolist()))
    order = np.random.RandomState(seed).permutation(len(learners))
    fold_of = {learners[who]: place % n_folds for place, who in enumerate(order)}
    centre, spread = choices.features.mean(axis=0), choices.features.std(axis=0)
    shown = (choices.features - centre) / spread
    under_target = (choices.target_features - centre) / spread
    n_features = shown.shape[1]
    ips, weights, dm, dr = [], [], [], []
    for i in range(len(reward)):
        others = [j for j in range(len(reward)) if fold_of[int(choices.learner[j])] != fold_of[int(choices.learner[i])]]
        rows = np.vstack([*(np.append(1.0, shown[j]) for j in others), *(np.append(0.0, row) for row in np.eye(n_features))])
        told = np.append(reward[others], np.zeros(n_features))
        model = np.linalg.lstsq(rows, told, rcond=None)[0]
        w = choices.p_target[i] / choices.propensity[i]
        q, q_target = np.append(1.0, shown[i]) @ model, np.append(1.0, under_target[i]) @ model
        ips.append(w * reward[i])
        weights.append(w)
        dm.append(q_target)
        dr.append(q_target + w * (reward[i] - q))
    return {"ips": np.mean(ips), "snips": np.sum(ips) / np.sum(weights), "dm": np.mean(dm), "dr": np.mean(dr), LOGGED: np.mean(reward)}


def found(choices: Choices, reward: Floats) -> dict[str, float]:
    return {name: float(value[0]) for name, value in values(learner_sums(choices, reward, n_folds=3, seed=4)).items()}


def test_estimates_equal_those_made_one_decision_at_a_time() -> None:
    choices, reward, _ = bandit(np.random.default_rng(0), 15)
    assert found(choices, reward) == pytest.approx(slow(choices, reward, n_folds=3, seed=4), abs=FLOAT)


def test_what_is_seen_less_often_under_the_target_does_not_mislead() -> None:
    """2,000 learners; rewards are seen with probability 1 - .8 feature, which the target seeks. The truth is E[R S] / E[S] under it, here
    from each candidate's own chances; standard errors are below .012, so that .05 is beyond four."""
    rng = np.random.default_rng(11)
    choices, reward, _ = bandit(rng, 2000)
    p_seen = 1.0 - 0.8 * choices.features[:, 0]
    seen = np.where(rng.random(len(reward)) < p_seen, reward, np.nan)
    p_reward = 0.2 + 0.5 * choices.features[:, 0]
    truth = float(np.sum(choices.weight * p_reward * p_seen) / np.sum(choices.weight * p_seen))
    told = {name: float(value[0]) for name, value in values(learner_sums(choices, seen, n_folds=5, seed=0)).items()}
    assert {name: told[name] for name in ESTIMATORS} == pytest.approx(dict.fromkeys(ESTIMATORS, truth), abs=0.05)
    taken_as_seen_alike = float(np.nansum(choices.weight * seen) / np.sum(~np.isnan(seen)))
    assert taken_as_seen_alike < truth - 0.05


def test_a_resample_is_the_same_as_its_learners_repeated() -> None:
    """Learners 0 and 2 twice, 1 never: as if they were others with equal decisions, in the folds of those they copy."""
    choices, reward, _ = bandit(np.random.default_rng(1), 6)
    sums = learner_sums(choices, reward, n_folds=2, seed=0)
    times = np.array([[2.0, 0.0, 2.0, 1.0, 1.0, 1.0]])
    copies = np.repeat(np.arange(6), times[0].astype(int))
    names = [name for name in sums.__slots__ if name != "fold"]
    written_out = replace(sums, fold=sums.fold[copies], **{name: getattr(sums, name)[copies] for name in names})
    for name, value in values(sums, times).items():
        np.testing.assert_allclose(value, values(written_out)[name], rtol=FLOAT)


def test_the_logs_own_policy_is_worth_what_the_log_brought() -> None:
    choices, reward, _ = bandit(np.random.default_rng(2), 20)
    own = replace(choices, p_target=choices.propensity, target_features=choices.features)
    assert found(own, reward) == pytest.approx(dict.fromkeys((*ESTIMATORS, LOGGED), float(reward.mean())), abs=0.02)
    assert found(own, reward)["ips"] == pytest.approx(float(reward.mean()), abs=FLOAT)


@given(st.floats(0.0, 1.0), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_reward_that_is_always_the_same_is_told_by_all_but_ips(constant: float, seed: int) -> None:
    """1e-6: the intercept is held by a penalty of 1e-9."""
    choices, reward, _ = bandit(np.random.default_rng(seed), 8, per_learner=3)
    told = found(choices, np.full_like(reward, constant))
    for name in ("snips", "dm", "dr", LOGGED):
        assert told[name] == pytest.approx(constant, abs=1e-6)


def test_no_learner_is_foretold_by_their_own_rewards() -> None:
    """Turning one learner's rewards round leaves what the model foretells of that learner's fold alone as it was."""
    choices, reward, _ = bandit(np.random.default_rng(3), 6)
    turned = np.where(choices.learner == 0, 1.0 - reward, reward)
    before, after = (learner_sums(choices, r, n_folds=6, seed=0) for r in (reward, turned))
    only_first = replace(before, target_features=np.where(np.arange(6)[:, None] == 0, before.target_features, 0.0))
    same_but_rewards = replace(only_first, reward_features=after.reward_features)
    np.testing.assert_allclose(values(only_first)["dm"], values(same_but_rewards)["dm"], rtol=FLOAT)


def test_intervals_cover_the_truth_at_their_rate() -> None:
    """120 logs of 60 learners; of a true 90 % interval fewer than 96 hold the truth once in 3,000 (binomial), of a 95 % one 105."""
    least = {0.90: 96, 0.95: 105}
    covered = dict.fromkeys([(name, level) for name in ("ips", "snips", "dr") for level in LEVELS], 0)
    for seed in range(120):
        choices, reward, truth = bandit(np.random.default_rng(seed), 60)
        told = estimate(learner_sums(choices, reward, n_folds=5, seed=0), n_replicates=200, seed=seed)
        for name, level in covered:
            ends = told[name].intervals[level]
            covered[name, level] += ends is not None and ends[0] <= truth <= ends[1]
    assert {key: n for key, n in covered.items() if n < least[key[1]]} == {}


def test_the_lead_over_the_log_has_a_narrower_interval_than_both_values_apart() -> None:
    choices, reward, _ = bandit(np.random.default_rng(5), 80)
    near = replace(choices, p_target=0.9 * choices.propensity + 0.1 * choices.p_target)
    told = estimate(learner_sums(near, reward, n_folds=5, seed=0), n_replicates=300, seed=0)["snips"]
    (low, high), (lead_low, lead_high) = told.intervals[0.95] or (0, 0), told.difference_intervals[0.95] or (0, 0)
    assert 0 < lead_high - lead_low < (high - low) / 2


def test_a_target_without_any_weight_has_no_self_normalised_value() -> None:
    choices, reward, _ = bandit(np.random.default_rng(6), 10)
    nowhere = with_weights(choices, np.zeros(len(choices)))
    told = estimate(learner_sums(nowhere, reward, n_folds=5, seed=0), n_replicates=50, seed=0)
    assert told["snips"].intervals == dict.fromkeys(LEVELS)
    assert np.isnan(told["snips"].value)


def test_the_true_value_of_the_bandit_is_what_its_rewards_average_to() -> None:
    """IPS over 3,000 learners; its standard error is some .006, so that five of them come once in two million."""
    choices, reward, _ = bandit(np.random.default_rng(8), 3000)
    assert found(choices, reward)["ips"] == pytest.approx(TRUE_VALUE, abs=0.03)


@pytest.mark.parametrize("column", ["propensity", "p_target", "unsupported"])
@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability_is_refused(column: str, value: float) -> None:
    choices, _, _ = bandit(np.random.default_rng(9), 2)
    with pytest.raises(InvalidInput, match=column):
        replace(choices, **{column: np.full(len(choices), value)})


def test_columns_of_unequal_length_and_impossible_items_are_refused() -> None:
    choices, _, _ = bandit(np.random.default_rng(9), 2)
    with pytest.raises(InvalidInput, match="one row per decision"):
        replace(choices, p_target=choices.p_target[1:])
    with pytest.raises(InvalidInput, match="a chance above 0"):
        replace(choices, propensity=np.zeros(len(choices)))
