"""Finished cells on disk: one file a policy, family and seed, which stands until what made it changes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from inspect import getsourcefile
from pathlib import Path
from typing import Any

from adaptive.evaluation.laboratory.entrants import Entrant
from adaptive.evaluation.laboratory.loading import FamilyClass
from adaptive.evaluation.laboratory.metrics import Cell

__all__ = ["CellFile", "Size", "cell_path"]

_SHARED = tuple(
    f"{name}.py"
    for name in (
        "beliefs",
        "chance",
        "family",
        "metrics",
        "oracles",
        "players",
        "playing",
        "schooling",
        "timetable",
        "world",
        "wrong_edges",
    )
)
"""Sources of the laboratory that every cell rests on; what else an entrant rests on it names itself."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated of each cell: learners practised with (as many are at school), items each, and learners of the ceiling."""

    n_learners: int = 400
    n_items: int = 200
    n_ceiling_learners: int = 60


@dataclass(frozen=True, slots=True)
class CellFile:
    """The file of a cell, and the key under which it stands: sizes, sources of family, laboratory and what the entrant rests on."""

    path: Path
    key: str

    @classmethod
    def of(cls, out: Path, entrant: Entrant, family: FamilyClass, seed: int, size: Size, wrong_edges: float = 0.0) -> CellFile:
        """The file of that cell below `out`; a share of wrong edges has a folder of its own where it may matter to the entrant."""
        share = wrong_edges if entrant.trusts_prerequisites else 0.0
        of_family = (_of_family(_source_of(family)), _digest(list(_files_of(family))))
        sources = (_laboratory(), *of_family, *(_of_package(name) for name in entrant.rests_on))
        content = json.dumps([entrant.name, entrant.source, dict(entrant.settings), family.name, seed, asdict(size), share, sources])
        key = sha256(content.encode()).hexdigest()[:16]
        return cls(cell_path(out, family.name, entrant.name, seed, share), key)

    def read(self) -> Cell | None:
        """The finished cell; None where there is none of this key."""
        try:
            found: dict[str, Any] = json.loads(self.path.read_text())  # Any: JSON values
        except (OSError, ValueError):
            return None
        return Cell(**found["cell"]) if found.get("key") == self.key else None

    def write(self, cell: Cell, *, seconds: float) -> None:
        """The cell, whole or not at all; `seconds` is the processor time it took."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps({"key": self.key, "seconds": round(seconds, 2), "cell": cell.to_json()}))
        draft.replace(self.path)


def cell_path(out: Path, family: str, entrant: str, seed: int, wrong_edges: float = 0.0) -> Path:
    """Where the cell of that name lies below `out`."""
    folder = out / "cells" / family / entrant
    return (folder / f"wrong_edges={wrong_edges:g}" if wrong_edges else folder) / f"{seed}.json"


@lru_cache
def _laboratory() -> str:
    return _digest([Path(__file__).parent / name for name in _SHARED])


@lru_cache
def _of_package(name: str) -> str:
    """Of all sources of a package, or of a module."""
    origin = getattr(find_spec(name), "origin", None)
    return _digest(_sources(Path(origin)) if origin else [])


@lru_cache
def _of_family(source: Path) -> str:
    """A shipped family rests on its folder and on what parameters lie beside it; a stranger's is one file."""
    laboratory = Path(__file__).parent
    if source.parent.parent != laboratory:
        return _digest([source])
    return _digest(sorted([*source.parent.iterdir(), *(path for path in laboratory.iterdir() if path.suffix != ".py")]))


def _source_of(family: Any) -> Path:  # Any: a class, which `getsourcefile` cannot tell from a protocol
    return Path(getsourcefile(family) or "")


def _files_of(family: Any) -> tuple[Path, ...]:  # Any: a class, with or without this method
    """What else its worlds are drawn from, where the class says so."""
    return tuple(getattr(family, "rests_on", tuple)())


def _sources(place: Path) -> list[Path]:
    folder = place.parent if place.name == "__init__.py" else place
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]


def _digest(paths: list[Path]) -> str:
    found = sha256()
    for path in paths:
        if path.is_file():
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
