"""`adaptive import`: a file of attempts becomes a table of attempts and a quality report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adaptive.cli.output_folder import require_writable
from adaptive.cli.table_options import FileArgument, FormatOption, MapOption, read_file

__all__ = ["import_attempts"]

_OutOption = Annotated[Path, typer.Option("--out", metavar="FILE.parquet", help="The table; rejected rows go to rejected.csv beside it.")]
_ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.json", help="The quality report with the number of every row concerned.")
]
_StrictOption = Annotated[bool, typer.Option("--strict", help="Leave with code 1 if a row was rejected; the files are written.")]


def import_attempts(
    file: FileArgument,
    out: _OutOption,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    report_file: _ReportOption = None,
    strict: _StrictOption = False,
) -> None:
    """Read attempts, say what was read, dropped, collapsed and rejected, and write the valid ones as Parquet.

    Example: [bold]adaptive import log.csv.xz --map learner_id=user,item_id=item,skill_ids=skills --out attempts.parquet[/bold]
    """
    from adaptive.datasets import write_attempts, write_rejects, write_report
    from adaptive.datasets.writing import require_own_rejects, require_table_name

    rejected = out.with_name("rejected.csv")
    require_table_name(out)
    require_own_rejects(rejected)
    require_writable(out.parent)
    table, report = read_file(file, format_name, map_text)
    write_attempts(table, out)
    if rejected.exists():
        typer.echo(f"replaced {rejected}, of an earlier import", err=True)
    write_rejects(report.rejects, rejected)
    if report_file:
        write_report(report, report_file)
    typer.echo(report.render())
    typer.echo(f"wrote {out}")
    if strict and report.n_rejected:
        raise typer.Exit(1)
