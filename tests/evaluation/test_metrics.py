"""Metrics against scikit-learn on weighted, duplicated rows and against slow definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from adaptive.evaluation.metrics import accuracy, auc, brier, ece, ece_of_perfect_forecaster, log_loss, reliability

forecasts_and_scores = st.lists(
    st.tuples(st.sampled_from([0.05, 0.2, 0.2000001, 0.5, 0.7, 0.95]), st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.25, 2 / 3])),
    min_size=2,
    max_size=40,
).map(lambda pairs: (np.array([p for p, _ in pairs]), np.array([c for _, c in pairs])))


def twice(p: np.ndarray, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every attempt as a right answer of weight c and a wrong one of weight 1 - c: labels, forecasts, weights."""
    return np.repeat([1, 0], len(p)), np.tile(p, 2), np.concatenate([correct, 1 - correct])


@given(forecasts_and_scores)
def test_auc_equals_scikit_learn_on_weighted_rows_with_ties(sample: tuple[np.ndarray, np.ndarray]) -> None:
    p, correct = sample
    labels, scores, weights = twice(p, correct)
    if correct.sum() == 0 or (1 - correct).sum() == 0:
        assert auc(p, correct) is None
        return
    assert auc(p, correct) == pytest.approx(reference.roc_auc_score(labels, scores, sample_weight=weights), abs=1e-12)


@given(forecasts_and_scores)
def test_losses_equal_scikit_learn_on_weighted_rows(sample: tuple[np.ndarray, np.ndarray]) -> None:
    p, correct = sample
    labels, scores, weights = twice(p, correct)
    assert log_loss(p, correct) == pytest.approx(reference.log_loss(labels, scores, sample_weight=weights, labels=[0, 1]), abs=1e-12)
    assert brier(p, correct) == pytest.approx(np.average((labels - scores) ** 2, weights=weights), abs=1e-12)
    assert accuracy(p, correct) == pytest.approx(reference.accuracy_score(labels, scores >= 0.5, sample_weight=weights), abs=1e-12)


@given(forecasts_and_scores, st.randoms())
def test_no_metric_depends_on_the_order_of_rows(sample: tuple[np.ndarray, np.ndarray], random: object) -> None:
    p, correct = sample
    order = np.argsort([random.random() for _ in p])  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    for metric in (auc, log_loss, brier, accuracy, ece):
        assert metric(p[order], correct[order]) == pytest.approx(metric(p, correct), abs=1e-12)


def test_auc_of_pairs_counted_one_by_one() -> None:
    rng = np.random.default_rng(3)
    p, correct = rng.integers(0, 20, 200) / 20, rng.integers(0, 2, 200).astype(float)
    wins = [(a > b) + 0.5 * (a == b) for a in p[correct == 1] for b in p[correct == 0]]
    assert auc(p, correct) == pytest.approx(np.mean(wins), abs=1e-12)


@pytest.mark.parametrize("correct", [[1.0, 1.0], [0.0, 0.0], []])
def test_auc_without_both_answers_is_undefined(correct: list[float]) -> None:
    assert auc(np.linspace(0.1, 0.9, len(correct)), np.array(correct)) is None


def test_every_metric_of_nothing_is_undefined() -> None:
    nothing = np.empty(0)
    assert [metric(nothing, nothing) for metric in (auc, log_loss, brier, accuracy, ece)] == [None] * 5
    assert ece_of_perfect_forecaster(nothing, np.random.default_rng(0)) is None


def test_a_certain_and_wrong_forecast_costs_a_finite_loss() -> None:
    assert log_loss(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(
        -np.log(1e-15), rel=1e-3
    )  # 1 - 1e-15 rounds by 1e-16 of 1e-15: 3 %


def test_ece_equals_the_slow_definition_without_ties() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(size=1500)
    correct = (rng.random(1500) < p**1.5).astype(float)
    order = np.argsort(p)
    slow = sum(abs(p[part].mean() - correct[part].mean()) * len(part) for part in np.array_split(order, 15)) / 1500
    assert ece(p, correct) == pytest.approx(slow, abs=1e-12)


@given(st.integers(1, 200))
def test_reliability_bins_hold_every_attempt_once_in_near_equal_counts(n: int) -> None:
    rng = np.random.default_rng(n)
    bins = reliability(rng.uniform(size=n), rng.integers(0, 2, n).astype(float))
    assert bins.n_attempts.sum() == n
    assert len(bins.n_attempts) == min(n, 15)
    assert bins.n_attempts.max() - bins.n_attempts.min() <= 1
    assert np.all(np.diff(bins.p_correct) >= 0)


def test_a_constant_forecast_has_the_distance_of_its_mean_as_ece() -> None:
    assert ece(np.full(90, 0.7), np.repeat([0.0, 1.0], 45)) == pytest.approx(0.2, abs=1e-12)


def test_true_forecasters_show_the_ece_of_a_perfect_one() -> None:
    """The ECE of 2,000 true forecasts has standard deviation .006, the mean of 60 sets .0008: false alarm below 1e-5 at .004."""
    rng = np.random.default_rng(7)
    p = rng.uniform(0.2, 0.9, 2000)
    floor = ece_of_perfect_forecaster(p, rng)
    seen = [ece(p, (rng.random(2000) < p).astype(float)) for _ in range(60)]
    assert floor == pytest.approx(np.mean(seen), abs=0.004)
