"""The files of an evaluation, field by field."""

import csv
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from adaptive.datasets import AttemptTable, learner_folds
from adaptive.evaluation.crossvalidation import Evaluation, evaluate
from adaptive.evaluation.metrics import ece
from adaptive.evaluation.report import metrics_document, write_evaluation
from adaptive.models import build_model

FIGURES = [
    "auc", "auc_low", "auc_high", "log_loss", "log_loss_low", "log_loss_high", "brier", "ece", "accuracy", "auc_first_encounter",
    "fit_seconds", "update_us", "peak_mb",
]  # fmt: skip


@pytest.fixture(scope="module")
def evaluation(table: AttemptTable) -> Evaluation:
    return evaluate(partial(build_model, "baseline"), learner_folds(table, 2), data_sha256=table.data_sha256)


def test_metrics_json_has_the_fields_of_the_format_in_order(evaluation: Evaluation, table: AttemptTable, tmp_path: Path) -> None:
    write_evaluation(evaluation, tmp_path / "out")
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert list(written) == ["model", "data_sha256", "folds", "mean"]
    assert [list(fold) for fold in written["folds"]] == [["fold", "n_attempts", "n_learners", *FIGURES]] * 2
    assert list(written["mean"]) == [*FIGURES, "ece_pooled", "ece_perfect"]
    assert (written["model"], written["data_sha256"]) == ("baseline", table.data_sha256)
    for fold, result in zip(written["folds"], evaluation.folds, strict=True):
        assert fold["auc"] == result.metrics.summary.auc
        assert fold["auc_low"] < fold["auc"] < fold["auc_high"]
        assert fold["log_loss_low"] < fold["log_loss"] < fold["log_loss_high"]
        assert (fold["n_attempts"], fold["n_learners"]) == (len(result.predictions), 15)


def test_calibration_is_pooled_over_folds_beside_that_of_a_perfect_forecaster(evaluation: Evaluation) -> None:
    """The floor against 2,000 draws of its own: its 100 draws have a standard error of about .0015 here, four of which are .006."""
    mean = metrics_document(evaluation)["mean"]
    p, correct = (np.concatenate([getattr(fold.predictions, name) for fold in evaluation.folds]) for name in ("p_correct", "correct"))
    rng = np.random.default_rng(9)
    floor = np.mean([ece(p, (rng.random(len(p)) < p).astype(float)) for _ in range(2000)])
    assert mean["ece_pooled"] == ece(p, correct)
    assert mean["ece_pooled"] != pytest.approx(mean["ece"], abs=1e-6)
    assert mean["ece_perfect"] == pytest.approx(floor, abs=0.006)


def test_predictions_csv_has_each_scored_row_once_in_file_order_to_the_last_digit(evaluation: Evaluation, tmp_path: Path) -> None:
    write_evaluation(evaluation, tmp_path)
    with (tmp_path / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    expected = {
        row: p
        for result in evaluation.folds
        for row, p in zip(result.predictions.row.tolist(), result.predictions.p_correct.tolist(), strict=True)
    }
    assert list(rows[0]) == ["row", "p_correct"]
    assert [(int(row["row"]), float(row["p_correct"])) for row in rows] == sorted(expected.items())


def test_an_undefined_figure_is_null(table: AttemptTable, tmp_path: Path) -> None:
    all_right = AttemptTable(table.frame.with_columns(correct=table.frame["correct"] * 0 + 1))
    write_evaluation(evaluate(partial(build_model, "baseline"), learner_folds(all_right, 2), data_sha256=""), tmp_path)
    fold, mean = (json.loads((tmp_path / "metrics.json").read_text())[part] for part in ("folds", "mean"))
    assert {fold[0][name] for name in ("auc", "auc_low", "auc_high", "auc_first_encounter")} == {None}
    assert mean["auc"] is None
    assert mean["log_loss"] > 0
    assert mean["ece_pooled"] is not None


def test_other_files_of_the_folder_stay_and_nothing_else_is_left(evaluation: Evaluation, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for _ in range(2):
        write_evaluation(evaluation, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "auc_by_attempt.png",
        "metrics.json",
        "notes.txt",
        "predictions.csv",
        "reliability.png",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_interruption_leaves_the_last_evaluation_whole(evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    write_evaluation(evaluation, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(Figure, "savefig", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_evaluation(evaluation, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("n_moved", [0, 1, 2, 3])
def test_metrics_json_is_there_only_when_the_rest_is(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_moved: int
) -> None:
    moved, replace = [], Path.replace

    def interrupt(path: Path, target: Path) -> None:
        if len(moved) == n_moved:
            raise KeyboardInterrupt
        moved.append(replace(path, target))

    write_evaluation(evaluation, tmp_path / "out")
    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_evaluation(evaluation, tmp_path / "out")
    assert not (tmp_path / "out" / "metrics.json").exists()


def test_the_document_is_what_is_written(evaluation: Evaluation, tmp_path: Path) -> None:
    write_evaluation(evaluation, tmp_path)
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics_document(evaluation)
