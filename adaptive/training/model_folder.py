"""A model folder that can be served alone: the fitted model with the catalogue it knows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from adaptive.catalog import Catalog, write_catalog
from adaptive.errors import InvalidInput, Problem
from adaptive.evaluation.crossvalidation import Model
from adaptive.models import Metadata, save_model

__all__ = ["CATALOG_FOLDER", "MANIFEST_FILE", "require_free", "write_model"]

CATALOG_FOLDER = "catalog"
"""Folder inside the model folder that holds the catalogue (formats, "Catalogue directory")."""

MANIFEST_FILE = "manifest.json"


def write_model(model: Model, catalog: Catalog, path: Path, *, metadata: Metadata) -> None:
    """Write model and catalogue as the folder `path`, whole or not at all; a model that was there is replaced.

    Raises InvalidInput where `path` holds something else.
    """
    require_free(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as scratch:
        made = Path(scratch) / "new"
        save_model(model, made, metadata=metadata)
        write_catalog(catalog, made / CATALOG_FOLDER)
        if path.exists():
            path.replace(Path(scratch) / "old")
        made.replace(path)


def require_free(path: Path) -> None:
    """Refuse a path that holds anything but a model folder, which writing a model there would delete.

    >>> require_free(Path("no/such/folder"))
    """
    if not path.exists() or (path / MANIFEST_FILE).is_file() or (path.is_dir() and not any(path.iterdir())):
        return
    rule = "a model is written to a new or empty folder, or over a model"
    raise InvalidInput("model folder", [Problem("out", rule, str(path), "name another folder")])
