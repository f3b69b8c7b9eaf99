"""How the columns of a file become canonical ones: where each comes from, and the rules that its cells keep."""

from adaptive.datasets.columns.canonical import Intake, canonical_rows
from adaptive.datasets.columns.column_maps import ColumnMap, Companion, parse_map
from adaptive.datasets.columns.sources import Column, Joined, Same, Source

__all__ = ["Column", "ColumnMap", "Companion", "Intake", "Joined", "Same", "Source", "canonical_rows", "parse_map"]
