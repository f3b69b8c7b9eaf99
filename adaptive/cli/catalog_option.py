"""A catalogue named on the command line: refused with every error, read with every warning told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from adaptive.catalog import Catalog

__all__ = ["load_catalog"]

_MOST_TOLD: Final = 20


def load_catalog(folder: Path) -> Catalog:
    """The catalogue in the folder; what may be wrong with it (too few items, orphans) goes to standard error."""
    from adaptive.catalog import inspect_catalog

    catalog, warnings = inspect_catalog(folder)
    for warning in warnings[:_MOST_TOLD]:
        typer.echo(f"warning: {warning.problem}", err=True)
    if len(warnings) > _MOST_TOLD:
        typer.echo(f"and {len(warnings) - _MOST_TOLD} more warnings about {folder}", err=True)
    return catalog
