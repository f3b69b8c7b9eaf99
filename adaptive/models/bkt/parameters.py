"""Parameters of Bayesian knowledge tracing, what they are before any data, and the settings of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.domain import MASTERED_AT
from adaptive.protocols import Floats, Ints

__all__ = ["DAY_ZERO", "PARAMETER_NAMES", "BktParameters", "BktSettings"]

PARAMETER_NAMES: Final = ("p_init", "p_learn", "guess", "slip", "forget_rate")


@dataclass(frozen=True, slots=True, eq=False)
class BktParameters:
    """One value per skill, each (n_skills,): probabilities, and a rate of forgetting per day."""

    p_init: Floats
    p_learn: Floats
    guess: Floats
    slip: Floats
    forget_rate: Floats

    def take(self, skill: Ints) -> BktParameters:
        """The parameters of these skills."""
        return BktParameters(*(getattr(self, name)[skill] for name in PARAMETER_NAMES))

    def __len__(self) -> int:
        return len(self.p_init)


@dataclass(frozen=True, slots=True)
class BktSettings:
    """How to fit. The bounds keep guess + slip below 1, so that a correct answer never lowers P(known).

    `slip_max` keeps the one threshold: whoever knows a skill succeeds on it with at least MASTERED_AT, so P(known) can
    stand for P(mastered). `guess_max` is below READY_AT: whoever does not know it is not ready for what builds on it.

    `shrinkage` is the number of imagined chances with which each skill's probabilities are drawn to the mean of all;
    0 gives maximum likelihood. Probabilities stay `least` from 0 and 1, where a single answer could never be explained.
    After `n_trial_rounds` each skill keeps the best of its starts. `forgetting` fits a rate per day where times are
    known; otherwise nothing is forgotten. `later_attempts` are those that a skill may yet get, in which what it builds on counts (`worth`);
    chosen in the laboratory's family `bkt`, where 12 and 50 are worse by .03.
    """

    forgetting: bool = False
    shrinkage: float = 10.0
    guess_max: float = 0.5
    slip_max: float = 1.0 - MASTERED_AT
    least: float = 1e-4
    n_trial_rounds: int = 10
    n_iterations: int = 200
    tolerance: float = 1e-6
    later_attempts: float = 25.0


DAY_ZERO: Final = BktParameters(
    p_init=np.array([0.083]),
    p_learn=np.array([0.1]),
    guess=np.array([0.3]),
    slip=np.array([0.1]),
    forget_rate=np.array([0.01]),
)
"""Before any data: P(ability >= logit .8) under N(0, 1); the learning rate that OATutor starts skills with; the upper
bounds of Corbett & Anderson (1995) for guess and slip, for answers where not knowing the skill still leaves a third
right; and, where forgetting is on, a half-life of ten weeks."""
