"""A fitted model as a folder: manifest.json beside arrays.npz, nothing pickled, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from adaptive.errors import InvalidInput, ModelUnavailable, Problem
from adaptive.models.whole_folder import foreign_files, whole_folder
from adaptive.protocols import Parameters

__all__ = ["FORMAT_VERSION", "MANIFEST_FILE", "Manifest", "Metadata", "read_folder", "require_free", "write_folder"]

FORMAT_VERSION = 4
"""Raised when a folder written before can no longer be read."""

MANIFEST_FILE = "manifest.json"
_ARRAYS = "arrays.npz"
_SHOWN_FILES = 3


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a fitted model comes from: when it was made (aware), from which attempts and catalogue, and how well it does."""

    created: datetime
    data_sha256: str = ""
    catalog_version: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.json says of a model. `version` names these parameters: equal where name, settings and arrays are."""

    name: str
    class_name: str
    package_version: str
    format_version: int
    data_sha256: str
    catalog_version: str
    settings: Mapping[str, Any]  # Any: JSON values, checked by the model that reads them
    metrics: Mapping[str, float]
    created: datetime
    arrays_sha256: str

    @property
    def version(self) -> str:
        """16 hex digits that name the parameters."""
        content = json.dumps([self.name, self.settings, self.arrays_sha256], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def write_folder(path: Path, *, name: str, class_name: str, parameters: Parameters, metadata: Metadata) -> Manifest:
    """Write the folder `path`, whole or not at all. Raises InvalidInput where it holds anything but such a folder."""
    require_free(path)
    with whole_folder(path) as folder:
        np.savez_compressed(folder / _ARRAYS, allow_pickle=False, **parameters.arrays)
        manifest = Manifest(
            name=name,
            class_name=class_name,
            package_version=version("adaptive-practice"),
            format_version=FORMAT_VERSION,
            data_sha256=metadata.data_sha256,
            catalog_version=metadata.catalog_version,
            settings=dict(parameters.settings),
            metrics=dict(metadata.metrics),
            created=metadata.created,
            arrays_sha256=_sha256(folder / _ARRAYS),
        )
        (folder / MANIFEST_FILE).write_text(_to_json(manifest), encoding="utf-8")
    return manifest


def require_free(path: Path, *, own: frozenset[str] = frozenset()) -> None:
    """Refuse a path that holds anything but a model folder, which writing a model there would delete.

    A model folder has a manifest that reads as ours, and no file but ours and those that `own` names besides.

    >>> require_free(Path("no/such/folder"))
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    found = _not_a_model(path, own | {MANIFEST_FILE, _ARRAYS})
    if found:
        rule = "a model is written to a new or empty folder, or over a model"
        raise InvalidInput("model folder", [Problem("out", rule, f"{path}, {found}", "name another folder")])


def _not_a_model(path: Path, own: frozenset[str]) -> str:
    """Why the path is no model folder of ours, in words; empty where it is one."""
    if not path.is_dir():
        return "a file"
    try:
        _read_manifest(path / MANIFEST_FILE)
    except ModelUnavailable:
        return "whose manifest.json is missing or not of a model"
    foreign = foreign_files(path, own)
    return f"which also holds {', '.join(foreign[:_SHOWN_FILES])}" if foreign else ""


def read_folder(path: Path) -> tuple[Manifest, Parameters]:
    """The manifest and the parameters of the folder. Raises ModelUnavailable where it is missing, damaged or too new."""
    manifest = _read_manifest(path / MANIFEST_FILE)
    try:
        if _sha256(path / _ARRAYS) != manifest.arrays_sha256:
            raise _unavailable(path / _ARRAYS, "the arrays must be those that the manifest names", "another content")
        with np.load(path / _ARRAYS, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise _unavailable(path / _ARRAYS, "the arrays must be readable", str(error)) from error
    return manifest, Parameters(settings=manifest.settings, arrays=arrays)


def _read_manifest(path: Path) -> Manifest:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        found = fields.get("format_version")
        if found != FORMAT_VERSION:
            raise _unavailable(path, f"the format version must be {FORMAT_VERSION}", str(found))
        return Manifest(**{**fields, "created": datetime.fromisoformat(fields["created"])})
    except FileNotFoundError as error:
        raise _unavailable(path, "a model folder must hold its manifest", "no such file") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unavailable(path, "the manifest must be whole", str(error)) from error


def _unavailable(path: Path, rule: str, value: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"Model {str(path.parent)!r}: {rule}. Got {value} at {path.name}; train the model again or name another folder."
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _to_json(manifest: Manifest) -> str:
    fields = {name: getattr(manifest, name) for name in manifest.__slots__}
    return json.dumps({**fields, "created": manifest.created.isoformat()}, indent=2) + "\n"
