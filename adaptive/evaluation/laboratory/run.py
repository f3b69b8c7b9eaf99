"""Runs the cells that are not there yet, family by family and seed by seed, in as many processes as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from threadpoolctl import threadpool_limits

from adaptive.evaluation.laboratory.cells import CellFile, Size
from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.entrants import Entrant, Schooled, entrant_of
from adaptive.evaluation.laboratory.loading import FamilyClass, family_of
from adaptive.evaluation.laboratory.metrics import Cell, measure
from adaptive.evaluation.laboratory.playing import Classroom, play
from adaptive.evaluation.progress import Progress, silent

__all__ = ["Cells", "Run", "cells_of", "run"]

Cells = dict[tuple[str, str], list[Cell]]
"""By entrant and family, in the order of the seeds."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be run: families as `family_of` takes them, entrants by name, seeds, sizes; results go below `out`.

    Models and policies, peers too, see a catalogue of which that share of prerequisites is wrong; oracles and the truth stay.
    """

    families: tuple[str, ...]
    entrants: tuple[str, ...]
    seeds: tuple[int, ...]
    out: Path
    size: Size = field(default_factory=Size)
    wrong_edges: float = 0.0

    def file(self, entrant: str, family: FamilyClass, seed: int) -> CellFile:
        """Where the cell stands."""
        return CellFile.of(self.out, entrant_of(entrant), family, seed, self.size, self.wrong_edges)


def run(wanted: Run, *, n_jobs: int = 1, progress: Progress = silent) -> Cells:
    """Every cell of the run; those that stand are read. The answer is the same whatever the number of processes."""
    shares = [(spec, seed) for seed in wanted.seeds for spec in wanted.families]
    progress("starting", 0, len(shares))
    for done, (name, seed) in enumerate(_finished(wanted, shares, n_jobs), start=1):
        progress(f"{name}, seed {seed}", done, len(shares))
    return cells_of(wanted)


def cells_of(wanted: Run) -> Cells:
    """The finished cells of a run; entrants and families of which a seed is missing are left out."""
    found: Cells = {}
    for spec in wanted.families:
        family = family_of(spec)
        for name in wanted.entrants:
            of_seeds = [wanted.file(name, family, seed).read() for seed in wanted.seeds]
            if all(of_seeds):
                found[name, family.name] = [cell for cell in of_seeds if cell]
    return found


def _finished(wanted: Run, shares: list[tuple[str, int]], n_jobs: int) -> Iterator[tuple[str, int]]:
    """Each share as it is done."""
    if n_jobs == 1:
        yield from (_play_share(wanted, spec, seed) for spec, seed in shares)
        return
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_play_share, wanted, spec, seed) for spec, seed in shares]
        try:
            yield from (future.result() for future in as_completed(waiting))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _play_share(wanted: Run, spec: str, seed: int) -> tuple[str, int]:
    """All entrants on one family and seed, one thread: the world is drawn and models are fitted once for all."""
    family = family_of(spec)
    files = {name: wanted.file(name, family, seed) for name in wanted.entrants}
    missing = {name: file for name, file in files.items() if file.read() is None}
    if missing:
        with threadpool_limits(1):
            schooled = _schooled(family, seed, wanted)
            for name, file in missing.items():
                began = process_time()
                cell = _play(entrant_of(name), schooled, wanted.size)
                file.write(cell, seconds=process_time() - began)
    return family.name, seed


def _schooled(family_class: FamilyClass, seed: int, wanted: Run) -> Schooled:
    family, size = family_class(generator(seed, "world", family_class.name)), wanted.size
    room = Classroom.of(family, n_learners=size.n_learners, n_items=size.n_items, seed=seed, wrong_edges=wanted.wrong_edges)
    return Schooled(room, size.n_learners)


def _play(entrant: Entrant, schooled: Schooled, size: Size) -> Cell:
    if entrant.role == "ceiling":
        schooled = Schooled(schooled.classroom.first(size.n_ceiling_learners), schooled.n_school)
    return measure(play(entrant.build(schooled), schooled.classroom, name=entrant.name))
