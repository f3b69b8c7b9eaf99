"""State-space item response theory, a file a part: arrays, compiled kernel, state, items, fit, draws; `model` is what callers see."""

from adaptive.models.state_space.hyperparameters import DAY_ZERO, OFF, Hyperparameters
from adaptive.models.state_space.model import StateSpaceIrt
from adaptive.models.state_space.simulate import Simulated, simulate
from adaptive.models.state_space.state import ItemMemory, SkillState, StateSpaceState
from adaptive.models.state_space.table import TableLogits

__all__ = [
    "DAY_ZERO",
    "OFF",
    "Hyperparameters",
    "ItemMemory",
    "Simulated",
    "SkillState",
    "StateSpaceIrt",
    "StateSpaceState",
    "TableLogits",
    "simulate",
]
