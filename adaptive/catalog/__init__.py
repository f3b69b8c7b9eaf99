"""Items, skills and the prerequisite graph: read, written, validated; item families that generate questions."""

from adaptive.catalog.catalog import Catalog
from adaptive.catalog.families import ItemFamily, Question, QuestionFamily, draw_items
from adaptive.catalog.files import inspect_catalog, read_catalog, write_catalog
from adaptive.catalog.mathematics import mathematics_catalog, mathematics_families
from adaptive.catalog.norms import MATHEMATICS_MEANS_2025, GradeMeans, rit_difficulties
from adaptive.catalog.scale import DIFFICULTY_SCALES, DifficultyScale
from adaptive.catalog.validation import Finding, validate

__all__ = [
    "DIFFICULTY_SCALES",
    "MATHEMATICS_MEANS_2025",
    "Catalog",
    "DifficultyScale",
    "Finding",
    "GradeMeans",
    "ItemFamily",
    "Question",
    "QuestionFamily",
    "draw_items",
    "inspect_catalog",
    "mathematics_catalog",
    "mathematics_families",
    "read_catalog",
    "rit_difficulties",
    "validate",
    "write_catalog",
]
