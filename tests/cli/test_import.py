"""`adaptive import` as it is typed: files written, streams, exit codes."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from adaptive.cli.import_attempts import import_attempts
from adaptive.cli.table_options import column_map_of, load_table
from adaptive.datasets import read_attempts
from adaptive.errors import InvalidInput, UnknownName

app = typer.Typer(pretty_exceptions_enable=False)
app.command("import")(import_attempts)
app.callback()(lambda: None)

LINES = "user,item,skills,correct,set\nann,q1,s1;s2,1,a\nbob,q2,s1,yes,b\nbob,q2,s1,0,b\n"
MAP = "learner_id=user,item_id=item,skill_ids=skills"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(LINES, encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


def test_import_writes_the_table_and_its_report(log, tmp_path):
    out, report = tmp_path / "out" / "attempts.parquet", tmp_path / "report.json"
    result = run(log, "--map", MAP, "--out", out, "--report", report)
    assert result.exit_code == 0
    assert "3 rows read, 2 attempts kept" in result.stdout
    assert read_attempts(out)[0].learner_ids == ("ann", "bob")
    assert json.loads(report.read_text(encoding="utf-8"))["rejected"][0]["row"] == 1


def test_rejects_go_to_standard_error_and_to_a_file_beside_the_table(log, tmp_path):
    result = run(log, "--map", MAP, "--out", tmp_path / "attempts.parquet")
    assert "rejected row 1, correct: an outcome is 0, 1 or a fraction between. Got 'yes'" in result.stderr
    rejected = (tmp_path / "rejected.csv").read_text(encoding="utf-8").splitlines()
    assert rejected[0] == "row,column,rule,value,way_out"
    assert rejected[1].startswith("1,correct,")


def test_a_name_that_no_table_has_is_refused_before_the_file_is_read(log, tmp_path):
    result = run(log, "--map", MAP, "--out", tmp_path / "attempts.csv")
    assert isinstance(result.exception, InvalidInput)
    assert "a table is written as .parquet. Got '.csv'" in str(result.exception)
    assert "reading" not in result.stderr


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_file_is_read(log):
    result = run(log, "--map", MAP, "--out", log / "attempts.parquet")
    assert isinstance(result.exception, InvalidInput)
    assert "reading" not in result.stderr


def test_a_strangers_rejected_csv_is_left_alone(log, tmp_path):
    (tmp_path / "rejected.csv").write_text("applicant,reason\nann,late\n", encoding="utf-8")
    result = run(log, "--map", MAP, "--out", tmp_path / "attempts.parquet")
    assert isinstance(result.exception, InvalidInput)
    assert "Got 'applicant,reason'; rename that file" in str(result.exception)
    assert (tmp_path / "rejected.csv").read_text(encoding="utf-8") == "applicant,reason\nann,late\n"
    assert not (tmp_path / "attempts.parquet").exists()


def test_replacing_the_rejects_of_an_earlier_import_is_told(log, tmp_path):
    assert "replaced" not in run(log, "--map", MAP, "--out", tmp_path / "a.parquet").stderr
    again = run(tmp_path / "a.parquet", "--out", tmp_path / "b.parquet")
    assert f"replaced {tmp_path / 'rejected.csv'}, of an earlier import" in again.stderr
    assert (tmp_path / "rejected.csv").read_text(encoding="utf-8").splitlines() == ["row,column,rule,value,way_out"]


def test_strict_leaves_with_1_after_writing(log, tmp_path):
    out = tmp_path / "attempts.parquet"
    assert run(log, "--map", MAP, "--out", out, "--strict").exit_code == 1
    assert out.exists()
    assert run(out, "--out", tmp_path / "again.parquet", "--strict").exit_code == 0


def test_formats_are_listed_without_a_file():
    result = run("--format", "list")
    assert result.exit_code == 0
    assert "kddcup2010-algebra" in result.stdout
    assert "unverified" in result.stdout


def test_help_shows_an_example():
    result = run("--help")
    assert result.exit_code == 0
    assert "Example: adaptive import log.csv.xz" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "raised"),
    [(["--format", "assist"], UnknownName), (["--map", "user=learner_id"], InvalidInput), ([], InvalidInput)],
)
def test_bad_input_raises_the_errors_of_the_package(log, tmp_path, arguments, raised):
    result = run(log, *arguments, "--out", tmp_path / "attempts.parquet")
    assert isinstance(result.exception, raised)
    assert not (tmp_path / "attempts.parquet").exists()


def test_wrong_usage_leaves_with_2(log):
    assert run(log).exit_code == 2


def test_the_fold_column_of_a_command_becomes_the_tables_fold(log):
    table = load_table(log, map_text=MAP, fold_column="set")
    assert table.frame["fold"].to_list() == ["a", "b"]


def test_a_map_is_laid_over_the_named_format():
    assert column_map_of("akt", "learner_id=who").collapse_repeated_rows


def test_rows_that_are_dropped_are_told_on_standard_error_with_the_way_out(tmp_path, capsys):
    path = tmp_path / "log.csv"
    path.write_text("learner_id,item_id,skill_ids,correct,occurred_at\nann,q,s1,1,10\nann,q,s2,1,10\nann,q,s1,1,10\n", encoding="utf-8")
    load_table(path)
    told = capsys.readouterr().err
    assert f"warning: {path}: duplicates dropped: 2 (rows 1, 2)" in told
    assert "rows that differ in outcome or skills from the rows before them: 1 (rows 1)" in told
    assert (
        "another skill of the attempt before, which is lost; if the file has one row per skill, --map ...,collapse_repeated_rows=yes"
        in told
    )
    path.write_text("learner_id,item_id,skill_ids,correct\nann,q,s1,1\nann,q,s1,1\n", encoding="utf-8")
    load_table(path)
    assert "warning" not in capsys.readouterr().err
