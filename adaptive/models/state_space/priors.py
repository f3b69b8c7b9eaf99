"""Weakly informative priors on the hyperparameters, on a scale where each is free: logs, logits, or the number itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.protocols import Floats

__all__ = ["PRIORS", "FreeHyperparameters", "Prior"]

_LEAST: Final = 1e-6
"""Positive numbers and shares stay this far inside their range while they are fitted."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Normal around the day-zero value with this standard deviation: of the log, the logit (`share`), or the number (`real`)."""

    kind: Literal["positive", "share", "real"]
    sd: float

    def free(self, value: float) -> float:
        """The value on the free scale."""
        if self.kind == "positive":
            return log(max(value, _LEAST))
        if self.kind == "share":
            inside = min(max(value, _LEAST), 1.0 - _LEAST)
            return log(inside / (1.0 - inside))
        return value

    def bound(self, free: float) -> float:
        """What `free` gave, in its range.

        >>> round(Prior("share", 1.0).bound(Prior("share", 1.0).free(0.9)), 6)
        0.9
        """
        if self.kind == "positive":
            return max(exp(min(free, _MOST_LOG)), _LEAST)
        if self.kind == "share":
            return min(max(1.0 / (1.0 + exp(-free)), _LEAST), 1.0 - _LEAST)
        return free


_MOST_LOG: Final = 25.0
"""Logs beyond this are no hyperparameter of anyone; it keeps a wild step finite."""

_SPREAD: Final = Prior("positive", 0.7)
"""Spreads between learners lie within a factor of 2 of each other from data set to data set."""

_UNSURE: Final = Prior("positive", 1.5)
"""What one set shows strongly and another not at all: a factor of 4.5."""

PRIORS: Final = MappingProxyType(
    {
        "ability_sd": _SPREAD,
        "skill_sd": _SPREAD,
        "structure_share": Prior("share", 1.0),
        "form_sd": _SPREAD,
        "form_kept": Prior("share", 1.0),
        "skill_form_sd": _SPREAD,
        "skill_form_kept": Prior("share", 1.5),
        "skill_form_right": Prior("real", 0.3),
        "skill_form_wrong": Prior("real", 0.3),
        "skill_form_exposure": Prior("real", 0.3),
        "gain_right": Prior("positive", 1.0),
        "gain_wrong": Prior("positive", 1.0),
        "gain_exposure": Prior("positive", 1.0),
        "gain_sd": _SPREAD,
        "saturation": Prior("positive", 1.0),
        "massing": Prior("share", 1.5),
        "rate_sd": _SPREAD,
        "challenge": Prior("share", 1.5),
        "gate": Prior("positive", 1.0),
        "weakest": Prior("positive", 1.0),
        "memory_sd": _UNSURE,
        "memory_right": Prior("real", 0.7),
        "memory_wrong": Prior("real", 0.7),
        "memory_exposure": Prior("real", 0.7),
        "memory_gain_sd": _UNSURE,
        "recent_right": Prior("real", 0.7),
        "recent_wrong": Prior("real", 0.7),
        "recent_exposure": Prior("real", 0.7),
        "recent_scale": Prior("positive", 1.0),
        "spacing": Prior("share", 1.5),
        "time_scale": Prior("positive", 2.0),
        "skill_forgetting": Prior("positive", 1.0),
        "skill_form_forgetting": Prior("positive", 1.0),
        "memory_forgetting": Prior("positive", 1.0),
        "form_forgetting": Prior("positive", 1.0),
        "memory_step_decay": Prior("positive", 1.0),
        "guess": Prior("share", 1.0),
        "luck": Prior("share", 1.0),
    }
)
"""Of each hyperparameter by name."""


@dataclass(frozen=True, slots=True)
class FreeHyperparameters:
    """The hyperparameters that a fit moves, `names`, around `start`; the others keep their values there."""

    start: Hyperparameters
    names: tuple[str, ...]

    @classmethod
    def of(cls, start: Hyperparameters, fixed: Iterable[str]) -> FreeHyperparameters:
        """All but the fixed ones, and those at 0 that a log cannot leave: their part is switched off.

        >>> "guess" in FreeHyperparameters.of(Hyperparameters(guess=0.0), fixed=()).names
        False
        """
        stay = set(fixed)
        off = {name for name, value in start._asdict().items() if value == 0.0 and PRIORS[name].kind != "real"}
        return cls(start, tuple(name for name in start._fields if name not in stay | off))

    @property
    def mean(self) -> Floats:
        """(n_free,) the prior mean on the free scale."""
        return self.place(self.start)

    @property
    def sd(self) -> Floats:
        """(n_free,) the prior standard deviation on the free scale."""
        return np.array([PRIORS[name].sd for name in self.names])

    def place(self, hyperparameters: Hyperparameters) -> Floats:
        """(n_free,) where these are on the free scale."""
        return np.array([PRIORS[name].free(getattr(hyperparameters, name)) for name in self.names])

    def at(self, free: Floats) -> Hyperparameters:
        """The hyperparameters at this place (n_free,) on the free scale."""
        moved = {name: PRIORS[name].bound(value) for name, value in zip(self.names, free.tolist(), strict=True)}
        return self.start._replace(**moved)
