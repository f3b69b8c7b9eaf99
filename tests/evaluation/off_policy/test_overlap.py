"""Weights are told as they are, and a log that is too thin is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adaptive.errors import ThinLog
from adaptive.evaluation.off_policy import (
    Choices,
    LogBounds,
    Matched,
    OffPolicySettings,
    evaluate_reward,
    evaluate_rewards,
    overlap,
    too_thin,
    warnings,
)

from .world import bandit, with_weights

FEW = OffPolicySettings(n_replicates=50)


@pytest.fixture(scope="module")
def choices() -> Choices:
    return bandit(np.random.default_rng(0), 50)[0]


def test_equal_weights_are_worth_as_many_decisions_as_there_are(choices: Choices) -> None:
    found = overlap(with_weights(choices, np.full(300, 0.7)))
    assert (found.effective_decisions, found.effective_learners) == (pytest.approx(300.0), pytest.approx(50.0))


def test_effective_size_is_kishs(choices: Choices) -> None:
    """m equal weights among zeros are worth m decisions; all of one learner, one learner."""
    weight = np.where(choices.learner == 3, 2.0, 0.0)
    found = overlap(with_weights(choices, weight))
    assert (found.effective_decisions, found.effective_learners, found.weight_of_one_learner) == pytest.approx((6.0, 1.0, 1.0))
    assert found.largest_weight == 2.0


def test_nothing_seen_is_refused_and_not_divided_by(choices: Choices) -> None:
    result = evaluate_reward(choices, np.full(300, np.nan), FEW)
    assert result.estimates == {}
    assert {"decisions", "learners"} <= {problem.where for problem in result.refused}


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (lambda c: c.where(np.arange(300) < 99), "decisions"),
        (lambda c: c.where(c.learner < 29), "learners"),
        (lambda c: with_weights(c, np.where(np.arange(300) % 7 == 0, 1.0, 0.0)), "effective decisions"),
        (lambda c: with_weights(c, np.where(c.learner < 19, 1.0, 0.0)), "effective learners"),
        (lambda c: replace(c, unsupported=np.full(300, 0.51)), "overlap"),
    ],
    ids=["decisions", "learners", "effective decisions", "effective learners", "overlap"],
)
def test_each_bound_refuses_by_itself(choices: Choices, broken: object, where: str) -> None:
    assert callable(broken)
    sound = with_weights(choices, np.ones(300))
    assert too_thin(overlap(sound), LogBounds()) == ()
    assert where in {problem.where for problem in too_thin(overlap(broken(sound)), LogBounds())}


def test_bounds_are_settings(choices: Choices) -> None:
    few = with_weights(choices, np.ones(300)).where(choices.learner < 20)
    assert too_thin(overlap(few), LogBounds())
    assert too_thin(overlap(few), LogBounds(least_learners=20)) == ()


def test_propensities_that_are_not_the_logs_are_noticed(choices: Choices) -> None:
    """Reported at half of what they were: the mean weight is 2. True ones lie four standard errors off once in 16,000."""
    _, spread = LogBounds(), overlap(choices)
    assert abs(spread.mean_weight_z) < 4.0
    false = replace(choices, propensity=choices.propensity / 2)
    assert any("propensities are not those" in warning for warning in warnings(overlap(false), LogBounds()))
    assert not any("propensities are not those" in warning for warning in warnings(spread, LogBounds()))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda c: replace(c, unsupported=np.full(300, 0.2)), "the log's policy never shows"),
        (lambda c: with_weights(c, np.where(np.arange(300) < 25, 2.0, 0.001)), "differs much"),
        (lambda c: with_weights(c, np.where(np.arange(300) < 3, 2.0, 0.01)), "One decision has"),
        (lambda c: with_weights(c, np.where(c.learner < 3, 2.0, 0.01)), "One learner has"),
    ],
    ids=["support", "far", "decision", "learner"],
)
def test_each_weakness_is_told_in_words(choices: Choices, broken: object, words: str) -> None:
    assert callable(broken)
    assert not any(words in warning for warning in warnings(overlap(with_weights(choices, np.ones(300))), LogBounds()))
    assert any(words in warning for warning in warnings(overlap(broken(choices)), LogBounds()))


def test_rewards_that_were_not_seen_bound_the_value() -> None:
    choices, reward, _ = bandit(np.random.default_rng(1), 60)
    half = np.where(np.arange(len(reward)) % 2 == 0, reward, np.nan)
    result = evaluate_reward(choices, half, FEW)
    low, high = result.if_unseen or (0.0, 0.0)
    assert result.n_unseen == len(reward) // 2
    assert low < result.estimates["snips"].value < high
    assert any("was not seen" in warning for warning in result.warnings)


def test_seeing_the_targets_choices_less_often_is_told() -> None:
    choices, reward, _ = bandit(np.random.default_rng(2), 60)
    seen_where_unlikely = np.where(choices.weight < np.median(choices.weight), reward, np.nan)
    result = evaluate_reward(
        choices, seen_where_unlikely, OffPolicySettings(bounds=LogBounds(least_effective_decisions=1), n_replicates=50)
    )
    assert result.seen_difference < -0.05
    assert any("less often" in warning for warning in result.warnings)


def test_a_log_that_is_too_thin_by_every_reward_raises_with_all_reasons(choices: Choices) -> None:
    reward = np.ones(300)
    few = Matched(choices.where(choices.learner < 5), {"delayed_correct": reward[:30], "mastery": reward[:30]}, (), {}, {})
    with pytest.raises(ThinLog) as refused:
        evaluate_rewards(few, FEW)
    assert {problem.where.partition(",")[0] for problem in refused.value.problems} == {"delayed_correct", "mastery"}


def test_one_reward_is_told_where_only_the_other_is_too_thin(choices: Choices) -> None:
    one = Matched(choices, {"delayed_correct": np.ones(300), "mastery": np.full(300, np.nan)}, (), {}, {})
    results = evaluate_rewards(one, FEW)
    assert results["delayed_correct"].estimates["snips"].value == pytest.approx(1.0)
    assert results["mastery"].refused
