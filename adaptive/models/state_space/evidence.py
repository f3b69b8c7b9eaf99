"""What one answer says of the logit behind it: its chance, and slope and curvature of its log likelihood; compiled into `kernel`.

Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import erfc, exp, sqrt

from numba import njit

from adaptive.models.state_space.expit_mixture import DENSITY_AT_0, FARTHEST, ROOT_HALF, SHARES, STEEPNESS

__all__ = ["evidence"]


@njit(inline="always", error_model="numpy")
def evidence(mean: float, variance: float, guess: float, score: float) -> tuple[float, float, float]:
    """P(correct), and by `mean` the slope and the negated curvature of the log likelihood of the score.

    P = guess + (1 - guess) E expit(x), x ~ N(mean, variance), by `expit_mixture`; slope and curvature give the posterior's
    mean and variance to within .001 logits.
    """
    far = FARTHEST * sqrt(1.0 + STEEPNESS[-1] * STEEPNESS[-1] * variance)
    mean, tail, first, second = min(max(mean, -far), far), 0.0, 0.0, 0.0
    for n in range(len(SHARES)):
        steep = STEEPNESS[n] / sqrt(1.0 + STEEPNESS[n] * STEEPNESS[n] * variance)
        z = steep * mean
        tail += SHARES[n] * 0.5 * erfc(abs(z) * ROOT_HALF)
        density = SHARES[n] * steep * exp(-0.5 * z * z) * DENSITY_AT_0
        first += density
        second -= density * steep * z
    chance = 1.0 - guess
    p_correct, p_wrong = (guess + chance * tail, chance * (1.0 - tail)) if mean < 0.0 else (1.0 - chance * tail, chance * tail)
    right, wrong, bend = chance * first / p_correct, chance * first / p_wrong, chance * second
    curvature = score * (right * right - bend / p_correct) + (1.0 - score) * (wrong * wrong + bend / p_wrong)
    return p_correct, score * right - (1.0 - score) * wrong, curvature
