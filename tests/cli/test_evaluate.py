"""`adaptive evaluate` from the command line to its files."""

import csv
import json
import lzma
from pathlib import Path

import pytest
import typer
from sklearn.metrics import log_loss, roc_auc_score
from typer.testing import CliRunner, Result

from adaptive.cli.evaluate import evaluate
from adaptive.errors import AdaptiveError

MAP = ["--map", "learner_id=user,item_id=question,skill_ids=kc"]


@pytest.fixture
def attempts(tmp_path: Path) -> Path:
    """12 learners with 8 attempts each under other column names; `part` 1-3 is learner-disjoint, row 5 is broken."""
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "question", "kc", "correct", "part"])
        for row in range(96):
            learner = row % 12
            right = "maybe" if row == 5 else int((row * 7) % 11 > learner)
            writer.writerow([f"u{learner}", f"q{row % 7}", f"k{row % 7 % 3}", right, 1 + learner % 3])
    return path


def run(*arguments: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich")
    app.command()(evaluate)
    return CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})


def test_a_fold_column_is_tested_and_written(attempts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(attempts, *MAP, "--model", "logistic", "--fold-column", "part", "--test-fold", "2", "--out", out)
    assert done.exit_code == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["model"], metrics["folds"][0]["fold"]) == ("logistic", "2")
    with (out / "predictions.csv").open() as file:
        assert [int(row["row"]) for row in csv.DictReader(file)] == [row for row in range(96) if row % 12 % 3 == 1]
    assert "fold 2" in done.stdout
    assert f"{metrics['folds'][0]['auc']:.4f}" in done.stdout
    assert "fold 2: fitting on" in done.stderr


def test_a_fold_column_alone_tests_every_fold_and_their_mean(attempts: Path, tmp_path: Path) -> None:
    done = run(attempts, *MAP, "--model", "baseline", "--fold-column", "part", "--out", tmp_path / "out")
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert [fold["fold"] for fold in metrics["folds"]] == ["1", "2", "3"]
    assert f"{metrics['mean']['auc']:.4f}" in done.stdout
    pooled, perfect = metrics["mean"]["ece_pooled"], metrics["mean"]["ece_perfect"]
    assert f"ECE over all folds: {pooled:.4f}; a perfect forecaster would show {perfect:.4f}" in done.stdout


def test_random_folds_cover_every_valid_row(attempts: Path, tmp_path: Path) -> None:
    done = run(attempts, *MAP, "--model", "baseline", "--folds", "4", "--out", tmp_path / "out")
    assert done.exit_code == 0
    with (tmp_path / "out" / "predictions.csv").open() as file:
        assert [int(row["row"]) for row in csv.DictReader(file)] == [row for row in range(96) if row != 5]
    assert "maybe" in done.stderr


def test_the_canonical_fold_column_needs_no_map(attempts: Path, tmp_path: Path) -> None:
    mapped = [*MAP[:1], f"{MAP[1]},fold=part"]
    done = run(attempts, *mapped, "--model", "baseline", "--fold-column", "fold", "--test-fold", "1", "--out", tmp_path / "out")
    assert done.exit_code == 0


def test_the_seed_decides_the_folds(attempts: Path, tmp_path: Path) -> None:
    written = []
    for n, seed in enumerate([1, 1, 2]):
        assert run(attempts, *MAP, "--model", "baseline", "--folds", "3", "--seed", seed, "--out", tmp_path / str(n)).exit_code == 0
        written.append(json.loads((tmp_path / str(n) / "metrics.json").read_text())["mean"]["auc"])
    assert written[0] == written[1] != written[2]


def test_model_list_names_every_model_without_a_file() -> None:
    done = run("--model", "list")
    assert done.exit_code == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= {"baseline", "logistic"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "oracle", "--folds", "3"], "Unknown model 'oracle'. Known: baseline"),
        (["--model", "baseline", "--fold-column", "part", "--test-fold", "9"], "1, 2, 3. Got '9'"),
        (["--model", "baseline", "--fold-column", "nowhere", "--test-fold", "9"], "fold"),
        (["--model", "baseline", "--folds", "40"], "40 folds need at least 40 learners. Got '12'"),
    ],
)
def test_bad_input_is_told_the_way_out(attempts: Path, tmp_path: Path, options: list[str], message: str) -> None:
    done = run(attempts, *MAP, *options, "--out", tmp_path / "out")
    assert isinstance(done.exception, AdaptiveError)
    assert message in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_refused_before_the_attempts_are_read(attempts: Path, tmp_path: Path) -> None:
    done = run(attempts, *MAP, "--model", "baseline", "--folds", "3", "--out", attempts)
    assert isinstance(done.exception, AdaptiveError)
    assert "can be made and written to" in str(done.exception)
    assert "reading" not in done.stderr


@pytest.mark.parametrize("seed", ["-1", str(2**32)])
def test_a_seed_that_no_generator_takes_is_wrong_usage(attempts: Path, tmp_path: Path, seed: str) -> None:
    assert run(attempts, *MAP, "--model", "baseline", "--folds", "3", "--seed", seed, "--out", tmp_path / "out").exit_code == 2


def test_the_largest_seed_is_taken(attempts: Path, tmp_path: Path) -> None:
    options = ["--model", "baseline", "--folds", "3", "--seed", 2**32 - 1]
    assert run(attempts, *MAP, *options, "--out", tmp_path / "out").exit_code == 0


def test_a_fold_whose_name_looks_like_markup_is_shown_as_it_is(attempts: Path, tmp_path: Path) -> None:
    header, *rows = attempts.read_text().splitlines()
    attempts.write_text("\n".join([header, *(f"{row[:-1]}[/x{row[-1]}]" for row in rows)]))
    done = run(attempts, *MAP, "--model", "baseline", "--fold-column", "part", "--test-fold", "[/x2]", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.exception
    assert "fold [/x2]" in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--folds", "3", "--test-fold", "1"],
        ["--folds", "3", "--fold-column", "part"],
        ["--folds", "3", "--known-learners"],
        ["--folds", "3", "--test-file", "b.csv"],
        ["--train-file", "a.csv", "--test-file", "b.csv"],
    ],
)
def test_the_split_is_named_in_one_way(attempts: Path, tmp_path: Path, options: list[str]) -> None:
    done = run(attempts, *MAP, "--model", "baseline", *options, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "--train-file" in done.stderr


def test_folds_without_a_file_are_wrong_usage(tmp_path: Path) -> None:
    done = run("--model", "baseline", "--folds", "3", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "give FILE" in done.stderr


@pytest.fixture
def two_files(attempts: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The first five attempts of each learner, and the rest."""
    header, *rows = attempts.read_text().splitlines()
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("\n".join([header, *rows[:60]]))
    test.write_text("\n".join([header, *rows[60:]]))
    return train, test


def test_known_learners_start_from_their_training_file(two_files: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = two_files
    options = ["--train-file", train, "--test-file", test, "--known-learners"]
    done = run(*MAP, "--model", "logistic", *options, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    with (tmp_path / "out" / "predictions.csv").open() as file:
        assert [int(row["row"]) for row in csv.DictReader(file)] == list(range(36))  # every scored row of the test file


def test_learners_in_both_files_must_be_said_to_be_known(two_files: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = two_files
    done = run(*MAP, "--model", "baseline", "--train-file", train, "--test-file", test, "--out", tmp_path / "out")
    assert isinstance(done.exception, AdaptiveError)
    assert "--known-learners" in str(done.exception)


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_file_without_enough_learners_is_refused(tmp_path: Path, n_rows: int) -> None:
    path = tmp_path / "few.csv"
    path.write_text("learner_id,skill_ids,correct\n" + "ann,fractions,1\n" * n_rows)
    done = run(path, "--model", "baseline", "--folds", "3", "--out", tmp_path / "out")
    assert isinstance(done.exception, AdaptiveError)
    assert "few.csv" in str(done.exception) or "3 folds need at least 3 learners. Got '1'" in str(done.exception)


def test_help_has_an_example() -> None:
    assert "adaptive evaluate attempts.csv.xz --model logistic" in " ".join(run("--help").stdout.split())


@pytest.mark.real_data
def test_files_of_assistments_2009_agree_with_the_raw_file(attempt_data: Path, tmp_path: Path) -> None:
    """Fold 1 read again by the standard library and scored by scikit-learn: the same rows, the same figures."""
    file = attempt_data / "attempts" / "assist2009_akt5_question.csv.xz"
    options = ["--map", "learner_id=user,item_id=item,skill_ids=skills", "--fold-column", "fold", "--test-fold", "1"]
    assert run(file, *options, "--model", "baseline", "--out", tmp_path).exit_code == 0
    with lzma.open(file, "rt") as raw:
        correct = {row: int(fields["correct"]) for row, fields in enumerate(csv.DictReader(raw)) if fields["fold"] == "1"}
    with (tmp_path / "predictions.csv").open() as written:
        p_correct = {int(fields["row"]): float(fields["p_correct"]) for fields in csv.DictReader(written)}
    fold = json.loads((tmp_path / "metrics.json").read_text())["folds"][0]
    assert list(p_correct) == list(correct)
    assert fold["n_attempts"] == len(correct)
    assert fold["auc"] == pytest.approx(roc_auc_score([*correct.values()], [*p_correct.values()]), abs=1e-12)
    assert fold["log_loss"] == pytest.approx(log_loss([*correct.values()], [*p_correct.values()]), abs=1e-12)
    assert fold["auc_low"] < fold["auc"] < fold["auc_high"]
