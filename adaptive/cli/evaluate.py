"""`adaptive evaluate`: a model judged on learners that it was not fitted on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adaptive.cli.metrics_table import print_evaluation
from adaptive.cli.model_option import ModelOption
from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.seed import LARGEST_SEED
from adaptive.cli.split import SplitOptions, split_of
from adaptive.cli.table_options import FormatOption, MapOption, OptionalFileArgument, load_table

__all__ = ["evaluate"]

_OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for metrics.json, predictions.csv and the figures.")]
_FoldColumnOption = Annotated[
    str | None,
    typer.Option("--fold-column", metavar="COLUMN", help="Column that says each attempt's fold; without --test-fold each is tested."),
]
_TestFoldOption = Annotated[str | None, typer.Option("--test-fold", metavar="VALUE", help="The fold to test on; all others train.")]
_FoldsOption = Annotated[int | None, typer.Option("--folds", metavar="N", help="N random folds of learners, instead of a column.")]
_TrainFileOption = Annotated[
    Path | None, typer.Option("--train-file", metavar="FILE", help="Attempts to fit on, instead of FILE and folds.")
]
_TestFileOption = Annotated[Path | None, typer.Option("--test-file", metavar="FILE", help="Attempts to score, with --train-file.")]
_KnownLearnersOption = Annotated[
    bool, typer.Option("--known-learners", help="Test learners start from their state after --train-file; test answers do not update it.")
]
_SeedOption = Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Decides the random folds, the fit and the intervals.")]


def evaluate(
    file: OptionalFileArgument = None,
    *,
    model: ModelOption,
    out: _OutOption,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    fold_column: _FoldColumnOption = None,
    test_fold: _TestFoldOption = None,
    folds: _FoldsOption = None,
    train_file: _TrainFileOption = None,
    test_file: _TestFileOption = None,
    known_learners: _KnownLearnersOption = False,
    seed: _SeedOption = 0,
) -> None:
    """Fit a model on some learners, forecast each attempt of the others before its answer, and measure.

    Example: [bold]adaptive evaluate attempts.csv.xz --model logistic --fold-column fold --test-fold 1 --out out/fold1[/bold]
    """
    given = SplitOptions(file, folds, fold_column, test_fold, train_file, test_file, known_learners, seed)
    split = split_of(given)
    from functools import partial

    from adaptive.evaluation.crossvalidation import evaluate as evaluate_folds
    from adaptive.evaluation.report import write_evaluation
    from adaptive.models import build_model

    build = partial(build_model, model)
    build()  # an unknown name is refused before the file is read, as is a folder that cannot be written to
    require_writable(out)
    chosen, data_sha256 = split.folds(partial(load_table, format_name=format_name, map_text=map_text))
    with shown_progress() as progress:
        evaluation = evaluate_folds(build, chosen, data_sha256=data_sha256, seed=seed, progress=progress)
    write_evaluation(evaluation, out)
    print_evaluation(evaluation)
    typer.echo(f"wrote {out}/metrics.json, predictions.csv and two figures")
