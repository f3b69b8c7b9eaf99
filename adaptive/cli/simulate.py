"""`adaptive simulate`: the laboratory's matrix of policies against families of simulated learners."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from adaptive.cli.output_folder import require_writable
from adaptive.cli.progress import shown_progress
from adaptive.cli.stopping import going_on_later

if TYPE_CHECKING:
    from adaptive.evaluation.laboratory.matrix import Matrix
    from adaptive.evaluation.laboratory.run import Run

__all__ = ["simulate"]

_FamilyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--family",
        metavar="NAME|FILE.py:CLASS",
        help="A family that ships, or a class of yours; may be given again. Default: all that ship.",
    ),
]
_PolicyOption = Annotated[
    list[str] | None,
    typer.Option("--policy", metavar="NAME", help="A policy, or NAME:setting=value,... for other settings; again for more."),
]
_LearnersOption = Annotated[
    int, typer.Option("--learners", metavar="N", min=5, help="Learners of each cell, and as many at school before it.")
]
_SeedsOption = Annotated[
    int, typer.Option("--seeds", metavar="N", min=1, help="How many seeds: a world, its learners and their luck each.")
]
_ItemsOption = Annotated[int, typer.Option("--items", metavar="N", min=1, help="Items that each learner practises, 20 a session.")]
_OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for the matrix, the plots and the cells; called again, it goes on.")
]
_FirstSeedOption = Annotated[
    int, typer.Option("--first-seed", metavar="S", min=0, help="Development seeds begin at 1000, those of the report at 2000.")
]
_WrongEdgesOption = Annotated[
    float,
    typer.Option(
        "--wrong-edges", metavar="SHARE", min=0.0, max=1.0, help="Share of prerequisites that policies and models are told wrongly."
    ),
]
_JobsOption = Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="Processes; the answer does not depend on how many.")]
_SmallOption = Annotated[bool, typer.Option("--small", help="A smoke run: 20 learners, 2 seeds, 40 items.")]

_SMALL = (20, 2, 40, 5)
_N_CEILING_LEARNERS = 60


def simulate(
    *,
    out: _OutOption,
    family: _FamilyOption = None,
    policy: _PolicyOption = None,
    learners: _LearnersOption = 400,
    seeds: _SeedsOption = 20,
    items: _ItemsOption = 200,
    first_seed: _FirstSeedOption = 1000,
    wrong_edges: _WrongEdgesOption = 0.0,
    jobs: _JobsOption = 1,
    small: _SmallOption = False,
) -> None:
    """Measure how much of the way from random to an oracle each policy goes, in each family of simulated learners.

    Cells that stand below DIR are not run again unless their sizes, their family, the policy or what it rests on changed.

    Example: [bold]adaptive simulate --family growth --policy threshold --policy zpdes --seeds 5 --jobs 2 --out out/lab[/bold]
    """
    from adaptive.evaluation.laboratory.cells import Size
    from adaptive.evaluation.laboratory.entrants import entrants_of
    from adaptive.evaluation.laboratory.families import FAMILIES
    from adaptive.evaluation.laboratory.loading import check_family, family_of
    from adaptive.evaluation.laboratory.matrix import Matrix
    from adaptive.evaluation.laboratory.reporting import WRITTEN, write_matrix
    from adaptive.evaluation.laboratory.run import Run, run

    n_learners, n_seeds, n_items, n_ceiling = _SMALL if small else (learners, seeds, items, min(_N_CEILING_LEARNERS, learners))
    names = tuple(dict.fromkeys(family or FAMILIES))
    worlds = [check_family(family_of(name)) for name in names]  # what cannot run is refused, with all that is wrong, before anything does
    entrants = tuple(entrant.name for entrant in entrants_of(tuple(policy or ())))
    require_writable(out)
    out.mkdir(parents=True, exist_ok=True)
    of_seeds = tuple(range(first_seed, first_seed + n_seeds))
    wanted = Run(names, entrants, of_seeds, out, Size(n_learners, n_items, n_ceiling), wrong_edges)
    began = perf_counter()
    with going_on_later(lambda _: f"finished cells are kept; the same command goes on from {out}"), shown_progress() as progress:
        tell = partial(_bar, progress) if sys.stderr.isatty() else _lines(progress.say)
        cells = run(wanted, n_jobs=jobs, progress=tell)
    matrix = Matrix(cells)
    trained_on = {world.name: world.trained_on for world in worlds if hasattr(world, "trained_on")}
    write_matrix(matrix, out, about={**_about(wanted), "trained_on": trained_on})
    _print_matrix(matrix)
    typer.echo(f"wrote {out}/{', '.join(WRITTEN)} ({perf_counter() - began:.0f} s)")


def _about(wanted: Run) -> dict[str, object]:
    size = wanted.size
    of_size = {"learners": size.n_learners, "items": size.n_items, "ceiling_learners": size.n_ceiling_learners}
    return {"seeds": list(wanted.seeds), **of_size, "wrong_edges": wanted.wrong_edges}


def _bar(progress: Callable[[str, int, int], None], _: str, done: int, total: int) -> None:
    progress("worlds", done, total)


def _lines(say: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """A line as each family is done with a seed, with the time that the rest may take."""
    began = perf_counter()

    def tell(stage: str, done: int, total: int) -> None:
        passed = perf_counter() - began
        left = f", about {passed / done * (total - done) / 60.0:.0f} min left" if 0 < done < total else ""
        say(f"{done} of {total} worlds: {stage}, {passed:.0f} s{left}")

    return tell


def _print_matrix(matrix: Matrix) -> None:
    """Closed gaps with their intervals, policies down, families across."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table("closed gap", *matrix.families, "smallest", box=SIMPLE_HEAD)
    for name in matrix.rows:
        row = [matrix.summary(name, family) if (name, family) in matrix.cells else None for family in matrix.families]
        gaps = [cell.closed_gap for cell in row if cell and cell.closed_gap is not None]
        shown = ["" if cell is None else f"{_shown(cell.closed_gap)} [{_shown(cell.low)}, {_shown(cell.high)}]" for cell in row]
        table.add_row(name, *shown, _shown(min(gaps, default=None)))
    console = Console(width=None if Console().is_terminal else 200, markup=False, emoji=False)
    console.print(table)


def _shown(value: float | None) -> str:
    """Two digits, or a dash.

    >>> _shown(0.756), _shown(None)
    ('0.76', '-')
    """
    return "-" if value is None else f"{value:.2f}"
