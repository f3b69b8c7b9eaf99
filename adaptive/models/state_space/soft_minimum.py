"""What skills together bring to an item, compiled into `kernel`: the soft minimum of abilities that are jointly normal.

A learner whose abilities in the item's skills are x brings s(x) = sum of w_q x_q with w_q proportional to exp(-weakest x_q). Of one
who is known as a normal of mean m and covariance V, the filter needs E s and E ds/dx. For two skills

    s = (x_1 + x_2) / 2 - d / 2 tanh(weakest d / 2),  d = x_1 - x_2 ~ N(m_1 - m_2, v),

and E d expit(k d) is that of a normal distribution function in closed form (`expit_mixture` with one term, MacKay's pi / 8). With
k = weakest / sqrt(1 + pi / 8 weakest^2 v), the means weighed by w_q proportional to exp(-k m_q), and M that mean,

    E s        is about  M - k sum of w_q Var(x_q - sum of w x),
    E ds/dx_q  is about  g_q = w_q (1 - k (m_q - M) / r),  r = 1 + pi / 8 weakest^2 v,
    Var s      is about  g'V g + (M - E s)^2 (1 + 1 / r)^2 / 2,

the last term being what bends. For two skills E s is within .02 of quadrature in root mean square (weakest 1 to 12, v .1 to 2,
means up to 2 apart) where s(m) is off by .22 and a second-order term by up to 1.2, and Var s within 3 % instead of 12. For more
skills v is the mean over pairs, and E s a fifth of M - E s too high for four.
Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import exp, inf, pi, sqrt

from numba import njit

from adaptive.models.state_space.arrays import LEARNER_MEAN, SLOPE, Scratch
from adaptive.protocols import Floats, Ints

__all__ = ["blend", "expect", "towards"]

_MEAN, _VARIANCE, _FORM, _FORM_VARIANCE = range(4)

_ATTENUATION = pi / 8.0


@njit(inline="always", error_model="numpy")
def expect(learner: Floats, skills: Floats, i: int, scratch: Scratch) -> None:
    """Fills row i of `expected` and `variance`: of the ability with its form, as `blend` reads them."""
    mean, shared, n_factors = skills[i, _MEAN] + skills[i, _FORM], 0.0, skills.shape[1] - SLOPE
    for c in range(n_factors):
        of_row = 0.0
        for d in range(n_factors):
            of_row += learner[LEARNER_MEAN + n_factors * (1 + c) + d] * skills[i, SLOPE + d]
        shared += of_row * skills[i, SLOPE + c]
        mean += skills[i, SLOPE + c] * learner[LEARNER_MEAN + c]
    scratch.expected[i], scratch.variance[i] = mean, skills[i, _VARIANCE] + skills[i, _FORM_VARIANCE] + shared


@njit(inline="always", error_model="numpy")
def blend(learner: Floats, skills: Floats, which: Ints, scratch: Scratch, weakest: float) -> tuple[float, float]:
    """Mean of what the item's skills bring with their forms, and the variance that is not u's; fills `weights` and `direction`.

    `weights` is the mean derivative by each skill's ability, `direction` the sum of slopes so weighed.
    """
    if len(which) == 1:
        scratch.weights[0] = 1.0
        return scratch.expected[which[0]], _weigh(skills, which, scratch.weights, scratch.direction)
    return _blend_several(learner, skills, which, scratch, weakest)


@njit(inline="always", error_model="numpy")
def _blend_several(learner: Floats, skills: Floats, which: Ints, scratch: Scratch, weakest: float) -> tuple[float, float]:
    weights, expected, variance, direction, cut = scratch.weights, scratch.expected, scratch.variance, scratch.direction, scratch.cut
    n, lowest, mean_variance = len(which), inf, 0.0
    for q in range(n):
        weights[q] = 1.0 / n
        mean_variance += weights[q] * variance[which[q]]
        lowest = min(lowest, expected[which[q]])
    own = _weigh(skills, which, weights, direction)
    apart = 2.0 * n / (n - 1.0) * max(mean_variance - own - towards(learner, direction, cut), 0.0)  # of two skills, mean over pairs
    wide = 1.0 + _ATTENUATION * weakest * weakest * apart
    steep, total, mean, mean_variance = weakest / sqrt(wide), 0.0, 0.0, 0.0
    for q in range(n):
        weights[q] = exp(-steep * (expected[which[q]] - lowest))
        total += weights[q]
    for q in range(n):
        weights[q] /= total
        mean += weights[q] * expected[which[q]]
        mean_variance += weights[q] * variance[which[q]]
    own = _weigh(skills, which, weights, direction)
    lower = steep * max(mean_variance - own - towards(learner, direction, cut), 0.0)
    for q in range(n):
        weights[q] *= 1.0 - steep * (expected[which[q]] - mean) / wide
    bend = (1.0 + 1.0 / wide) * lower
    return mean - lower, _weigh(skills, which, weights, direction) + 0.5 * bend * bend


@njit(inline="always", error_model="numpy")
def towards(learner: Floats, direction: Floats, cut: Floats) -> float:
    """Fills `cut` with cov(u, direction.u); gives the variance of direction.u."""
    n_factors, total = len(direction), 0.0
    for c in range(n_factors):
        cut[c] = 0.0
        for d in range(n_factors):
            cut[c] += learner[LEARNER_MEAN + n_factors * (1 + c) + d] * direction[d]
        total += cut[c] * direction[c]
    return total


@njit(inline="always", error_model="numpy")
def _weigh(skills: Floats, which: Ints, weights: Floats, direction: Floats) -> float:
    """Fills `direction` with the weighted sum of slopes; gives the weighted variance that is not u's."""
    own = 0.0
    for c in range(len(direction)):
        direction[c] = 0.0
    for q in range(len(which)):
        i, weight = which[q], weights[q]
        own += weight * weight * (skills[i, _VARIANCE] + skills[i, _FORM_VARIANCE])
        for c in range(len(direction)):
            direction[c] += weight * skills[i, SLOPE + c]
    return own
