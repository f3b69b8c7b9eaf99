"""Forecasts of learners held out, their metrics with intervals, their calibration, their files."""

from adaptive.evaluation.calibration import Calibration, calibration
from adaptive.evaluation.crossvalidation import Evaluation, FoldResult, evaluate, evaluate_fold, shuffle_labels
from adaptive.evaluation.fold_metrics import Cost, FoldMetrics, MetricsSummary, mean_of_folds, measure
from adaptive.evaluation.predictions import Predictions
from adaptive.evaluation.progress import Progress, silent
from adaptive.evaluation.report import metrics_document, write_evaluation

__all__ = [
    "Calibration",
    "Cost",
    "Evaluation",
    "FoldMetrics",
    "FoldResult",
    "MetricsSummary",
    "Predictions",
    "Progress",
    "calibration",
    "evaluate",
    "evaluate_fold",
    "mean_of_folds",
    "measure",
    "metrics_document",
    "shuffle_labels",
    "silent",
    "write_evaluation",
]
