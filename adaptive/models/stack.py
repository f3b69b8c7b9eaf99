"""The core and several recurrent networks, combined by what they forecast of learners they were not trained on."""

from __future__ import annotations

from typing import ClassVar

from adaptive.models.recurrent import Recurrent

__all__ = ["Stack"]


class Stack(Recurrent):
    """logit p = a + b * core's logit + c * mean of three networks' residuals (stacking: Wolpert 1992; Breiman 1996).

    Three networks are trained on two thirds of the learners each, and stop early by the third left out. So each learner has
    a forecast by a network that never saw them: a, b and c, which calibrate the whole, are fitted on those, and the best
    epochs say how long to train. Then three networks are trained on all learners. One state, one update: the core's, the
    history, and three memories.

    >>> from adaptive.protocols import Items
    >>> model, items = Stack(), Items(("q8",), (("fractions",),))
    >>> of_core = model.core.predict(model.core.initial_state(), items, None)
    >>> bool(abs(model.predict(model.initial_state(), items, None).p_correct[0] - of_core.p_correct[0]) < 1e-12)  # before any fit
    True
    """

    name: ClassVar[str] = "stack"
    summary: ClassVar[str] = "state_space_irt and three recurrent networks, combined and calibrated by forecasts of learners left out"
    n_members: ClassVar[int] = 3
