"""What a learner's history looks like before an attempt, as features, and what the attempt adds to it; compiled.

`trail` says how the arrays lie. Service and whole-table passes call the same functions. Import it where it is used: numba takes
half a second to load.
"""

from __future__ import annotations

from math import inf, log1p

import numpy as np
from numba import njit
from numpy.typing import NDArray

from adaptive.models.recurrent.layers import AskedRows
from adaptive.models.recurrent.trail import (
    FRESH_ITEM,
    FRESH_SKILL,
    N_CONTEXT,
    N_FEATURES,
    N_LAGS,
    REMEMBERED_STEPS,
    TRACE_KEPT,
    TRACE_SCALE,
    Asked,
)
from adaptive.protocols import Floats, Ints

__all__ = ["context", "describe", "describe_asked", "meet", "remember", "table"]

_WINS, _LOSSES, _FAST, _SLOW, _N, _LAST, _RUN, _TRACES = range(8)
_LAGS = 10
_S_WINS, _S_LOSSES, _S_FAST, _S_SLOW, _S_STEP, _S_LAST = range(6)
_I_WINS, _I_LOSSES, _I_FAST, _I_STEP, _I_LAST = range(5)
_OF_SKILL, _OF_ITEM, _REST = 7, 14, 20

_FAST_KEPT, _SLOW_KEPT = 0.5, 0.9
"""What an answer keeps of the running success: the fast one remembers about 2 answers, the slow one about 10."""


@njit(cache=True, inline="always", error_model="numpy")
def _log_since(seconds: float, last: float) -> float:
    """log(1 + seconds since), 0 where a time is unknown."""
    return log1p(seconds - last) if seconds > last > -inf else 0.0


@njit(cache=True, error_model="numpy")
def describe(trail: Floats, skills: Floats, which: Ints, item: Floats, repeats: float, seconds: float, out: Floats) -> None:
    """Fills `out` (26,) with the features of one item before an attempt on it.

    `which` are the rows of its skills in `skills`; `item` is its own row; `repeats` is 1 where the item has one skill and
    the attempt before had that one too.
    """
    n = trail[_N]
    out[0], out[1], out[2], out[3] = log1p(trail[_WINS]), log1p(trail[_LOSSES]), trail[_FAST], trail[_SLOW]
    out[4], out[5], out[6] = log1p(n), _log_since(seconds, trail[_LAST]), 1.0 if seconds > -inf and trail[_LAST] > -inf else 0.0
    out[_OF_SKILL:_REST] = 0.0
    share = 1.0 / len(which)
    for k in which:
        if skills[k, _S_STEP] < 0.0:
            continue
        out[_OF_SKILL] += share * log1p(skills[k, _S_WINS])
        out[_OF_SKILL + 1] += share * log1p(skills[k, _S_LOSSES])
        out[_OF_SKILL + 2] += share * skills[k, _S_FAST]
        out[_OF_SKILL + 3] += share * skills[k, _S_SLOW]
        out[_OF_SKILL + 4] += share
        out[_OF_SKILL + 5] += share * log1p(n - skills[k, _S_STEP] - 1.0)
        out[_OF_SKILL + 6] += share * _log_since(seconds, skills[k, _S_LAST])
    if item[_I_STEP] >= 0.0 and n - item[_I_STEP] <= REMEMBERED_STEPS:
        out[_OF_ITEM], out[_OF_ITEM + 1], out[_OF_ITEM + 2] = log1p(item[_I_WINS]), log1p(item[_I_LOSSES]), item[_I_FAST]
        out[_OF_ITEM + 3], out[_OF_ITEM + 4] = 1.0, log1p(n - item[_I_STEP] - 1.0)
        out[_OF_ITEM + 5] = _log_since(seconds, item[_I_LAST])
    out[_REST], out[_REST + 1], out[_REST + 2] = len(which) - 1.0, repeats, log1p(trail[_RUN])
    for c in range(len(TRACE_KEPT)):
        out[_REST + 3 + c] = trail[_TRACES + c]


@njit(cache=True, error_model="numpy")
def context(trail: Floats, out: Floats) -> None:
    """Fills `out` (9,) with the last residuals, the latest first, and their running means: what items answer to by themselves."""
    for c in range(N_LAGS):
        out[c] = trail[_LAGS + c]
    for c in range(len(TRACE_KEPT)):
        out[N_LAGS + c] = TRACE_SCALE[c] * trail[_TRACES + c]


@njit(cache=True, error_model="numpy")
def remember(
    trail: Floats, skills: Floats, which: Ints, item: Floats, repeats: float, score: float, p_correct: float, seconds: float
) -> None:
    """The learner after the attempt, in place. `score` is NaN where there is no evidence; `p_correct` was the core's forecast."""
    n, is_scored = trail[_N], score >= 0.0
    last = seconds if seconds > -inf else -inf  # NaN: unknown
    signed, residual = (2.0 * score - 1.0, score - p_correct) if is_scored else (0.0, 0.0)
    if not (item[_I_STEP] >= 0.0 and n - item[_I_STEP] <= REMEMBERED_STEPS):
        item[_I_WINS], item[_I_LOSSES], item[_I_FAST] = 0.0, 0.0, 0.0
    if is_scored:
        trail[_WINS] += score
        trail[_LOSSES] += 1.0 - score
        trail[_FAST] = _FAST_KEPT * trail[_FAST] + (1.0 - _FAST_KEPT) * signed
        trail[_SLOW] = _SLOW_KEPT * trail[_SLOW] + (1.0 - _SLOW_KEPT) * signed
        item[_I_WINS] += score
        item[_I_LOSSES] += 1.0 - score
        item[_I_FAST] = _FAST_KEPT * item[_I_FAST] + (1.0 - _FAST_KEPT) * signed
    for k in which:
        if is_scored:
            skills[k, _S_WINS] += score
            skills[k, _S_LOSSES] += 1.0 - score
            skills[k, _S_FAST] = _FAST_KEPT * skills[k, _S_FAST] + (1.0 - _FAST_KEPT) * signed
            skills[k, _S_SLOW] = _SLOW_KEPT * skills[k, _S_SLOW] + (1.0 - _SLOW_KEPT) * signed
        skills[k, _S_STEP], skills[k, _S_LAST] = n, last
    item[_I_STEP], item[_I_LAST] = n, last
    for c in range(N_LAGS - 1, 0, -1):
        trail[_LAGS + c] = trail[_LAGS + c - 1]
    trail[_LAGS] = residual
    for c in range(len(TRACE_KEPT)):
        trail[_TRACES + c] = TRACE_KEPT[c] * trail[_TRACES + c] + (1.0 - TRACE_KEPT[c]) * residual
    trail[_RUN] = trail[_RUN] + 1.0 if repeats > 0.0 else 0.0
    trail[_N] = n + 1.0
    trail[_LAST] = last


@njit(cache=True, error_model="numpy")
def describe_asked(
    trail: Floats, last_skill: int, skills: Floats, met: Floats, met_row: Ints, asked: AskedRows, seconds: float
) -> tuple[Floats, Ints]:
    """Features (1 + n_groups + n_met, 26), and (n_items,) the row of them that each item has.

    Row 0 is of an item never met with one skill never met, row 1 + g of an item of group g never met; then come the items met.
    `last_skill` is the row in `skills` of the skill met last, -1 where it is not among them; so is `met_row` by distinct item in `met`.
    """
    row, n_groups, last = np.empty(len(asked.item), np.int64), len(asked.start) - 1, len(asked.start) - 1
    for j in range(len(row)):
        last += met_row[asked.item[j]] >= 0
    features, nowhere, unmet = np.empty((1 + last, N_FEATURES)), np.zeros((1, len(FRESH_SKILL))), np.zeros(len(FRESH_ITEM))
    nowhere[0, _S_STEP], unmet[_I_STEP], last = -1.0, -1.0, n_groups
    describe(trail, nowhere, np.zeros(1, np.int64), unmet, 0.0, seconds, features[0])
    for g in range(n_groups):
        which = asked.skill[asked.start[g] : asked.start[g + 1]]
        repeats = 1.0 if len(which) == 1 and which[0] == last_skill else 0.0
        describe(trail, skills, which, unmet, repeats, seconds, features[1 + g])
        for j in asked.order[asked.first[g] : asked.first[g + 1]]:
            row[j] = 1 + g
            if met_row[asked.item[j]] >= 0:
                last += 1
                row[j] = last
                describe(trail, skills, which, met[met_row[asked.item[j]]], repeats, seconds, features[last])
    return features, row


@njit(cache=True, error_model="numpy")
def meet(
    trail: Floats, skills: Floats, which: Ints, item: Floats, attempt: tuple[float, float, float, float], out: Floats
) -> tuple[float, float]:
    """`describe`, then `remember`; gives signed score and residual. `attempt` is repeats, score, P(correct) by the core, and seconds."""
    repeats, score, p_correct, seconds = attempt
    describe(trail, skills, which, item, repeats, seconds, out)
    remember(trail, skills, which, item, repeats, score, p_correct, seconds)
    return (2.0 * score - 1.0, score - p_correct) if score >= 0.0 else (0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def table(
    learner: Ints, asked: Asked, score: Floats, seconds: Floats, p_correct: Floats, fresh: Floats, n_items: int
) -> tuple[Floats, NDArray[np.float32]]:
    """Features (n, 26) and context (n, 9) of every row before its answer, each learner from the first attempt on."""
    item, skill, start = asked.item, asked.skill, asked.start
    n, n_skills, now, last_skill = len(learner), skill.max() + 1 if len(skill) else 0, -1, -1
    features, contexts = np.zeros((n, N_FEATURES)), np.zeros((n, N_CONTEXT), np.float32)
    trail, room = fresh.copy(), np.zeros(N_CONTEXT)
    skills, items = np.zeros((n_skills, len(FRESH_SKILL))), np.zeros((n_items, len(FRESH_ITEM)))
    skill_of, item_of = np.full(n_skills, -1), np.full(n_items, -1)
    for i in range(n):
        which, j = skill[start[i] : start[i + 1]], item[i]
        if learner[i] != now:
            now, last_skill = learner[i], -1
            trail[:] = fresh
        for k in which:
            if skill_of[k] != now:
                skill_of[k] = now
                for c in range(len(FRESH_SKILL)):
                    skills[k, c] = FRESH_SKILL[c]
        if item_of[j] != now:
            item_of[j] = now
            for c in range(len(FRESH_ITEM)):
                items[j, c] = FRESH_ITEM[c]
        repeats = 1.0 if len(which) == 1 and which[0] == last_skill else 0.0
        describe(trail, skills, which, items[j], repeats, seconds[i], features[i])
        context(trail, room)
        contexts[i, :] = room
        remember(trail, skills, which, items[j], repeats, score[i], p_correct[i], seconds[i])
        last_skill = which[0]
    return features, contexts
