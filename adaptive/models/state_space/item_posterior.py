"""What is known of items, as a normal of difficulty and log discrimination together, and one Newton step towards the posterior."""

from __future__ import annotations

from typing import Final, NamedTuple, Self

import numpy as np

from adaptive.models.state_space.arrays import Difficulty, Sums
from adaptive.protocols import Floats, Ints

__all__ = ["ItemNormals", "newton_step"]

_STEP: Final = 0.9
"""Share of a Newton step: states follow the items, so the curvature seen in one pass is a little too low."""

_FARTHEST: Final = 1.5
"""Log discriminations stay within a factor of 4.5 of the average item's."""


class ItemNormals(NamedTuple):
    """Difficulty and log discrimination of each item, jointly normal: means, variances, covariance, each (n_items,)."""

    difficulty: Floats
    log_discrimination: Floats
    variance: Floats
    steep_variance: Floats
    covariance: Floats

    @classmethod
    def of(cls, known: Difficulty) -> Self:
        """The same, guesses aside."""
        return cls(known.mean, np.log(known.discrimination), known.variance, known.steep_variance, known.covariance)

    def by_row(self, row: Ints, guess: Floats) -> Difficulty:
        """What is known of the item of each row (n_rows,), as the kernel reads it."""
        difficulty, log_discrimination, variance, steep_variance, covariance = (each[row] for each in self)
        return Difficulty(difficulty, variance, np.exp(log_discrimination), steep_variance, covariance, guess)

    def precision(self) -> tuple[Floats, Floats, Floats]:
        """The inverse of the 2 x 2 covariance: of the difficulty, of the log discrimination, and across."""
        determinant = self.variance * self.steep_variance - self.covariance**2
        return self.steep_variance / determinant, self.variance / determinant, -self.covariance / determinant


def newton_step(now: ItemNormals, prior: ItemNormals, sums: Sums) -> ItemNormals:
    """A step from the means of `now` on log likelihood and prior, with the posterior's variances where it was taken.

    `sums` (n_items,) are slopes and curvatures by ability and by log discrimination: harder is against the slope. The precision is
    the prior's plus [[C_bb, -C_bd], [-C_bd, C_dd]]. Curvatures of single answers can be negative; what a sum of few lacks is left out,
    so that no posterior is wider than its prior.

    >>> prior = ItemNormals(*np.array([[0.0], [0.0], [1.0], [0.1], [0.0]]))
    >>> found = newton_step(prior, prior, Sums(*np.array([[-3.0], [9.0], [0.0], [20.0], [5.0]])))
    >>> found.difficulty.round(3), found.variance.round(4)  # 1 / (10 - 25 / 30)
    (array([0.295]), array([0.1091]))
    """
    of_difficulty, of_steep, across = prior.precision()
    curvature, steep_curvature = np.maximum(sums.curvature, 0.0), np.maximum(sums.discrimination_curvature, 0.0)
    most = np.sqrt(curvature * steep_curvature)
    all_difficulty, all_steep = of_difficulty + curvature, of_steep + steep_curvature
    all_across = across - np.clip(sums.cross, -most, most)
    determinant = all_difficulty * all_steep - all_across**2
    variance, steep_variance, covariance = all_steep / determinant, all_difficulty / determinant, -all_across / determinant
    off, steep_off = now.difficulty - prior.difficulty, now.log_discrimination - prior.log_discrimination
    slope = -sums.slope - of_difficulty * off - across * steep_off
    steep_slope = sums.discrimination_slope - across * off - of_steep * steep_off
    difficulty = now.difficulty + _STEP * (variance * slope + covariance * steep_slope)
    steep = now.log_discrimination + _STEP * (covariance * slope + steep_variance * steep_slope)
    return ItemNormals(difficulty, np.clip(steep, -_FARTHEST, _FARTHEST), variance, steep_variance, covariance)
