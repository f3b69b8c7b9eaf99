"""Writing tables and rejects: whole files or none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from adaptive.datasets.schema import INPUT_COLUMNS
from adaptive.datasets.table import AttemptTable
from adaptive.errors import InvalidInput, Problem

__all__ = ["write_attempts", "write_rejects", "written_whole"]


def write_attempts(table: AttemptTable, path: Path | str) -> None:
    """The table as Parquet, in history order; `read_attempts` gives back equal attempts.

    The rows of the source are not kept: the written file has its own.
    """
    written_whole(Path(path), lambda beside: table.frame.select(INPUT_COLUMNS).write_parquet(beside))


def write_rejects(rejects: pl.DataFrame, path: Path | str) -> None:
    """The rejects as CSV: row, column, rule, value, way_out. Without rejects a header alone."""
    written_whole(Path(path), rejects.write_csv)


def written_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write to a sibling that then takes the name, so that an interrupted run leaves no half file."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        write(beside)
        beside.replace(path)
    except OSError as error:
        found = error.strerror or str(error)
        raise InvalidInput(str(path), [Problem("file", "it must be writable", found, "name another path or make the folder")]) from error
    finally:
        beside.unlink(missing_ok=True)
