"""The learner-clustered bootstrap against resampling by hand, and its coverage."""

import numpy as np
import pytest
from scipy.special import expit

from adaptive.evaluation.bootstrap import bootstrap, interval
from adaptive.evaluation.metrics import auc, log_loss


def class_of_learners(rng: np.random.Generator, n_learners: int, n_each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts that rest on a wrong belief about each learner, so that a learner's errors go together."""
    learner = np.repeat(np.arange(n_learners), n_each)
    easiness = rng.normal(scale=0.5, size=n_learners * n_each)
    ability, belief = (rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=n_learners)[learner]).T
    return expit(easiness + belief), (rng.random(len(learner)) < expit(easiness + ability)).astype(float), learner


def test_replicates_equal_metrics_of_learners_copied_by_hand() -> None:
    rng = np.random.default_rng(1)
    p, correct, learner = (column[:-18] for column in class_of_learners(rng, n_learners=15, n_each=7))  # the 13th has 3, two have none
    p, correct[::5] = p.round(1), 0.25  # ties and fractional scores
    replicates = bootstrap(p, correct, learner, rng=np.random.default_rng(9), n_replicates=20)
    same = np.random.default_rng(9)
    for got_auc, got_loss in zip(replicates.auc, replicates.log_loss, strict=True):
        rows = np.concatenate([np.flatnonzero(learner == who) for who in same.integers(13, size=13)])
        assert got_auc == pytest.approx(auc(p[rows], correct[rows]), abs=1e-12)
        assert got_loss == pytest.approx(log_loss(p[rows], correct[rows]), abs=1e-12)


def test_one_seed_gives_one_interval_and_the_codes_of_learners_do_not_matter() -> None:
    p, correct, learner = class_of_learners(np.random.default_rng(2), n_learners=30, n_each=10)
    intervals = {interval(bootstrap(p, correct, codes, rng=np.random.default_rng(5)).auc) for codes in (learner, learner, learner * 7 + 3)}
    assert len(intervals) == 1


@pytest.mark.parametrize("correct", [np.ones(40), np.zeros(40)])
def test_answers_of_one_kind_have_no_interval_of_auc_but_one_of_log_loss(correct: np.ndarray) -> None:
    replicates = bootstrap(np.linspace(0.1, 0.9, 40), correct, np.repeat(np.arange(8), 5), rng=np.random.default_rng(0), n_replicates=50)
    assert interval(replicates.auc) is None
    assert interval(replicates.log_loss) is not None


@pytest.mark.parametrize("n", [0, 10])
def test_fewer_than_two_learners_have_no_interval(n: int) -> None:
    correct = np.tile([0.0, 1.0], n // 2)
    replicates = bootstrap(np.linspace(0.1, 0.9, n), correct, np.zeros(n, dtype=np.int64), rng=np.random.default_rng(0), n_replicates=10)
    assert interval(replicates.auc) is None
    assert interval(replicates.log_loss) is None


def test_the_interval_covers_the_true_auc_as_often_as_it_claims() -> None:
    """120 classes of 60 learners, 20 dependent attempts each, 200 replicates.

    Percentile intervals of 60 clusters undercover a little: 92.4 % in 1,000 classes, so 111 of 120 are expected with a
    standard deviation of 2.9, and fewer than 100 has a chance below 1e-4.
    """
    assert coverage(clustered=True) >= 100


def test_resampling_attempts_instead_of_learners_would_be_caught() -> None:
    """Intervals of resampled attempts cover 69 % (300 classes): 82 of 120 +- 5."""
    assert coverage(clustered=False) < 100


def coverage(*, clustered: bool, n_classes: int = 120) -> int:
    truth = auc(*class_of_learners(np.random.default_rng(0), n_learners=40_000, n_each=20)[:2])
    assert truth is not None
    rng, hits = np.random.default_rng(42), 0
    for _ in range(n_classes):
        p, correct, learner = class_of_learners(rng, n_learners=60, n_each=20)
        unit = learner if clustered else np.arange(len(learner))
        found = interval(bootstrap(p, correct, unit, rng=rng, n_replicates=200).auc)
        assert found is not None
        hits += found.low <= truth <= found.high
    return hits
