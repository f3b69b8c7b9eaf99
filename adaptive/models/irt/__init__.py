"""Item response theory with one ability a learner: 1PL, 2PL and 3PL, for static tests and the calibration of items."""

from adaptive.models.irt.calibration import Calibration
from adaptive.models.irt.model import Irt, IrtState
from adaptive.models.irt.parameters import MAXIMUM_LIKELIHOOD, ONE_PARAMETER, THREE_PARAMETER, TWO_PARAMETER, IrtSettings, Spreads

__all__ = [
    "MAXIMUM_LIKELIHOOD",
    "ONE_PARAMETER",
    "THREE_PARAMETER",
    "TWO_PARAMETER",
    "Calibration",
    "Irt",
    "IrtSettings",
    "IrtState",
    "Spreads",
]
