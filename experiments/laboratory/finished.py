"""What a finished folder of `adaptive simulate` holds, as the last call left it: its cells, with those of wrong edges beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adaptive.evaluation.laboratory.cells import cell_path
from adaptive.evaluation.laboratory.entrants import ORACLES
from adaptive.evaluation.laboratory.gaps import Interval
from adaptive.evaluation.laboratory.matrix import Matrix
from adaptive.evaluation.laboratory.metrics import Cell


@dataclass(frozen=True)
class Finished:
    """The matrix of a folder, and what was run."""

    out: Path
    matrix: Matrix
    seeds: tuple[int, ...]
    n_learners: int
    n_items: int
    trained_on: Mapping[str, str]

    @classmethod
    def read(cls, out: Path) -> Self:
        """The cells of all policies that `matrix.json` tells; ends the program where the last call had wrong edges."""
        told = json.loads((out / "matrix.json").read_text())
        if told["wrong_edges"]:
            raise SystemExit(f"{out}/matrix.json is of wrong edges: call adaptive simulate once more without --wrong-edges, cells stand")
        seeds, names = tuple(told["seeds"]), [name for name in told["cells"] if name != "oracle"]
        found = {
            (name, family): [_cell(cell_path(out, family, name, seed)) for seed in seeds]
            for family in told["families"]
            for name in (*names, *ORACLES)
            if name in ORACLES or family in told["cells"][name]
        }
        return cls(out, Matrix(found), seeds, told["learners"], told["items"], told["trained_on"])

    def with_wrong_edges(self, name: str, family: str, share: float) -> list[Cell] | None:
        """A policy's cells with that share of prerequisites wrong; None where a seed is missing."""
        paths = [cell_path(self.out, family, name, seed, share) for seed in self.seeds]
        return [_cell(path) for path in paths] if all(path.is_file() for path in paths) else None


def shown(found: Interval) -> str:
    """A value with its interval where it has one, to two digits."""
    return two(found.value) if found.low is None else f"{two(found.value)} [{two(found.low)}, {two(found.high)}]"


def two(value: float | None) -> str:
    """Two digits, three near 0, a dash for None."""
    return "-" if value is None else f"{value:.3f}" if abs(value) < 0.095 else f"{value:.2f}"


def _cell(path: Path) -> Cell:
    return Cell(**json.loads(path.read_text())["cell"])
