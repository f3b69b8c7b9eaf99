"""Options that every command on a file of attempts shares, and the table that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.cli.progress import shown_progress

if TYPE_CHECKING:
    from adaptive.datasets import AttemptTable, ColumnMap, QualityReport

__all__ = ["FileArgument", "FormatOption", "MapOption", "OptionalFileArgument", "column_map_of", "load_table", "read_file"]

_LIST = "list"


def _list_formats(name: str | None) -> str | None:
    """Print the named formats and stop, where asked for them."""
    if name == _LIST:
        from adaptive.datasets import FORMATS

        for known, described in FORMATS.items():
            typer.echo(f"{known:22} {described}")
        raise typer.Exit
    return name


_FILE = typer.Argument(metavar="FILE", help="Attempts: .csv, .tsv, .ndjson (also .gz, .xz), .parquet, or a folder of a named format.")
FileArgument = Annotated[Path, _FILE]
OptionalFileArgument = Annotated[Path | None, _FILE]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", is_eager=True, callback=_list_formats, help="A named format; 'list' prints them."),
]
MapOption = Annotated[
    str | None,
    typer.Option(
        "--map", metavar="A=B,...", help="Canonical column = column of the file, beside the format: learner_id=user,item_id=item."
    ),
]


def column_map_of(format_name: str | None, map_text: str | None, *, fold_column: str | None = None) -> ColumnMap:
    """The column map of a named format, then `--map`, then the fold column. Raises UnknownName or InvalidInput."""
    from adaptive.datasets import ColumnMap, format_named, parse_map

    named = format_named(format_name).column_map if format_name else ColumnMap()
    mapped = parse_map(map_text, named) if map_text else named
    return parse_map(f"fold={fold_column}", mapped) if fold_column else mapped


def read_file(
    file: Path, format_name: str | None, map_text: str | None, *, fold_column: str | None = None
) -> tuple[AttemptTable, QualityReport]:
    """The attempts of a file and its quality report; rejected and dropped rows are told on standard error."""
    from adaptive.datasets import read_attempts

    stage = f"reading {file.name}"
    with shown_progress() as progress:
        progress(stage, 0, 1)
        table, report = read_attempts(file, column_map_of(format_name, map_text, fold_column=fold_column))
        progress(stage, 1, 1)
    for line in (*report.reject_lines(), *report.warning_lines()):
        typer.echo(line, err=True)
    return table, report


def load_table(file: Path, format_name: str | None = None, map_text: str | None = None, *, fold_column: str | None = None) -> AttemptTable:
    """The valid attempts of a file, for commands that go on with them; rejected and dropped rows are told on standard error.

    `fold_column` names the file's column of folds (`--fold-column`), which then is the table's `fold`.
    """
    return read_file(file, format_name, map_text, fold_column=fold_column)[0]
