"""`adaptive evaluate`: a model judged on learners that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.cli.metrics_table import print_evaluation
from adaptive.cli.model_option import ModelOption
from adaptive.cli.progress import shown_progress
from adaptive.cli.table_options import FileArgument, FormatOption, MapOption, load_table

if TYPE_CHECKING:
    from adaptive.datasets import AttemptTable, Fold

__all__ = ["evaluate"]

_CANONICAL = "fold"

_OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for metrics.json, predictions.csv and the figures.")]
_FoldColumnOption = Annotated[
    str | None,
    typer.Option("--fold-column", metavar="COLUMN", help="Column that says each attempt's fold; without --test-fold each is tested."),
]
_TestFoldOption = Annotated[str | None, typer.Option("--test-fold", metavar="VALUE", help="The fold to test on; all others train.")]
_FoldsOption = Annotated[int | None, typer.Option("--folds", metavar="N", help="N random folds of learners, instead of a column.")]
_SeedOption = Annotated[int, typer.Option("--seed", help="Decides the random folds, the fit and the intervals.")]


def evaluate(
    file: FileArgument,
    *,
    model: ModelOption,
    out: _OutOption,
    format_name: FormatOption = None,
    map_text: MapOption = None,
    fold_column: _FoldColumnOption = None,
    test_fold: _TestFoldOption = None,
    folds: _FoldsOption = None,
    seed: _SeedOption = 0,
) -> None:
    """Fit a model on some learners, forecast each attempt of the others before its answer, and measure.

    Example: [bold]adaptive evaluate attempts.csv.xz --model logistic --fold-column fold --test-fold 1 --out out/fold1[/bold]
    """
    if (folds is None) == (fold_column is None and test_fold is None):
        raise typer.BadParameter("give either --folds N, or --fold-column with --test-fold", param_hint="--folds")
    from functools import partial

    from adaptive.evaluation.crossvalidation import evaluate as evaluate_folds
    from adaptive.evaluation.report import write_evaluation
    from adaptive.models import build_model

    build = partial(build_model, model)
    build()  # an unknown name is refused before the file is read
    table = load_table(file, format_name, map_text, fold_column=None if fold_column == _CANONICAL else fold_column)
    chosen = _folds(table, test_fold=test_fold, n_folds=folds, seed=seed)
    with shown_progress() as progress:
        evaluation = evaluate_folds(build, chosen, data_sha256=table.data_sha256, seed=seed, progress=progress)
    write_evaluation(evaluation, out)
    print_evaluation(evaluation)
    typer.echo(f"wrote {out}/metrics.json, predictions.csv and two figures")


def _folds(table: AttemptTable, *, test_fold: str | None, n_folds: int | None, seed: int) -> Sequence[Fold]:
    from adaptive.datasets import column_folds, learner_folds

    return column_folds(table, test_value=test_fold) if n_folds is None else learner_folds(table, n_folds, seed)
