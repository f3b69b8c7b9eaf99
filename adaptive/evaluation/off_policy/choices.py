"""The columns that off-policy estimates are made of: one row per logged decision."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Floats, Ints

__all__ = ["Choices"]


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Logged decisions beside what the target policy would have done there; arrays are (n,) unless said otherwise.

    `learner` is a code per learner. `propensity` is the log's probability of the item shown, in (0, 1]; `p_target` the target's
    probability of the same item; `unsupported` the target's probability of all items that the log's policy never shows there.
    `features` (n, n_features) describe the item shown to the reward model, `target_features` (n, n_features) are their mean under the
    target, the sum over a of pi(a) features(a): all that a model linear in them needs to tell the target's reward.
    Raises InvalidInput where a probability is none or columns differ in length.

    >>> one = Choices(np.array([0]), np.array([0.5]), np.array([1.0]), np.array([0.0]), np.ones((1, 2)), np.ones((1, 2)))
    >>> len(one), one.weight.tolist()
    (1, [2.0])
    """

    learner: Ints
    propensity: Floats
    p_target: Floats
    unsupported: Floats
    features: Floats
    target_features: Floats

    def __post_init__(self) -> None:
        lengths = {each.name: len(getattr(self, each.name)) for each in fields(self)}
        problems = []
        if len(set(lengths.values())) > 1:
            problems.append(Problem("columns", "columns have one row per decision", str(lengths), "give each decision all of them"))
        for name in ("propensity", "p_target", "unsupported"):
            values = getattr(self, name)
            if not np.all((values >= 0.0) & (values <= 1.0 + _ROUNDING)):  # NaN is neither
                problems.append(Problem(name, "a probability lies in [0, 1]", _first_outside(values), "correct the log or the policy"))
        if np.any(self.propensity == 0.0):
            problems.append(Problem("propensity", "what was shown had a chance above 0", "0.0", "correct the log"))
        if problems:
            raise InvalidInput("logged choices", problems)

    def __len__(self) -> int:
        return len(self.learner)

    @property
    def weight(self) -> Floats:
        """(n,) how much likelier the target is to show what was shown: p_target / propensity."""
        return self.p_target / self.propensity

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """The decisions that a mask (n,) chooses."""
        return type(self)(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


_ROUNDING = 1e-9
"""A sum of a thousand probabilities in double precision may exceed 1 by less."""


def _first_outside(values: Floats) -> str:
    return str(values[~((values >= 0.0) & (values <= 1.0 + _ROUNDING))][0])
