"""Forecasts of learners held out, their metrics with intervals, their calibration, their files."""

from adaptive.evaluation.calibration import Calibration, calibration
from adaptive.evaluation.crossvalidation import Evaluation, FoldResult, evaluate, evaluate_fold, fit_timed, judge_fold, shuffle_labels
from adaptive.evaluation.fold_metrics import Cost, FoldMetrics, MetricsSummary, mean_of_folds, measure
from adaptive.evaluation.predictions import Predictions
from adaptive.evaluation.progress import Progress, silent
from adaptive.evaluation.report import metrics_document, write_evaluation
from adaptive.evaluation.serving_cost import ServingCost, serving_cost

__all__ = [
    "Calibration",
    "Cost",
    "Evaluation",
    "FoldMetrics",
    "FoldResult",
    "MetricsSummary",
    "Predictions",
    "Progress",
    "ServingCost",
    "calibration",
    "evaluate",
    "evaluate_fold",
    "fit_timed",
    "judge_fold",
    "mean_of_folds",
    "measure",
    "metrics_document",
    "serving_cost",
    "shuffle_labels",
    "silent",
    "write_evaluation",
]
