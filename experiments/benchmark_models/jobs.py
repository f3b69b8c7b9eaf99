"""One run of one model on one fold: what it is called, where its result lies, and whether that result still stands."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import adaptive
from adaptive.models import MODELS

__all__ = ["Job", "code_sha256"]

PACKAGE = Path(adaptive.__file__).parent
SHARED = (
    "adaptive.models.replay",
    "adaptive.evaluation.crossvalidation",
    "adaptive.evaluation.metrics",
    "adaptive.evaluation.fold_metrics",
)
"""Modules outside the model on which its figures stand; what they import besides is left out, or any change would spoil every result."""


@dataclass(frozen=True, slots=True)
class Job:
    """A model on a fold of a set; `n_learners` limits the training learners (a point of a learning curve)."""

    data_set: str
    model: str
    fold: str
    n_learners: int | None = None
    seed: int = 0

    def __str__(self) -> str:
        part = "" if self.n_learners is None else f", {self.n_learners:,} learners"
        return f"{self.data_set} / {self.model} / fold {self.fold}{part}"

    def path(self, out: Path) -> Path:
        """The result as JSON; its arrays lie beside it as .npz."""
        part = "" if self.n_learners is None else f"-of-{self.n_learners}-learners"
        fold = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in self.fold)
        return out / "runs" / self.data_set / self.model / f"fold-{fold}{part}.json"

    def key(self, data_sha256: str) -> dict[str, Any]:  # Any: JSON values
        """What a result must have been made from, to stand."""
        return asdict(self) | {"data_sha256": data_sha256, "code_sha256": code_sha256(self.model)}

    def standing(self, out: Path, data_sha256: str, *, keep: bool = False) -> bool:
        """Whether the result is there and was made from these data and, unless `keep`, from this code."""
        path = self.path(out)
        if not path.exists():
            return False
        key, found = self.key(data_sha256), json.loads(path.read_text(encoding="utf-8"))["key"]
        return all(found.get(name) == value for name, value in key.items() if not (keep and name == "code_sha256"))


@cache
def code_sha256(model: str) -> str:
    """Names the source of a model: its module and every module of the package that it imports, however deep."""
    if model not in MODELS:  # a peer: its adapter
        return hashlib.sha256(_adapter(model).read_bytes()).hexdigest()[:16]
    start = MODELS[model].__module__
    digest = hashlib.sha256()
    for module in sorted(_closure(start) | set(SHARED)):
        digest.update(_source(module).read_bytes())
    return digest.hexdigest()[:16]


def _adapter(peer: str) -> Path:
    from peers import PEERS  # noqa: PLC0415 - peers.py imports jobs

    return PEERS[peer].script


def _closure(start: str) -> set[str]:
    """The module and the modules of `adaptive.models` that it imports, directly or not, wherever the import stands."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        waiting += [name for name in _imported(_source(module)) if name.startswith("adaptive.models")]
    return found


def _imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.startswith("adaptive") and _is_module(name)}


def _is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def _source(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
