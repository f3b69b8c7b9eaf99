"""A model folder that can be served alone: the fitted model with the catalogue it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from adaptive.catalog import Catalog, write_catalog
from adaptive.evaluation.crossvalidation import Model
from adaptive.models import Metadata, save_model
from adaptive.models.artifact import require_free
from adaptive.models.whole_folder import whole_folder

__all__ = ["CATALOG_FOLDER", "require_room", "write_model"]

CATALOG_FOLDER = "catalog"
"""Folder inside the model folder that holds the catalogue (formats, "Catalogue directory")."""

_CATALOG_FILES: Final = frozenset(f"{CATALOG_FOLDER}/{name}" for name in ("catalog.json", "skills.csv", "items.csv", "edges.csv"))


def write_model(model: Model, catalog: Catalog, path: Path, *, metadata: Metadata) -> None:
    """Write model and catalogue as the folder `path`, whole or not at all; a model that was there is replaced.

    Raises InvalidInput where `path` holds something else.
    """
    require_room(path)
    with whole_folder(path) as folder:
        save_model(model, folder, metadata=metadata)
        write_catalog(catalog, folder / CATALOG_FOLDER)


def require_room(path: Path) -> None:
    """Refuse a path that holds anything but a model, with or without its catalogue.

    >>> require_room(Path("no/such/folder"))
    """
    require_free(path, own=_CATALOG_FILES)
