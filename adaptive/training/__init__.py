"""Runs, their record in MLflow, and the registry of models. MLflow is imported by the first call that needs it."""

from adaptive.training.fits import Interrupted
from adaptive.training.models import resolve_model
from adaptive.training.run import TrainedModel, TrainingRequest, train

__all__ = ["Interrupted", "TrainedModel", "TrainingRequest", "resolve_model", "train"]
