"""Tables of attempts, column maps, readers, folds and generated data."""

from adaptive.datasets.folds import Fold, column_folds, file_fold, learner_folds
from adaptive.datasets.table import AttemptTable

__all__ = ["AttemptTable", "Fold", "column_folds", "file_fold", "learner_folds"]
