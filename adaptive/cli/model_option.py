"""The option `--model`, with `--model list`."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["ModelOption"]


def _list_models(name: str) -> str:
    """The name itself; `list` prints the known models, a line each, and leaves."""
    if name == "list":
        from adaptive.models import describe

        lines = describe()
        width = max(map(len, lines))
        for known, summary in lines.items():
            typer.echo(f"{known:<{width}}  {summary}")
        raise typer.Exit
    return name


ModelOption = Annotated[
    str,
    typer.Option(
        "--model", help="The model's name; 'list' prints the known ones.", is_eager=True, callback=_list_models, show_default=False
    ),
]
