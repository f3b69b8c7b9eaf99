"""How rows lie in a file: one module a layout, each giving the same `SourceRows`."""

from adaptive.datasets.layouts.delimited import DelimitedText
from adaptive.datasets.layouts.four_lines import FourLines
from adaptive.datasets.layouts.json_lines import JsonLines
from adaptive.datasets.layouts.learner_files import LearnerFiles
from adaptive.datasets.layouts.parquet import ParquetFile
from adaptive.datasets.layouts.source_files import LAYOUTS, read_rows
from adaptive.datasets.layouts.source_rows import LIST_MARK, Layout, SourceRows

__all__ = [
    "LAYOUTS",
    "LIST_MARK",
    "DelimitedText",
    "FourLines",
    "JsonLines",
    "Layout",
    "LearnerFiles",
    "ParquetFile",
    "SourceRows",
    "read_rows",
]
