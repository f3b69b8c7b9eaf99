"""`adaptive tune`: a search for a model's settings on held-out training learners."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.cli.model_option import ModelOption
from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.seed import LARGEST_SEED
from adaptive.cli.stopping import going_on_later
from adaptive.cli.table_options import FileArgument, FormatOption, MapOption, load_table

if TYPE_CHECKING:
    from adaptive.datasets import AttemptTable
    from adaptive.training.tuning_report import FinishedTrial, Found

__all__ = ["tune"]

_OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder of the search and of what it finds; called again, it goes on from there.")
]
_TrialsOption = Annotated[int, typer.Option("--trials", metavar="N", min=1, help="Finished trials of the whole search.")]
_MinutesOption = Annotated[float | None, typer.Option("--minutes", metavar="M", min=0.0, help="Time for this call; without it, no limit.")]
_FoldsOption = Annotated[
    int, typer.Option("--folds", metavar="K", min=1, max=5, help="How many of five folds of training learners judge each trial.")
]
_FoldColumnOption = Annotated[str | None, typer.Option("--fold-column", metavar="COLUMN", help="Column that says each attempt's fold.")]
_TestFoldOption = Annotated[
    str | None, typer.Option("--test-fold", metavar="VALUE", help="The fold that is for the final test: the search never sees it.")
]
_TrackingOption = Annotated[
    str | None,
    typer.Option("--tracking", metavar="URL", help="The MLflow store. Default: MLFLOW_TRACKING_URI, then sqlite:///mlflow.db."),
]
_SeedOption = Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Decides the folds, the fits and what is proposed.")]
_SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting that is not searched; may be given again.")
]


def tune(
    file: FileArgument,
    *,
    model: ModelOption,
    out: _OutOption,
    trials: _TrialsOption = 20,
    minutes: _MinutesOption = None,
    folds: _FoldsOption = 1,
    fold_column: _FoldColumnOption = None,
    test_fold: _TestFoldOption = None,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    tracking: _TrackingOption = None,
    seed: _SeedOption = 0,
    set_texts: _SetOption = None,
) -> None:
    """Search the settings of a model that forecast learners held out of the training attempts best.

    FILE is of training learners; with --fold-column and --test-fold it may hold the test fold too, which is left out at once.

    Example: [bold]adaptive tune attempts.csv --model recurrent --trials 30 --minutes 60 --out out/search[/bold]
    """
    if (fold_column is None) != (test_fold is None):
        raise typer.BadParameter("give both --fold-column and --test-fold, or neither", param_hint="--test-fold")
    from adaptive.models import build_model
    from adaptive.training.search import TuningRequest
    from adaptive.training.settings import parse_settings, require_tunable, with_settings

    request = TuningRequest(
        model,
        out,
        datetime.now(UTC),
        n_trials=trials,
        minutes=minutes,
        n_folds=folds,
        seed=seed,
        tracking=tracking,
        fixed=parse_settings(set_texts or []),
    )
    require_tunable(with_settings(build_model(model), request.fixed))  # refused before the file is read
    require_writable(out)
    table = _training_learners(load_table(file, format_name, map_text, fold_column=_mapped(fold_column)), test_fold)
    from adaptive.training.tuning import tune as search

    with going_on_later(lambda _: f"the same command goes on from {out}"), shown_progress() as progress:
        found = search(table, request, epochs=progress.epoch, trials=lambda trial: progress.say(_in_words(trial)))
    _tell(found, out)


def _mapped(fold_column: str | None) -> str | None:
    return None if fold_column == "fold" else fold_column


def _training_learners(table: AttemptTable, test_fold: str | None) -> AttemptTable:
    from adaptive.datasets import column_folds

    return table if test_fold is None else column_folds(table, test_value=test_fold)[0].train


def _in_words(trial: FinishedTrial) -> str:
    reached = "given up early" if trial.log_loss is None else f"log loss {trial.log_loss:.4f}, AUC {trial.auc:.4f}"
    settings = ", ".join(f"{name} {value:.4g}" for name, value in trial.settings.items())
    return f"trial {trial.number}: {reached}, {trial.seconds:.1f} s with {settings}"


def _tell(found: Found, out: Path) -> None:
    """The best settings, how much each matters, and the next command."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    if (best := found.best) is None:
        return
    shown = Table(f"{found.model}, trial {best.number} of {len(found.trials)}", "best", "importance", box=SIMPLE_HEAD)
    for name, value in best.settings.items():
        share = f"{found.importance[name]:.2f}" if name in found.importance else ""
        shown.add_row(name, f"{value:.6g}", "fixed" if name in found.fixed else share)
    Console(width=None if Console().is_terminal else 100, markup=False, emoji=False).print(shown)
    typer.echo(f"log loss {best.log_loss:.4f}, AUC {best.auc:.4f} on training learners held out")
    typer.echo(f"wrote {out}/best_settings.json, trials.csv and search.png; go on with:")
    typer.echo(f"adaptive train FILE --model {found.model} --settings {out}/best_settings.json")
