"""The core with a recurrent residual: a small GRU that forecasts what the state-space model leaves unexplained."""

from adaptive.models.recurrent.model import Recurrent, RecurrentState

__all__ = ["Recurrent", "RecurrentState"]
