"""Items, skills and the prerequisite graph: read, written, validated; item families that generate questions."""

from adaptive.catalog.catalog import Catalog
from adaptive.catalog.files import inspect_catalog, read_catalog, write_catalog
from adaptive.catalog.scale import DIFFICULTY_SCALES, DifficultyScale
from adaptive.catalog.validation import Finding, validate

__all__ = [
    "DIFFICULTY_SCALES",
    "Catalog",
    "DifficultyScale",
    "Finding",
    "inspect_catalog",
    "read_catalog",
    "validate",
    "write_catalog",
]
