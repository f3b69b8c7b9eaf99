"""A fitted model as a folder: manifest.json beside arrays.npz, nothing pickled, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from adaptive.errors import ModelUnavailable
from adaptive.protocols import Parameters

__all__ = ["FORMAT_VERSION", "Manifest", "Metadata", "read_folder", "write_folder"]

FORMAT_VERSION = 1
"""Raised when a folder written before can no longer be read."""

_MANIFEST = "manifest.json"
_ARRAYS = "arrays.npz"


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
    """Write the folder `path`; a model that was there is moved away only once the new one is whole. Never leaves a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        new = scratch / "new"
        new.mkdir()
        np.savez_compressed(new / _ARRAYS, allow_pickle=False, **parameters.arrays)
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
            arrays_sha256=_sha256(new / _ARRAYS),
        )
        (new / _MANIFEST).write_text(_to_json(manifest), encoding="utf-8")
        if path.exists():
            path.replace(scratch / "old")
        new.replace(path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return manifest


def read_folder(path: Path) -> tuple[Manifest, Parameters]:
    """The manifest and the parameters of the folder. Raises ModelUnavailable where it is missing, damaged or too new."""
    manifest = _read_manifest(path / _MANIFEST)
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
