"""Writing tables, rejects and reports: whole files or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from adaptive.datasets.rejects import REJECT_SCHEMA
from adaptive.datasets.report import QualityReport
from adaptive.datasets.schema import INPUT_COLUMNS
from adaptive.datasets.table import AttemptTable
from adaptive.errors import InvalidInput, Problem

__all__ = ["require_own_rejects", "require_table_name", "write_attempts", "write_rejects", "write_report"]


def write_attempts(table: AttemptTable, path: Path | str) -> None:
    """The table as Parquet, in history order; `read_attempts` gives back equal attempts.

    The rows of the source are not kept: the written file has its own. Raises InvalidInput for another suffix, by which
    the file could not be read again.
    """
    require_table_name(path)
    _write_whole(Path(path), lambda beside: table.frame.select(INPUT_COLUMNS).write_parquet(beside))


def require_table_name(path: Path | str) -> None:
    """Refuse a path that does not end in .parquet.

    >>> require_table_name("attempts.parquet")
    """
    if Path(path).suffix != ".parquet":
        raise InvalidInput(str(path), [Problem("file", "a table is written as .parquet", Path(path).suffix, "rename it")])


def write_report(report: QualityReport, path: Path | str) -> None:
    """The quality report as JSON, with the number of every row concerned."""
    _write_whole(Path(path), lambda beside: beside.write_text(report.to_json(), encoding="utf-8"))


def write_rejects(rejects: pl.DataFrame, path: Path | str) -> None:
    """The rejects as CSV: row, column, rule, value, way_out. Without rejects a header alone.

    Raises InvalidInput where another kind of file would be lost.
    """
    require_own_rejects(path)
    _write_whole(Path(path), rejects.write_csv)


def require_own_rejects(path: Path | str) -> None:
    """Refuse a path at which a file stands that `write_rejects` has not written.

    >>> require_own_rejects("no/such/rejected.csv")
    """
    if not Path(path).is_file():
        return
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        header = file.readline().rstrip("\n")
    if header != ",".join(REJECT_SCHEMA):
        rule = "rejected rows are written to a new file, or over those of an earlier import"
        raise InvalidInput(str(path), [Problem("file", rule, header[:80], "rename that file or write the table to another folder")])


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a sibling that then takes the name, so that an interrupted run leaves no half file. Makes the folder."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        found = error.strerror or str(error)
        raise InvalidInput(str(path), [Problem("file", "it must be writable", found, "name another path")]) from error
