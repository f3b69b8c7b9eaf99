"""`adaptive evaluate` with every model, on a file of every format and on histories of every shape."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from adaptive.cli.evaluate import evaluate as evaluate_command
from adaptive.cli.table_options import column_map_of
from adaptive.datasets import FORMATS, AttemptTable, Fold, learner_folds, read_attempts, write_attempts
from adaptive.domain import Attempt
from adaptive.evaluation import Evaluation, evaluate, metrics_document
from adaptive.models import MODELS, build_model

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUICK = {"baseline", "logistic"}
"""Models whose large cases (2,000 skills, 10,000 attempts) are in the default suite; the others' are marked slow."""


def judged(name: str, folds: Iterable[Fold]) -> Evaluation:
    return evaluate(partial(build_model, name), tuple(folds), data_sha256="")


def check(evaluation: Evaluation) -> None:
    """Forecasts are probabilities, and each figure is a finite number or, where its fold has not both answers, null."""
    document = json.loads(json.dumps(metrics_document(evaluation), allow_nan=False))
    for result, figures in zip(evaluation.folds, document["folds"], strict=True):
        p, correct = result.predictions.p_correct, result.predictions.correct
        assert ((p > 0.0) & (p < 1.0)).all()
        is_one_sided = len(correct) == 0 or bool((correct == 1.0).all() or (correct == 0.0).all())
        assert (figures["auc"] is None) == is_one_sided
        assert (figures["log_loss"] is None) == (len(correct) == 0)
    auc = document["mean"]["auc"]
    assert auc is None or 0.0 <= auc <= 1.0


# Every named format, as its publisher writes it: 6 learners, 5 attempts each, one skill of two.

Row = tuple[str, str, str, int, int]
ROWS: tuple[Row, ...] = tuple(
    (f"u{who}", f"q{(who + step) % 4}", f"{7 + (who + step) % 2}", (who * 3 + step * 2) % 5 % 2, who * 100 + step)
    for who in range(6)
    for step in range(5)
)
"""Learner, item, skill, correct, number."""


def lines(header: str, row: Callable[[Row], str], rows: Iterable[Row] = ROWS) -> str:
    return "\n".join([header, *map(row, rows)]) + "\n"


def at(number: int) -> datetime:
    return START + timedelta(minutes=number)


def kdd_cup(kc: str) -> dict[str, str]:
    header = f"Row\tAnon Student Id\tProblem Name\tStep Name\tFirst Transaction Time\tCorrect First Attempt\tKC({kc})"
    return {"a.txt": lines(header, lambda r: f"{r[4]}\t{r[0]}\t{r[1]}\ts\t{at(r[4]):%Y-%m-%d %H:%M:%S.0}\t{r[3]}\tk{r[2]}~~all")}


def four_lines() -> dict[str, str]:
    blocks = []
    for who in dict.fromkeys(row[0] for row in ROWS):
        mine = [row for row in ROWS if row[0] == who]
        blocks += [f"{who[1:]},{len(mine)}", *(",".join(str(row[k]) for row in mine) for k in (1, 2, 3))]
    return {"a.csv": "\n".join(blocks) + "\n"}


def learner_files() -> dict[str, str]:
    header = "timestamp,solving_id,question_id,user_answer,elapsed_time"
    files = {}
    for who in dict.fromkeys(row[0] for row in ROWS):
        mine = [row for row in ROWS if row[0] == who]
        files[f"KT1/{who}.csv"] = lines(header, lambda r: f"{1548996377530 + r[4]},1,{r[1]},{'ab'[r[3]]},47000", mine)
    key = "question_id,correct_answer,tags\n" + "".join(f"q{k},b,{7 + k % 2}\n" for k in range(4))
    return files | {"contents/questions.csv": key}


def eedi(task: str) -> dict[str, str]:
    return {
        "train_data/a.csv": lines("QuestionId,UserId,AnswerId,IsCorrect", lambda r: f"{r[1]},{r[0]},{r[4]},{r[3]}"),
        f"metadata/question_metadata_task_{task}.csv": "QuestionId,SubjectId\n" + "".join(f'q{k},"[3, {7 + k % 2}]"\n' for k in range(4)),
        f"metadata/answer_metadata_task_{task}.csv": lines("AnswerId,DateAnswered", lambda r: f"{r[4]},{at(r[4]):%Y-%m-%d %H:%M:%S.000}"),
    }


WRITTEN: dict[str, Callable[[], dict[str, str]]] = {
    "akt": four_lines,
    "assistments2009": lambda: {
        "a.csv": lines("order_id,user_id,problem_id,correct,skill_id", lambda r: f"{r[4]},{r[0]},{r[1]},{r[3]},{r[2]}")
    },
    "assistments2012": lambda: {
        "a.csv": lines(
            "problem_log_id,problem_id,user_id,start_time,correct,skill_id",
            lambda r: f"{r[4]},{r[1]},{r[0]},{at(r[4]):%Y-%m-%d %H:%M:%S},{r[3]},{r[2]}",
        )
    },
    "assistments2015": lambda: {"a.csv": lines("user_id,log_id,sequence_id,correct", lambda r: f"{r[0]},{r[4]},{r[2]},{r[3]}")},
    "assistments2017": lambda: {
        "a.csv": lines(
            "studentId,skill,problemId,startTime,timeTaken,correct", lambda r: f"{r[0]},{r[2]},{r[1]},{1096470301 + r[4]},17.5,{r[3]}"
        )
    },
    "kddcup2010-algebra": lambda: kdd_cup("Default"),
    "kddcup2010-subskills": lambda: kdd_cup("SubSkills"),
    "ednet-kt1": learner_files,
    "eedi": lambda: eedi("3_4"),
    "eedi-tasks-1-2": lambda: eedi("1_2"),
    "eedi-csc311": lambda: {
        "a.csv": lines("question_id,user_id,is_correct", lambda r: f"{r[1]},{r[0]},{r[3]}"),
        "question_meta.csv": "question_id,subject_id\n" + "".join(f'q{k},"[0, {7 + k % 2}]"\n' for k in range(4)),
    },
    "junyi": lambda: {
        "a.csv": lines(
            "user_id,exercise,problem_type,time_done,correct",
            lambda r: f"{r[0]},{r[2]},{r[1]},{1420714810324770 + r[4]},{'true' if r[3] else 'false'}",
        )
    },
}


@pytest.fixture(scope="module")
def format_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The file, or folder of learners, of each named format."""
    found = {}
    for name, write in WRITTEN.items():
        folder = tmp_path_factory.mktemp(name)
        for path, text in write().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        found[name] = folder / ("KT1" if name == "ednet-kt1" else next(iter(write())))
    return found


def test_every_named_format_is_written_here() -> None:
    assert set(WRITTEN) == set(FORMATS)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_every_model_is_evaluated_on_every_named_format(format_files: dict[str, Path], format_name: str, model: str) -> None:
    table, _ = read_attempts(format_files[format_name], column_map_of(format_name, None))
    assert (len(table), len(table.learner_ids)) == (30, 6)
    evaluation = judged(model, learner_folds(table, 2)[:1])
    check(evaluation)
    assert evaluation.folds[0].metrics.n_attempts == 15


def command(*arguments: object) -> str:
    """What the command prints; it must end well."""
    app = typer.Typer()
    app.command()(evaluate_command)
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.exception
    return done.stdout


CANONICAL = lines("learner_id,item_id,skill_ids,correct", lambda r: ",".join(map(str, r[:4])))


def write_file(path: Path) -> None:
    if path.suffix == ".parquet":
        attempts = (Attempt(str(r[4]), r[0], r[1], (r[2],), float(r[3]), sequence=r[4]) for r in ROWS)
        write_attempts(AttemptTable.from_attempts(attempts), path)
    elif path.suffix == ".ndjson":
        objects = ({"learner_id": r[0], "item_id": r[1], "skill_ids": [r[2]], "correct": r[3]} for r in ROWS)
        path.write_text("".join(json.dumps(each) + "\n" for each in objects))
    elif path.suffix == ".tsv":
        path.write_text(CANONICAL.replace(",", "\t"))
    else:
        path.write_bytes(lzma.compress(CANONICAL.encode()))


@pytest.mark.parametrize("name", ["a.tsv", "a.ndjson", "a.parquet", "a.csv.xz"])
def test_the_command_reads_every_kind_of_file_and_gives_the_same_figures(tmp_path: Path, name: str) -> None:
    write_file(tmp_path / name)
    command(tmp_path / name, "--model", "baseline", "--folds", 2, "--out", tmp_path / "out")
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())["mean"]
    table = AttemptTable.from_attempts(Attempt(f"a{k:02}", r[0], r[1], (r[2],), float(r[3]), sequence=k) for k, r in enumerate(ROWS))
    expected = metrics_document(judged("baseline", learner_folds(table, 2)))["mean"]
    assert isinstance(expected, dict)
    timed = {"fit_seconds", "update_us", "peak_mb"}
    assert {key: value for key, value in found.items() if key not in timed} == {
        key: value for key, value in expected.items() if key not in timed
    }


# Histories of every shape. A case is a table in two folds of learners; the first fold is tested.


@dataclass(frozen=True)
class Shape:
    """Sizes of a class with answers at random around each learner's ability."""

    n_learners: int = 12
    n_attempts: int = 20
    n_items: int = 15
    n_skills: int = 4
    timed: bool = True


def class_of(shape: Shape) -> Iterator[Attempt]:
    rng = np.random.default_rng(3)
    ability = 1.5 * rng.normal(size=shape.n_learners)
    for who in range(shape.n_learners):
        for step in range(shape.n_attempts):
            item = int(rng.integers(shape.n_items))
            yield Attempt(
                f"a{who:03}-{step:05}",
                f"l{who:03}",
                f"q{item}",
                (f"s{item % shape.n_skills}",),
                correct=float(rng.random() < 1 / (1 + np.exp(-ability[who]))),
                occurred_at=START + timedelta(minutes=5 * step) if shape.timed else None,
                sequence=step,
            )


def answered(correct: float, learners: Iterable[str] | None = None) -> Iterator[Attempt]:
    """The class in which these learners, or all, always answer so."""
    chosen = None if learners is None else set(learners)
    return (replace(a, correct=correct) if chosen is None or a.learner_id in chosen else a for a in class_of(Shape()))


def learners_of_first_fold() -> Iterable[str]:
    """Those of the first fold; cases with as many learners have the same."""
    return learner_folds(AttemptTable.from_attempts(class_of(Shape())), 2)[0].test.learner_ids


def unseen() -> Iterator[Attempt]:
    """Test learners meet items and skills that are not in training."""
    tested = set(learners_of_first_fold())
    return (replace(a, item_id=f"new-{a.item_id}", skill_ids=("new",)) if a.learner_id in tested else a for a in class_of(Shape()))


def studied() -> Iterator[Attempt]:
    """Test learners never answer."""
    tested = set(learners_of_first_fold())
    return (replace(a, correct=None, study=True) if a.learner_id in tested else a for a in class_of(Shape()))


CASES: dict[str, Callable[[], Iterator[Attempt]]] = {
    "one skill": lambda: class_of(Shape(n_skills=1)),
    "one item": lambda: class_of(Shape(n_items=1, n_skills=1)),
    "one attempt each": lambda: class_of(Shape(n_learners=30, n_attempts=1)),
    "two learners": lambda: class_of(Shape(n_learners=2)),
    "unseen items and skills": unseen,
    "test learners always right": lambda: answered(1.0, learners_of_first_fold()),
    "test learners always wrong": lambda: answered(0.0, learners_of_first_fold()),
    "everyone always right": lambda: answered(1.0),
    "everyone always wrong": lambda: answered(0.0),
    "half points": lambda: answered(0.5),
    "test learners only study": studied,
    "no skills": lambda: (replace(a, skill_ids=()) for a in class_of(Shape())),
    "no times": lambda: class_of(Shape(timed=False)),
    "equal times": lambda: (replace(a, occurred_at=START) for a in class_of(Shape())),
    "some times": lambda: (replace(a, occurred_at=a.occurred_at if a.sequence % 2 else None) for a in class_of(Shape())),
    "years between": lambda: (replace(a, occurred_at=START + timedelta(days=400 * a.sequence)) for a in class_of(Shape())),
}
LARGE: dict[str, Callable[[], Iterator[Attempt]]] = {
    "2,000 skills": lambda: class_of(Shape(n_learners=20, n_attempts=200, n_items=4_000, n_skills=2_000)),
    "10,000 attempts each": lambda: class_of(Shape(n_learners=2, n_attempts=10_000, n_items=50)),
}


@cache
def fold_of(case: str) -> Fold:
    return learner_folds(AttemptTable.from_attempts((CASES | LARGE)[case]()), 2)[0]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", CASES)
def test_every_model_is_evaluated_on_histories_of_every_shape(case: str, model: str) -> None:
    check(judged(model, [fold_of(case)]))


@pytest.mark.parametrize("model", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in MODELS])
@pytest.mark.parametrize("case", LARGE)
def test_every_model_is_evaluated_on_large_histories_and_many_skills(case: str, model: str) -> None:
    evaluation = judged(model, [fold_of(case)])
    check(evaluation)
    assert evaluation.folds[0].metrics.n_attempts == len(fold_of(case).test)


@pytest.mark.parametrize("model", [name for name in MODELS if name != "baseline"])  # which does not learn who answers
@pytest.mark.parametrize("correct", [0.0, 1.0])
def test_forecasts_follow_learners_whose_answers_are_all_alike(correct: float, model: str) -> None:
    """Learned from 40 learners who differ, whose answers say much of each other."""
    table = AttemptTable.from_attempts(class_of(Shape(n_learners=50)))
    tested = table.learner_ids[:10]
    train = table.select_learners(table.learner_ids[10:])
    test = AttemptTable.from_attempts(replace(a, correct=correct) for a in class_of(Shape(n_learners=50)) if a.learner_id in tested)
    predictions = judged(model, [Fold("test", train, test)]).folds[0].predictions
    first, last = (predictions.p_correct[predictions.position == place].mean() for place in (1, Shape().n_attempts))
    assert (
        abs(last - correct) < abs(first - correct) - 0.05
    )  # a learner's sd is .2 here; twenty equal answers tell more than a quarter of it


@pytest.mark.parametrize(
    ("case", "undefined"),
    [("everyone always right", ("auc", "auc_first_encounter")), ("test learners only study", ("auc", "log_loss", "ece"))],
)
def test_the_command_says_undefined_where_a_figure_is(tmp_path: Path, case: str, undefined: tuple[str, ...]) -> None:
    path = tmp_path / "attempts.parquet"
    write_attempts(AttemptTable.from_attempts(CASES[case]()), path)
    printed = command(path, "--model", "logistic", "--folds", 2, "--out", tmp_path / "out")
    document = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert [document["mean"][name] for name in undefined] == [None] * len(undefined)
    assert "undefined" in next(line for line in printed.splitlines() if line.strip().startswith("AUC "))
