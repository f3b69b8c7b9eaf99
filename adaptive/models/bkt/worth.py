"""What coming to know a skill is worth: itself, and what it opens of the skills that stand on it."""

from __future__ import annotations

import numpy as np

from adaptive.models.bkt.filter import forget
from adaptive.models.bkt.parameters import BktParameters
from adaptive.models.bkt.side_by_side import Asked
from adaptive.protocols import Floats

__all__ = ["lasting_lift", "worth"]


def lasting_lift(values: BktParameters, days: float) -> Floats:
    """(n_skills,): by how much knowing a skill raises success on it, 1 - slip - guess, times what is left of it that many days on."""
    return forget(1.0 - values.slip - values.guess, values.forget_rate, np.full(len(values), days))


def worth(asked: Asked, known: Floats, alone: Floats, later_attempts: float) -> Floats:
    """(..., n_skills): the rise of summed success from coming to know each skill, where `known` (..., n_skills) of 0 and 1 says what is.

    Beside the skill `alone` (n_skills,) it counts, for each skill that stands on it and is not known, the chance to learn that one in
    `later_attempts` with it less the chance without it, times what that one is worth, and so on up. Ours: the gain of one attempt says
    nothing of what becomes learnable by it.
    """
    n_skills, gate, closure = len(alone), asked.gates.learn, asked.closure
    ready = np.concatenate([known, np.ones_like(known[..., :1])], axis=-1)
    found = np.concatenate([np.broadcast_to(alone, known.shape), np.zeros_like(known[..., :1])], axis=-1)
    for level in reversed(closure.levels):
        required, weight = closure.required[level], closure.weight[level]  # (n_level, most)
        shut = 1.0 - (1.0 - gate) * weight * (1.0 - ready[..., required])  # (..., n_level, most)
        p_learn = asked.values.p_learn[level] * shut.prod(axis=-1)
        never, if_open = (1.0 - p_learn) ** later_attempts, (1.0 - p_learn[..., None] / shut) ** later_attempts
        opened = (never[..., None] - if_open) * ((1.0 - known[..., level]) * found[..., level])[..., None]
        for place in range(required.shape[1]):
            found += opened[..., place] @ np.eye(n_skills + 1)[required[:, place]]
    return np.asarray(found[..., :n_skills], dtype=np.float64)
