"""`adaptive train`: attempts become a fitted, judged and registered model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from adaptive.cli.metrics_table import print_evaluation
from adaptive.cli.model_option import ModelOption
from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.seed import LARGEST_SEED
from adaptive.cli.table_options import FileArgument, FormatOption, MapOption, load_table

__all__ = ["train"]

_RegisterOption = Annotated[
    str | None, typer.Option("--register", metavar="NAME", help="Register the model as the next version of NAME and make it its champion.")
]
_CatalogOption = Annotated[
    Path | None, typer.Option("--catalog", metavar="DIR", help="Items, skills and prerequisites; without it, those of the attempts.")
]
_TrackingOption = Annotated[
    str | None,
    typer.Option("--tracking", metavar="URL", help="The MLflow store. Default: MLFLOW_TRACKING_URI, then sqlite:///mlflow.db."),
]
_OutOption = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Also write the model to this folder.")]
_SeedOption = Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Decides who is held out, the fit and the intervals.")]


def train(
    file: FileArgument,
    *,
    model: ModelOption,
    register: _RegisterOption = None,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    catalog: _CatalogOption = None,
    tracking: _TrackingOption = None,
    out: _OutOption = None,
    seed: _SeedOption = 0,
) -> None:
    """Judge a model on one learner in five, fit it on all, keep the run in MLflow and register the model.

    Example: [bold]adaptive train attempts.csv --model logistic --register maths[/bold]
    """
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.models import build_model
    from adaptive.training.run import TrainingRequest
    from adaptive.training.run import train as train_model

    request = TrainingRequest(model, at=datetime.now(UTC), register=register, out=out, tracking=tracking, seed=seed)
    known = load_catalog(catalog) if catalog else None
    build_model(model, known)  # an unknown name is refused before the file is read, as is a folder that cannot be written to
    if out:
        require_writable(out.parent)
    table = load_table(file, format_name, map_text)
    with shown_progress() as progress:
        trained = train_model(table, request, catalog=known, progress=progress)
    typer.echo("On learners held out; the model itself is fitted on all:")
    print_evaluation(trained.evaluation)
    typer.echo(f"run {trained.run_id} in {trained.tracking_uri}")
    if out:
        typer.echo(f"wrote {out}")
    if trained.registered:
        before = f", in place of version {trained.registered.replaced}" if trained.registered.replaced else ""
        typer.echo(f"models:/{trained.registered.name}@champion is version {trained.registered.version}{before}")
