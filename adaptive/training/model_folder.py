"""A model folder that can be served alone: the fitted model with the catalogue it knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from adaptive.catalog import Catalog, read_catalog, write_catalog
from adaptive.datasets import AttemptTable, catalog_from_attempts
from adaptive.evaluation.crossvalidation import Model
from adaptive.models import Metadata, save_model
from adaptive.models.artifact import require_free
from adaptive.models.whole_folder import whole_folder

__all__ = ["CATALOG_FOLDER", "known_catalog", "require_room", "write_model"]

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


def known_catalog(table: AttemptTable, given: Catalog | None, start: Path | None) -> Catalog:
    """What the model's folder says there is to learn: the given catalogue, or that of the attempts.

    A model refreshed from the folder `start` keeps the catalogue of that folder, with what the attempts name besides.
    """
    of_attempts = catalog_from_attempts(table)
    if given is not None or start is None or not (start / CATALOG_FOLDER).is_dir():
        return given or of_attempts
    kept = read_catalog(start / CATALOG_FOLDER)
    skill_ids, item_ids = {skill.skill_id for skill in kept.skills}, {item.item_id for item in kept.items}
    skills = (skill for skill in of_attempts.skills if skill.skill_id not in skill_ids)
    items = (item for item in of_attempts.items if item.item_id not in item_ids)
    return replace(kept, skills=(*kept.skills, *skills), items=(*kept.items, *items))
