"""Tables of attempts, column maps, readers, folds and generated data."""

from adaptive.datasets.columns import ColumnMap, Companion, parse_map
from adaptive.datasets.folds import Fold, Folds, column_folds, file_fold, learner_folds
from adaptive.datasets.from_attempts import catalog_from_attempts
from adaptive.datasets.generated import GeneratedClass, LearnerWorld, generated_class
from adaptive.datasets.public_sets import FORMATS, DataFormat, format_named
from adaptive.datasets.reading import read_attempts
from adaptive.datasets.report import QualityReport
from adaptive.datasets.table import AttemptTable
from adaptive.datasets.writing import write_attempts, write_rejects, write_report

__all__ = [
    "FORMATS",
    "AttemptTable",
    "ColumnMap",
    "Companion",
    "DataFormat",
    "Fold",
    "Folds",
    "GeneratedClass",
    "LearnerWorld",
    "QualityReport",
    "catalog_from_attempts",
    "column_folds",
    "file_fold",
    "format_named",
    "generated_class",
    "learner_folds",
    "parse_map",
    "read_attempts",
    "write_attempts",
    "write_rejects",
    "write_report",
]
