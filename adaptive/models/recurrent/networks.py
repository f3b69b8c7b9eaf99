"""The equations of `Weights` for several networks at once, compiled: items' residuals, and a step of all memories.

`layers` says how the arrays lie. Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import exp, log, log1p, pi, sqrt, tanh

import numpy as np
from numba import njit

from adaptive.models.recurrent.inputs import CORE_LOGIT, DIFFICULTY, FARTHEST, KNOTS, N_CORE, N_INPUTS, N_STATIC
from adaptive.models.recurrent.layers import AskedRows, Layers
from adaptive.models.recurrent.trail import FACTOR_KEPT, N_CONTEXT, N_FEATURES
from adaptive.protocols import Floats, Ints

__all__ = ["answered", "core_pair", "core_pairs", "recall", "residuals"]

_ENDS = np.array([-FARTHEST, *KNOTS, FARTHEST])


@njit(cache=True, error_model="numpy")
def core_pair(mean: float, variance: float, guess: float) -> tuple[float, float]:
    """Logit of the core's P(correct) and standard deviation of its logit.

    P = guess + (1 - guess) expit(x), x the mean attenuated as in `normal_logit`; its odds are (guess + e^x) / (1 - guess).
    """
    return log(guess + exp(mean / sqrt(1.0 + pi * variance / 8.0))) - log1p(-guess), sqrt(variance)


@njit(cache=True, error_model="numpy")
def core_pairs(mean: Floats, variance: Floats, guess: Floats) -> Floats:
    """(n, N_CORE) `core_pair` of each row."""
    out = np.empty((len(mean), N_CORE))
    for j in range(len(mean)):
        out[j, 0], out[j, 1] = core_pair(mean[j], variance[j], guess[j])
    return out


@njit(cache=True, inline="always", error_model="numpy")
def _scaled(value: float, c: int, layers: Layers) -> float:
    """`Scales.scaled` of the input c."""
    return float(min(max((value - layers.mean[c]) / layers.sd[c], -FARTHEST), FARTHEST))


@njit(cache=True, inline="always", error_model="numpy")
def _add(out: Floats, share: float, row: Floats) -> None:
    """out += share row."""
    for i in range(len(out)):
        out[i] += share * row[i]


@njit(cache=True, inline="always", error_model="numpy")
def _add_feature(out: Floats, share: float, x: float, c: int, layers: Layers) -> None:
    """out += share (by_x x + bend phi(x)) of the feature c, which is scaled."""
    k = 0
    while k < len(_ENDS) - 2 and x > _ENDS[k + 1]:
        k += 1
    upper = share * (x - _ENDS[k]) / (_ENDS[k + 1] - _ENDS[k])
    low, high = layers.by_feature[c, k], layers.by_feature[c, k + 1]
    for i in range(len(out)):
        out[i] += (share - upper) * low[i] + upper * high[i]


@njit(cache=True, error_model="numpy")
def answered(context: Floats, memory: Floats, n_attempts: float, layers: Layers) -> Floats:
    """(C + 1 + M F,) what an item's row in `own` multiplies: the context, 1, and the sums over past items, each over its root of n."""
    n_gru, n_sums = layers.in_b.size, layers.key.shape[1]
    out = np.ones(N_CONTEXT + 1 + n_sums)
    out[:N_CONTEXT] = context
    for k in range(n_sums):
        kept = FACTOR_KEPT[_which_kept(k, layers)]
        n = n_attempts if kept == 1.0 else (1.0 - kept**n_attempts) / (1.0 - kept)
        out[N_CONTEXT + 1 + k] = memory[n_gru + k] / sqrt(max(n, 1.0))
    return out


@njit(cache=True, inline="always", error_model="numpy")
def _which_kept(k: int, layers: Layers) -> int:
    """Which of FACTOR_KEPT the sum k of all networks has."""
    n_factors = layers.key.shape[1] // len(layers.in_b)
    return int((k % n_factors) // (n_factors // len(FACTOR_KEPT)))


@njit(cache=True, error_model="numpy")
def _of_learner(memory: Floats, features: Floats, layers: Layers) -> Floats:
    """(W,) by_h h + by_x x + bend phi(x) + by_b, x the history's features alone."""
    hidden = layers.by_b.copy()
    n_members, n, width = layers.by_h.shape
    for m in range(n_members):
        for k in range(n):
            _add(hidden[m * width : (m + 1) * width], memory[m * n + k], layers.by_h[m, k])
    for c in range(N_FEATURES):
        _add_feature(hidden, 1.0, _scaled(features[c], c, layers), c, layers)
    return hidden


@njit(cache=True, error_model="numpy")
def _move(hidden: Floats, before: Floats, after: Floats, layers: Layers) -> None:
    """`hidden` with the features `after` where it had `before`, in place."""
    for c in range(N_FEATURES):
        if after[c] != before[c]:
            _add_feature(hidden, 1.0, _scaled(after[c], c, layers), c, layers)
            _add_feature(hidden, -1.0, _scaled(before[c], c, layers), c, layers)


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _read(hidden: Floats, by_difficulty: Floats, core: Floats, static: Floats, layers: Layers) -> float:
    """out . relu(hidden + what the core says of the item); added in the order that is fastest, the same one for each item."""
    total = 0.0
    for z in range(len(layers.out)):
        unit = hidden[z] + static[0] * by_difficulty[z]
        for c in range(N_CORE):
            unit += core[c] * layers.by_x[CORE_LOGIT + c, z]
        for c in range(1, N_STATIC):
            unit += static[c] * layers.by_x[DIFFICULTY + c, z]
        total += layers.out[z] * (0.0 if unit < 0.0 else unit)
    return total


@njit(cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _product(a: Floats, b: Floats) -> float:
    """a . b, in the order that is fastest."""
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def residuals(features: Floats, row: Ints, asked: AskedRows, core: Floats, answered: Floats, memory: Floats, layers: Layers) -> Floats:
    """(n_items,) mean over networks of what each adds to the core's logit; `core` (n_items, N_CORE) is not scaled.

    `features` and `row` are those of `describe_asked`. Hidden units are worked out once for the learner, moved on to each
    group's skills, and from there to items met. So an item's residual is the same to the last bit whatever else is asked.
    """
    out, said, learner = np.empty(len(row)), np.empty(N_CORE), _of_learner(memory, features[0], layers)
    group, single, by_difficulty = np.empty_like(learner), np.empty_like(learner), np.empty_like(learner)
    for g in range(len(asked.start) - 1):
        group[:], by_difficulty[:] = learner, 0.0
        _move(group, features[0], features[1 + g], layers)
        code = asked.code[asked.start[g] : asked.start[g + 1]]
        for k in code:
            _add(group, 1.0 / len(code), layers.skill_by[k])
            _add(by_difficulty, 1.0 / len(code), layers.variation_by[k])
        for j in asked.order[asked.first[g] : asked.first[g + 1]]:
            for c in range(N_CORE):
                said[c] = _scaled(core[j, c], CORE_LOGIT + c, layers)
            hidden = group
            if row[j] != 1 + g:
                hidden = single
                hidden[:] = group
                _move(hidden, features[1 + g], features[row[j]], layers)
            out[j] = _read(hidden, by_difficulty, said, asked.static[j], layers) + _product(layers.own[asked.own[j]], answered)
    return out


@njit(cache=True, error_model="numpy")
def recall(
    memory: Floats,
    features: Floats,
    core: tuple[float, float],
    static: Floats,
    answer: tuple[float, float],
    code: Ints,
    own: int,
    layers: Layers,
) -> None:
    """Every network's memory after an attempt, in place.

    `features` (N_FEATURES,) and `core` are as of before it and not scaled, `answer` is signed score and residual, `code` are the
    item's skills, `own` its place in the networks' tables.
    """
    (n_members, n), inputs = layers.in_b.shape, np.empty(N_INPUTS)
    for c in range(N_FEATURES):
        inputs[c] = _scaled(features[c], c, layers)
    for c in range(N_CORE):
        inputs[CORE_LOGIT + c] = _scaled(core[c], CORE_LOGIT + c, layers)
    inputs[DIFFICULTY:] = static
    z, of_input, of_memory = np.empty(n), np.empty(3 * n), np.empty(3 * n)
    for m in range(n_members):
        z[:] = layers.in_b[m]
        for k in code:
            _add(z, 1.0 / len(code), layers.skill_in[k, m])
            _add(z, static[0] / len(code), layers.variation_in[k, m])
        for c in range(N_INPUTS):
            _add(z, inputs[c], layers.in_x[m, c])
        _add(z, answer[0], layers.in_a[m, 0])
        _add(z, answer[1], layers.in_a[m, 1])
        _gate(memory[m * n : (m + 1) * n], z, of_input, of_memory, m, layers)
    for k in range(layers.key.shape[1]):
        place = n_members * n + k
        memory[place] = FACTOR_KEPT[_which_kept(k, layers)] * memory[place] + answer[1] * layers.key[own, k]


@njit(cache=True, error_model="numpy")
def _gate(h: Floats, z: Floats, of_input: Floats, of_memory: Floats, m: int, layers: Layers) -> None:
    """GRU(tanh(z), h) of one network, in place."""
    n = len(h)
    of_input[:], of_memory[:] = layers.gru_bx[m], layers.gru_bh[m]
    for k in range(n):
        _add(of_input, tanh(z[k]), layers.gru_x[m, k])
        _add(of_memory, h[k], layers.gru_h[m, k])
    for i in range(n):
        reset = 1.0 / (1.0 + exp(-of_input[i] - of_memory[i]))
        kept = 1.0 / (1.0 + exp(-of_input[n + i] - of_memory[n + i]))
        h[i] = (1.0 - kept) * tanh(of_input[2 * n + i] + reset * of_memory[2 * n + i]) + kept * h[i]
