"""The core and several recurrent networks, combined by what they forecast of learners they were not trained on."""

from __future__ import annotations

from typing import ClassVar

from adaptive.models.recurrent import Recurrent

__all__ = ["Stack"]


class Stack(Recurrent):
    """logit p = a + b * core's logit + c * mean of four networks' residuals (stacking: Wolpert 1992; Breiman 1996).

    Each network is trained on three quarters of the learners and stops early by the fourth. So each learner has a forecast by
    a network that never saw them, and a, b and c, which calibrate the whole, are fitted on those. One state, one update:
    the core's, the history, and four memories.

    >>> from adaptive.protocols import Items
    >>> model = Stack()
    >>> model.predict(model.initial_state(), Items(("q8",), (("fractions",),)), None).p_correct
    array([0.5])
    """

    name: ClassVar[str] = "stack"
    summary: ClassVar[str] = "state_space_irt and four recurrent networks, combined and calibrated on learners unseen by each"
    n_members: ClassVar[int] = 4
