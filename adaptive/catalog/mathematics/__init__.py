"""The demonstration catalogue: mathematics of grades 3 to 6, with questions written by programs."""

from adaptive.catalog.mathematics.catalog import mathematics_catalog, mathematics_families

__all__ = ["mathematics_catalog", "mathematics_families"]
