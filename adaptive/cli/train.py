"""`adaptive train`: attempts become a fitted, judged and registered model. `adaptive refresh`: new attempts reach a fitted one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.cli.metrics_table import print_evaluation
from adaptive.cli.model_option import ModelOption
from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.seed import LARGEST_SEED
from adaptive.cli.stopping import going_on_later
from adaptive.cli.table_options import FileArgument, FormatOption, MapOption, load_table

if TYPE_CHECKING:
    from adaptive.catalog import Catalog
    from adaptive.datasets import AttemptTable
    from adaptive.training import TrainedModel, TrainingRequest

__all__ = ["refresh", "train"]

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
_SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the model; may be given again. Goes before --settings."),
]
_SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings as adaptive tune writes them (best_settings.json).")
]
_CheckpointsOption = Annotated[
    Path, typer.Option("--checkpoints", metavar="DIR", help="Where an interrupted fit leaves what the same command goes on from.")
]
_ResumeOption = Annotated[bool, typer.Option("--resume", help="Refuse to begin anew: there must be a checkpoint of this very fit.")]
_FromOption = Annotated[
    str, typer.Option("--from", metavar="MODEL", help="The fitted model: a folder, models:/NAME@champion or models:/NAME/3.")
]


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
    set_texts: _SetOption = None,
    settings: _SettingsOption = None,
    checkpoints: _CheckpointsOption = Path("checkpoints"),
    resume: _ResumeOption = False,
) -> None:
    """Judge a model on one learner in five, fit it on all, keep the run in MLflow and register the model.

    A long fit shows its epochs and keeps a checkpoint after each; interrupted, the same command goes on from there.

    Example: [bold]adaptive train attempts.csv --model logistic --register maths[/bold]
    """
    from adaptive.cli.catalog_option import load_catalog
    from adaptive.training.run import TrainingRequest
    from adaptive.training.settings import parse_settings, read_settings

    chosen = (read_settings(settings, model) if settings else {}) | parse_settings(set_texts or [])
    request = TrainingRequest(
        model,
        at=datetime.now(UTC),
        register=register,
        out=out,
        tracking=tracking,
        seed=seed,
        settings=chosen,
        checkpoints=checkpoints,
        must_resume=resume,
    )
    known = load_catalog(catalog) if catalog else None
    request.begin(known)  # an unknown name or setting is refused before the file is read, as is a folder that cannot be written to
    if out:
        require_writable(out.parent)
    _tell(_trained(load_table(file, format_name, map_text), request, known), out)


def refresh(
    file: FileArgument,
    *,
    start: _FromOption,
    register: _RegisterOption = None,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    tracking: _TrackingOption = None,
    out: _OutOption = None,
    seed: _SeedOption = 0,
) -> None:
    """Bring a fitted model up to date with new attempts, without fitting all of it again; judge it before and after.

    Both are judged on one learner in five of FILE. Where the model was fitted on these learners, both look better than they are.

    Example: [bold]adaptive refresh new.csv --from models:/maths@champion --register maths[/bold]
    """
    from adaptive.models import load_model
    from adaptive.training import TrainingRequest, resolve_model

    folder = resolve_model(start, tracking=tracking)
    _, manifest = load_model(folder)
    request = TrainingRequest(manifest.name, at=datetime.now(UTC), register=register, out=out, tracking=tracking, seed=seed, start=folder)
    request.begin(None)
    if out:
        require_writable(out.parent)
    _tell(_trained(load_table(file, format_name, map_text), request, None), out)


def _trained(table: AttemptTable, request: TrainingRequest, known: Catalog | None) -> TrainedModel:
    from adaptive.training import train as train_model

    with going_on_later(_how_to_go_on), shown_progress() as progress:
        return train_model(table, request, catalog=known, progress=progress, epochs=progress.epoch)


def _how_to_go_on(stopped: KeyboardInterrupt) -> str:
    from adaptive.training import Interrupted

    if isinstance(stopped, Interrupted):
        return f"the same command goes on from {stopped.checkpoints[-1]}"
    return "nothing is kept, the same command begins anew"


def _tell(trained: TrainedModel, out: Path | None) -> None:
    """What came of it, on standard output."""
    if trained.before is not None:
        typer.echo("The model as it was, on learners held out of the new attempts:")
        print_evaluation(trained.before)
    typer.echo("On learners held out; the model itself is fitted on all:")
    print_evaluation(trained.evaluation)
    typer.echo(f"run {trained.run_id} in {trained.tracking_uri}")
    if out:
        typer.echo(f"wrote {out}")
    if trained.registered:
        before = f", in place of version {trained.registered.replaced}" if trained.registered.replaced else ""
        typer.echo(f"models:/{trained.registered.name}@champion is version {trained.registered.version}{before}")
