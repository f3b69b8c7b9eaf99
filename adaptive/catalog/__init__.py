"""Items, skills and the prerequisite graph: read, written, validated; item families that generate questions."""

from adaptive.catalog.catalog import Catalog

__all__ = ["Catalog"]
