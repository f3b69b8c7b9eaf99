"""Learner models behind one protocol: build, fit, replay, forecast, save and load them."""

from adaptive.models.artifact import Manifest, Metadata
from adaptive.models.registry import DEFAULT, MODELS, build_model, describe, load_model, save_model
from adaptive.models.replay import forecast, replay, walk

__all__ = ["DEFAULT", "MODELS", "Manifest", "Metadata", "build_model", "describe", "forecast", "load_model", "replay", "save_model", "walk"]
