"""From the rows of a file to canonical columns: sources, companions, rules; rows that break one are set aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adaptive.datasets.columns.cells import Check, Parsed, texts_of
from adaptive.datasets.columns.column_maps import ColumnMap, Companion
from adaptive.datasets.columns.parsing import PARSERS
from adaptive.datasets.layouts.source_files import read_rows
from adaptive.datasets.rejects import no_rejects, rejects_of
from adaptive.datasets.schema import INPUT_COLUMNS, REQUIRED_COLUMNS, SCHEMA
from adaptive.errors import InvalidInput, Problem

__all__ = ["Intake", "canonical_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What was found while rows were read: how many there were, columns used and ignored, rows and cells set aside.

    `used` names the file's columns behind each canonical one; `rejects` are rows that broke a rule, `emptied` cells
    that did so while their row stays.
    """

    n_rows: int
    used: dict[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    rejects: pl.DataFrame
    emptied: pl.DataFrame


def canonical_rows(path: Path, column_map: ColumnMap) -> tuple[pl.DataFrame, Intake]:
    """The rows of the file that break no rule, with `row` and the canonical columns that the file brings; and the rest.

    Raises InvalidInput where the file cannot be read or required columns are missing.
    """
    source = read_rows(path, column_map.wanted, column_map.layout)
    frame = source.frame
    for companion in column_map.companions:
        frame = _joined(frame, companion, column_map, path)
    used = _used_columns(frame, source.columns, column_map, path)
    row = source.row.cast(pl.Int64).alias("row")
    columns, rejects, emptied = [row], [source.rejects], [no_rejects()]
    for name, names in used.items():
        cells = _cells(name, frame, column_map)
        parsed = _parsed(name, cells, column_map, path)
        columns.append(parsed.values.cast(SCHEMA[name]).alias(name))
        rejects += _broken(parsed.checks, row, " + ".join(names), cells)
        emptied += _broken(parsed.emptied, row, " + ".join(names), cells)
    rejected = pl.concat(rejects)
    sound = pl.DataFrame(columns).filter(~row.is_in(rejected["row"].unique().implode()))
    answered, unanswered = _answered(sound, " + ".join(used["correct"]))
    return answered, Intake(
        n_rows=len(row) + source.rejects["row"].n_unique(),
        used=used,
        ignored=tuple(name for name in source.columns if not any(name in names for names in used.values())),
        rejects=pl.concat([rejected, unanswered]).sort("row", maintain_order=True),
        emptied=pl.concat(emptied),
    )


def _used_columns(frame: pl.DataFrame, found: Collection[str], column_map: ColumnMap, path: Path) -> dict[str, tuple[str, ...]]:
    """The columns behind each canonical one that the file brings."""
    expected = [name for name in INPUT_COLUMNS if name in REQUIRED_COLUMNS or name in column_map.columns]
    missing = [
        Problem(canonical, f"the file must have the column {theirs!r}", ", ".join(found), f"map it: --map {canonical}=<your column>")
        for canonical in expected
        for theirs in column_map.source(canonical).names
        if theirs not in frame.columns
    ]
    if missing:
        raise InvalidInput(str(path), missing)
    sources = {canonical: column_map.source(canonical).names for canonical in INPUT_COLUMNS}
    return {canonical: names for canonical, names in sources.items() if set(names) <= set(frame.columns)}


def _joined(frame: pl.DataFrame, companion: Companion, column_map: ColumnMap, path: Path) -> pl.DataFrame:
    """The rows with the wanted columns of the companion file, matched by its key."""
    beside = path.parent / companion.path
    other = read_rows(beside, column_map.wanted, layout=None).frame
    problems = [
        Problem(str(where), f"the file must have the column {companion.key!r}", ", ".join(columns), "choose another format")
        for where, columns in ((path, frame.columns), (beside, other.columns))
        if companion.key not in columns
    ]
    if problems:
        raise InvalidInput("companion of the attempts", problems)
    new = [companion.key, *(name for name in other.columns if name not in frame.columns)]
    once = other.select(new).unique(companion.key, keep="first", maintain_order=True)
    return frame.join(once, on=companion.key, how="left", maintain_order="left")


def _cells(name: str, frame: pl.DataFrame, column_map: ColumnMap) -> pl.Series:
    """The given cells of a canonical column, with the texts that the map replaces."""
    cells = column_map.source(name).of(frame)
    replaced = column_map.values.get(name)
    return texts_of(cells).replace(dict(replaced)) if replaced else cells


def _parsed(name: str, cells: pl.Series, column_map: ColumnMap, path: Path) -> Parsed:
    """The values of a canonical column. Raises InvalidInput where its type cannot hold them, such as a list of learners."""
    try:
        return PARSERS[name](cells, column_map, name)
    except pl.exceptions.PolarsError as error:
        rule = "a column holds texts, numbers or times (skill_ids also lists)"
        raise InvalidInput(str(path), [Problem(name, rule, str(cells.dtype), "store it as one of these")]) from error


def _broken(checks: Iterable[Check], row: pl.Series, where: str, cells: pl.Series) -> list[pl.DataFrame]:
    """The rows that break each check, with the given cell."""
    texts = cells.cast(pl.List(pl.String)).list.join(";") if isinstance(cells.dtype, pl.List) else cells
    return [
        rejects_of(row.filter(check.broken), where, check.rule, texts.filter(check.broken), check.way_out)
        for check in checks
        if check.broken.any()
    ]


def _answered(frame: pl.DataFrame, where: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with an outcome or that are study, whose outcome is no answer and is emptied; rejects for the others."""
    study = frame["study"] if "study" in frame.columns else pl.Series([False] * frame.height, dtype=pl.Boolean)
    lacking = ~study & frame["correct"].is_null()
    rejects = rejects_of(
        frame["row"].filter(lacking),
        where,
        "only a study row may lack an outcome",
        pl.Series([""] * int(lacking.sum()), dtype=pl.String),
        "give the outcome, or set study to 1",
    )
    outcome = pl.when(~study).then(pl.col("correct"))
    return frame.with_columns(correct=outcome).filter(~lacking), rejects
