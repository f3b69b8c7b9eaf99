"""Record, recommend, mastery, plan, place: the only object that HTTP, command line and simulator call."""

from adaptive.engine.answers import (
    Asked,
    MasteryReport,
    MasteryRow,
    Prediction,
    Predictions,
    RecommendationRequest,
    Recorded,
    Refused,
    SkillLevel,
    SkillUpdate,
    ZoneReport,
    ZoneRow,
)
from adaptive.engine.engine import Engine

__all__ = [
    "Asked",
    "Engine",
    "MasteryReport",
    "MasteryRow",
    "Prediction",
    "Predictions",
    "RecommendationRequest",
    "Recorded",
    "Refused",
    "SkillLevel",
    "SkillUpdate",
    "ZoneReport",
    "ZoneRow",
]
