"""Figures are written whole, for ordinary predictions and for degenerate ones."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from adaptive.evaluation.calibration import calibration
from adaptive.evaluation.plots import plot_auc_by_attempt_number, plot_reliability
from adaptive.evaluation.predictions import Predictions


def predictions(n_learners: int, n_each: int, *, all_right: bool = False) -> Predictions:
    rng = np.random.default_rng(0)
    n = n_learners * n_each
    p = rng.beta(4, 2, n)
    correct = np.ones(n) if all_right else (rng.random(n) < p).astype(float)
    learner, position = np.repeat(np.arange(n_learners), n_each), np.tile(np.arange(1, n_each + 1), n_learners)
    return Predictions(np.arange(n), learner, position, position == 1, correct, p)


def plot_calibrated(sample: Predictions, path: Path, *, title: str) -> None:
    plot_reliability(sample, path, title=title, calibration=calibration(sample))


@pytest.mark.parametrize("plot", [plot_calibrated, plot_auc_by_attempt_number])
@pytest.mark.parametrize(
    "sample",
    [predictions(40, 60), predictions(1, 1), predictions(5, 4, all_right=True), predictions(0, 0)],
    ids=["ordinary", "one attempt", "one class", "nothing"],
)
def test_a_figure_is_a_picture_with_something_on_it(plot: object, sample: Predictions, tmp_path: Path) -> None:
    plot(sample, tmp_path / "figure.png", title="a model")
    picture = imread(tmp_path / "figure.png")
    assert picture.shape[0] > 800
    assert picture.std() > 0.02


def test_a_miscalibrated_model_draws_another_curve(tmp_path: Path) -> None:
    sample = predictions(40, 60)
    plot_calibrated(sample, tmp_path / "true.png", title="m")
    worse = Predictions(sample.row, sample.learner, sample.position, sample.first_encounter, 1 - sample.correct, sample.p_correct)
    plot_calibrated(worse, tmp_path / "false.png", title="m")
    assert not np.array_equal(imread(tmp_path / "true.png"), imread(tmp_path / "false.png"))
