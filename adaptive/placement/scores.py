"""The plain scores file: each row is used, flagged, skipped or rejected, and says why."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final, Literal

from adaptive.domain import Score
from adaptive.errors import InvalidInput, Problem
from adaptive.placement.ability import evidence
from adaptive.placement.checks import score_problems
from adaptive.placement.norms import grade_number
from adaptive.placement.scales import find_scale

__all__ = ["ReadRow", "ScoreTable", "read_scores"]

REQUIRED: Final = ("learner_id", "scale", "score")
OPTIONAL: Final = ("area", "standard_error", "taken_on", "grade")

Status = Literal["used", "flagged", "skipped", "rejected"]


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What became of data row `row` (the first is 0): a flagged row is used, a skipped or rejected one is not.

    `problems` are the rules that a rejected row breaks; `reason` says in words why a row is not plainly used.
    """

    row: int
    learner_id: str
    status: Status
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The sound scores of a file in file order, and the fate of every row."""

    scores: tuple[Score, ...]
    rows: tuple[ReadRow, ...]

    @property
    def rejects(self) -> tuple[ReadRow, ...]:
        """Rows that broke a rule."""
        return tuple(row for row in self.rows if row.status == "rejected")

    def by_learner(self) -> dict[str, tuple[Score, ...]]:
        """Each learner's scores; learners in file order."""
        grouped: defaultdict[str, list[Score]] = defaultdict(list)
        for score in self.scores:
            grouped[score.learner_id].append(score)
        return {learner_id: tuple(scores) for learner_id, scores in grouped.items()}


def read_scores(path: Path, *, scale: str = "", grade: str = "") -> ScoreTable:
    r"""The scores of a CSV with columns learner_id*, scale*, score*, area, standard_error, taken_on, grade (* required).

    `scale` and `grade` stand in where a row has none; with `scale` given the column may be missing. Bad rows are
    rejected and the others read on. Raises InvalidInput for a file that is missing, empty or lacks a column.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "scores.csv"
    ...     _ = file.write_text("learner_id,scale,score,taken_on,grade\nann,rit,204,2025-09-10,4\nbob,rit,absent,2025-09-10,4\n")
    ...     table = read_scores(file)
    >>> [score.score for score in table.scores], table.rejects[0].reason
    ([204.0], 'score must be a number')
    """
    records = list(_records(path, required=[column for column in REQUIRED if column != "scale" or not scale]))
    defaults = {"scale": scale, "grade": grade}
    parsed = [_parse({**record, **{key: value for key, value in defaults.items() if not record.get(key)}}) for record in records]
    rows: list[ReadRow] = []
    scores: list[Score] = []
    seen: dict[tuple[str, str, str, date | None], int] = {}
    for row, (record, (score, problems)) in enumerate(zip(records, parsed, strict=True)):
        learner_id = record.get("learner_id", "")
        if score is None or problems:
            rows.append(ReadRow(row, learner_id, "rejected", "; ".join(problem.rule for problem in problems), tuple(problems)))
            continue
        first = seen.setdefault((score.learner_id, score.scale, score.area, score.taken_on), row)
        if first != row:
            reason = f"row {first} already has a score of this learner, area and day"
            rows.append(ReadRow(row, learner_id, "skipped", reason))
            continue
        scores.append(score)
        rows.append(_accepted(row, score))
    return _skip_contained(ScoreTable(tuple(scores), tuple(rows)))


def _records(path: Path, *, required: Iterable[str]) -> Iterable[dict[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "a scores file is UTF-8 text that can be read"
        raise InvalidInput(str(path), [Problem("file", reason, str(error), "check the path and the encoding")]) from None
    reader = csv.DictReader(StringIO(text, newline=""), restval="")
    columns = [column.strip() for column in reader.fieldnames or []]
    reader.fieldnames = columns
    if not columns:
        raise InvalidInput(str(path), [Problem("file", "a scores file has a header and rows", "an empty file", "export it again")])
    missing = [column for column in required if column not in columns]
    if missing:
        way_out = f"rename the column that holds it; columns are {', '.join((*REQUIRED, *OPTIONAL))}"
        raise InvalidInput(
            str(path), [Problem("header", f"column {column} must be there", ", ".join(columns), way_out) for column in missing]
        )
    records = [{key: value.strip() for key, value in record.items() if key} for record in reader]
    if not records:
        raise InvalidInput(str(path), [Problem("file", "a scores file has at least one row", "a header alone", "export it again")])
    return records


def _parse(record: Mapping[str, str]) -> tuple[Score | None, list[Problem]]:
    """The score of a row, with scale and area as the scale spells them, or the rules that the row breaks."""
    number, standard_error, taken_on = _number(record, "score"), _number(record, "standard_error"), _date(record, "taken_on")
    problems = [found for found in (number, standard_error, taken_on) if isinstance(found, Problem)]
    problems += [_problem(column, "must not be empty", "") for column in ("learner_id", "score") if not record[column]]
    if problems or not isinstance(number, float) or isinstance(standard_error, Problem) or isinstance(taken_on, Problem):
        return None, problems
    score = Score(
        record["learner_id"],
        record["scale"],
        number,
        area=record.get("area", ""),
        standard_error=standard_error,
        taken_on=taken_on,
        grade=record.get("grade", "").upper(),
    )
    broken = score_problems(score, where="row")
    if broken:
        return None, broken
    scale = find_scale(score.scale)
    return replace(score, scale=scale.name, area=scale.find_area(score.area)), []


def _number(record: Mapping[str, str], column: str) -> float | Problem | None:
    text = record.get(column, "")
    try:
        return float(text) if text else None
    except ValueError:
        return _problem(column, "must be a number", text)


def _date(record: Mapping[str, str], column: str) -> date | Problem | None:
    text = record.get(column, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return _problem(column, "must be a date such as 2025-09-15", text)


def _problem(column: str, rule: str, value: str) -> Problem:
    return Problem("row", f"{column} {rule}", value, "correct the row")


def _accepted(row: int, score: Score) -> ReadRow:
    """The row as used, or as flagged where something had to be assumed for it."""
    scale = find_scale(score.scale)
    assumed = []
    if score.standard_error is None:
        assumed.append(f"no standard error: the scale's default of {scale.default_error(score.area):g} stands in")
    if score.taken_on is None:
        assumed.append("no date: counts as taken today")
    if grade_number(score.grade) is None:
        assumed.append(f"grade {score.grade!r} is none of K and 1 to 12: counts as unknown" if score.grade else "no grade")
    return ReadRow(row, score.learner_id, "flagged" if assumed else "used", "; ".join(assumed))


def _skip_contained(table: ScoreTable) -> ScoreTable:
    """The table with each overall score marked as skipped whose test has area scores: they contain it already."""
    counted = {score for scores in table.by_learner().values() for score in evidence(scores)}
    if len(counted) == len(table.scores):
        return table
    kept = iter(table.scores)
    rows = [
        replace(row, status="skipped", reason="the areas of the same test contain the overall score")
        if row.status in {"used", "flagged"} and next(kept) not in counted
        else row
        for row in table.rows
    ]
    return ScoreTable(table.scores, tuple(rows))
