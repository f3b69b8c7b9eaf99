"""A fold's figures and their mean."""

import numpy as np
import pytest

from adaptive.evaluation import metrics
from adaptive.evaluation.bootstrap import interval
from adaptive.evaluation.fold_metrics import Cost, FoldMetrics, mean_of_folds, measure
from adaptive.evaluation.predictions import Predictions

COST = Cost(fit_seconds=2.0, update_us=30.0, peak_mb=100.0)


def predictions(seed: int, n_learners: int = 20, n_each: int = 15) -> Predictions:
    rng = np.random.default_rng(seed)
    n = n_learners * n_each
    p = rng.uniform(0.1, 0.9, n)
    return Predictions(
        row=np.arange(n),
        learner=np.repeat(np.arange(n_learners), n_each),
        position=np.tile(np.arange(1, n_each + 1), n_learners),
        first_encounter=rng.random(n) < 0.5,
        correct=(rng.random(n) < p).astype(float),
        p_correct=p,
    )


def test_metrics_of_a_fold_are_those_of_its_attempts() -> None:
    sample = predictions(0)
    fold = measure("1", sample, COST)
    assert (fold.fold, fold.n_attempts, fold.n_learners) == ("1", 300, 20)
    assert fold.summary.auc == metrics.auc(sample.p_correct, sample.correct)
    assert fold.summary.auc_first_encounter == metrics.auc(sample.p_correct[sample.first_encounter], sample.correct[sample.first_encounter])
    assert fold.summary.auc_interval == interval(fold.replicates.auc)
    assert fold.summary.auc_interval.low < fold.summary.auc < fold.summary.auc_interval.high
    assert fold.summary.log_loss_interval.low < fold.summary.log_loss < fold.summary.log_loss_interval.high


def test_one_seed_gives_one_interval_and_another_seed_another() -> None:
    sample = predictions(0)
    assert measure("1", sample, COST, seed=3).summary == measure("1", sample, COST, seed=3).summary
    assert measure("1", sample, COST, seed=3).summary != measure("1", sample, COST, seed=4).summary


def test_folds_of_one_seed_draw_their_resamples_independently() -> None:
    sample = predictions(0)
    one, other = (measure(name, sample, COST, seed=3).replicates.auc for name in ("1", "2"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.13  # 1,000 independent pairs: standard deviation .032, false alarm below 1e-4


def folds(n: int) -> list[FoldMetrics]:
    return [measure(str(k), predictions(k), COST, seed=0) for k in range(n)]


def test_the_mean_of_folds_averages_and_its_interval_is_narrower_than_a_folds() -> None:
    """Five folds of independent learners narrow an interval by about sqrt(5) = 2.2; 1.5 leaves room for chance."""
    measured = folds(5)
    summary, cost = mean_of_folds(measured)
    assert summary.auc == pytest.approx(np.mean([fold.summary.auc for fold in measured]))
    assert cost == COST
    widths = [fold.summary.auc_interval.high - fold.summary.auc_interval.low for fold in measured]
    assert summary.auc_interval.high - summary.auc_interval.low < np.mean(widths) / 1.5


def test_the_mean_is_undefined_where_a_fold_is() -> None:
    sample = predictions(1)
    all_right = Predictions(sample.row, sample.learner, sample.position, sample.first_encounter, np.ones(300), sample.p_correct)
    summary, _ = mean_of_folds([*folds(2), measure("x", all_right, Cost(1.0, None, None))])
    assert summary.auc is None
    assert summary.auc_interval is None
    assert summary.auc_first_encounter is None
    assert summary.log_loss > 0


def test_one_fold_is_its_own_mean() -> None:
    (fold,) = folds(1)
    assert mean_of_folds([fold]) == (fold.summary, fold.cost)


def test_a_fold_without_attempts_has_no_figures_at_all() -> None:
    nothing = predictions(0).where(np.zeros(300, dtype=bool))
    fold = measure("empty", nothing, COST)
    assert (fold.n_attempts, fold.n_learners) == (0, 0)
    assert {getattr(fold.summary, name) for name in fold.summary.__slots__} == {None}
