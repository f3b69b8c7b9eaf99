"""The one formula of the model, compiled: age, expect, condition, evolve. Service and whole-table passes all call `step`.

`arrays` says how arrays are laid out; they are modified in place. What is cached on disk is `stamped`, here and in `evidence`.
Import it where it is used: numba takes half a second to load.
"""

from __future__ import annotations

from math import inf, pi

import numpy as np
from numba import njit

from adaptive.models.state_space.arrays import (
    HOUR,
    KEPT_MEMORIES,
    MEMORY_SIZE,
    MOST_MEMORIES,
    Difficulty,
    Ground,
    Rows,
    Scratch,
    Sums,
    Trace,
)
from adaptive.models.state_space.evidence import evidence
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.memory import (
    M_LAST,
    M_MEAN,
    M_STEP,
    M_VARIANCE,
    age_memory,
    by_outcome,
    kept_after,
    met_before,
    remember,
    still_there,
)
from adaptive.models.state_space.soft_minimum import blend, expect, towards
from adaptive.models.state_space.stamped import stamped
from adaptive.models.state_space.teaching import teach
from adaptive.protocols import Floats, Ints

__all__ = ["age", "logits", "step", "success", "table"]

_MEAN, _VARIANCE, _FORM, _FORM_VARIANCE, _N, _LAST, _SLOPE = range(7)
_L_FORM, _L_FORM_VARIANCE, _L_N, _L_LAST, _L_MEAN = range(5)

_ATTENUATION = pi / 8.0
"""E expit(x) is about expit(mean / sqrt(1 + _ATTENUATION variance)) (MacKay 1992)."""


@njit(inline="always", error_model="numpy")
def _age_skill(skills: Floats, i: int, fresh: Floats, k: int, seconds: float, h: Hyperparameters) -> None:
    """Everything but practices goes back towards the fresh row, the form in its own time."""
    kept = kept_after(skills[i, _LAST], seconds, h.skill_forgetting, h.time_scale)
    form_kept = kept_after(skills[i, _LAST], seconds, h.skill_form_forgetting, h.time_scale)
    if kept == 1.0 and form_kept == 1.0:
        return
    skills[i, _VARIANCE] = kept * kept * skills[i, _VARIANCE] + (1.0 - kept * kept) * fresh[k, _VARIANCE]
    skills[i, _FORM] *= form_kept
    skills[i, _FORM_VARIANCE] = form_kept * form_kept * skills[i, _FORM_VARIANCE] + (1.0 - form_kept * form_kept) * fresh[k, _FORM_VARIANCE]
    skills[i, _MEAN] = kept * skills[i, _MEAN] + (1.0 - kept) * fresh[k, _MEAN]
    for c in range(_SLOPE, skills.shape[1]):
        skills[i, c] = kept * skills[i, c] + (1.0 - kept) * fresh[k, c]


@njit(inline="always", error_model="numpy")
def _age_form(learner: Floats, seconds: float, h: Hyperparameters) -> None:
    kept = kept_after(learner[_L_LAST], seconds, h.form_forgetting, h.time_scale)
    learner[_L_FORM] *= kept
    learner[_L_FORM_VARIANCE] = kept * kept * learner[_L_FORM_VARIANCE] + (1.0 - kept * kept) * h.form_sd * h.form_sd


@njit(inline="always", error_model="numpy")
def _condition(learner: Floats, skills: Floats, which: Ints, scratch: Scratch, slope: float, curvature: float) -> None:
    """The learner given an answer whose log likelihood has this slope and curvature by the item's summed ability.

    Exact for normals as long as each item has one skill. Two skills of one item are dependent given u afterwards; keeping
    each skill's joint margin with u (a projection in Kullback-Leibler divergence) drops that.
    """
    weights, direction, cut = scratch.weights, scratch.direction, scratch.cut
    n_factors, shared = len(direction), 0.0
    for c in range(n_factors):
        shared += direction[c] * cut[c]
    given_u = curvature / (1.0 - curvature * shared)  # the curvature once u is known
    for q in range(len(which)):
        i, own = which[q], weights[q] * skills[which[q], _VARIANCE]
        skills[i, _MEAN] += own * slope
        for c in range(n_factors):  # lower slopes, and a mean that keeps E(ability) where the answer put it
            fall = own * given_u * direction[c]
            skills[i, _SLOPE + c] -= fall
            skills[i, _MEAN] += fall * (learner[_L_MEAN + c] + cut[c] * slope)
        skills[i, _VARIANCE] -= own * own * given_u
        form = weights[q] * skills[i, _FORM_VARIANCE]
        skills[i, _FORM] += form * slope
        skills[i, _FORM_VARIANCE] -= form * form * curvature
    for c in range(n_factors):
        learner[_L_MEAN + c] += cut[c] * slope
        for d in range(n_factors):
            learner[_L_MEAN + n_factors * (1 + c) + d] -= cut[c] * cut[d] * curvature
    form = learner[_L_FORM_VARIANCE]
    learner[_L_FORM] += form * slope
    learner[_L_FORM_VARIANCE] -= form * form * curvature


@njit(inline="always", error_model="numpy")
def _evolve(learner: Floats, skills: Floats, which: Ints, taught: Floats, score: float, seconds: float, h: Hyperparameters) -> None:
    """What the attempt teaches, at the learner's rate, what it lends, and what wanders with each attempt."""
    last = seconds if seconds > -inf else -inf  # NaN: unknown
    kept, skill_kept, rate = h.form_kept, h.skill_form_kept, skills.shape[1] - 1
    learner[_L_FORM] *= kept
    learner[_L_FORM_VARIANCE] = kept * kept * learner[_L_FORM_VARIANCE] + (1.0 - kept * kept) * h.form_sd * h.form_sd
    gain = by_outcome(score, h.gain_right, h.gain_wrong, h.gain_exposure)
    lift = by_outcome(score, h.skill_form_right, h.skill_form_wrong, h.skill_form_exposure)
    for q in range(len(which)):
        i = which[q]
        skills[i, _N] += 1.0
        share = 1.0 / (1.0 + h.saturation * skills[i, _N])
        gained = gain * share * taught[q] * (1.0 - h.massing * still_there(skills[i, _LAST], seconds, HOUR))
        skills[i, _MEAN] += gained
        skills[i, rate] += gained * h.rate_sd
        skills[i, _VARIANCE] += h.gain_sd * h.gain_sd * share
        skills[i, _FORM] = skill_kept * skills[i, _FORM] + lift * taught[q]
        renewed = (1.0 - skill_kept * skill_kept) * h.skill_form_sd * h.skill_form_sd
        skills[i, _FORM_VARIANCE] = skill_kept * skill_kept * skills[i, _FORM_VARIANCE] + renewed
        skills[i, _LAST] = last
    learner[_L_N] += 1.0
    learner[_L_LAST] = last


@njit(cache=True, error_model="numpy")
@stamped
def step(
    learner: Floats,
    skills: Floats,
    which: Ints,
    ground: Ground,
    memories: Floats,
    attempt: tuple[int, float, float, float, float, float, float],
    scratch: Scratch,
    h: Hyperparameters,
) -> tuple[float, float, float, float, float]:
    """One attempt. Gives P(correct), the logit's mean and variance before the answer, and slope and curvature by ability.

    `which` are the rows of the item's skills in `skills` and in `ground`; rows of what they build on are there too, and stay.
    `attempt` is the row in `memories`, score, seconds, and the item's difficulty, its variance, discrimination and guess.
    """
    j, score, seconds, difficulty, unsure, steepness, guess = attempt
    for k in which:
        _age_skill(skills, k, ground.fresh, k, seconds, h)
        expect(learner, skills, k, scratch)
    recent = age_memory(memories, j, learner[_L_N], seconds, h)
    _age_form(learner, seconds, h)
    blended, variance = blend(learner, skills, which, scratch, h.weakest)
    mean = blended + met_before(memories, j)
    variance += towards(learner, scratch.direction, scratch.cut) + memories[j, M_VARIANCE] + learner[_L_FORM_VARIANCE]
    logit = steepness * (mean + learner[_L_FORM] - difficulty)
    logit_variance = steepness * steepness * (variance + unsure)
    p_correct, slope, curvature = evidence(logit, logit_variance, guess, score)
    teach(learner, skills, which, (logit - steepness * blended, logit_variance, steepness, seconds), ground, scratch, h)
    slope, curvature = slope * steepness, curvature * steepness * steepness
    if score >= 0.0:  # not NaN
        _condition(learner, skills, which, scratch, slope, curvature)
        own = memories[j, M_VARIANCE]
        memories[j, M_MEAN] += own * slope
        memories[j, M_VARIANCE] -= own * own * curvature
    remember(memories, j, learner[_L_N], score, seconds, 1.0 - h.spacing * recent, h)
    _evolve(learner, skills, which, scratch.taught, score, seconds, h)
    return p_correct, logit, logit_variance, slope, curvature


@njit(inline="always", error_model="numpy")
def _begin(skills: Floats, k: int, fresh: Floats, skill_of: Ints, now: int) -> None:
    """A skill that learner `now` has not met before is fresh."""
    if skill_of[k] != now:
        skill_of[k] = now
        skills[k, :] = fresh[k, :]


@njit(inline="always", error_model="numpy")
def _drop_old(memories: Floats, met: Ints, n_met: int, is_met: Ints) -> int:
    """Beyond MOST_MEMORIES, only the KEPT_MEMORIES met last stay."""
    if n_met <= MOST_MEMORIES:
        return n_met
    latest_first = met[:n_met][np.argsort(-memories[met[:n_met], M_STEP])]
    met[:KEPT_MEMORIES] = latest_first[:KEPT_MEMORIES]
    is_met[latest_first[KEPT_MEMORIES:]] = -1
    return KEPT_MEMORIES


@njit(inline="always")
def _room(n_skills: int, n_factors: int) -> Scratch:
    of_skills, of_factors = (np.zeros(n_skills), np.zeros(n_skills), np.zeros(n_skills), np.zeros(n_skills)), np.zeros(n_factors)
    return Scratch(of_skills[0], of_skills[1], of_skills[2], of_skills[3], of_factors, np.zeros(n_factors))


@njit(cache=True, nogil=True, error_model="numpy")
@stamped
def table(rows: Rows, items: Difficulty, ground: Ground, newcomer: Floats, h: Hyperparameters, trace: Trace, sums: Sums) -> None:
    """Every learner of the table from their first attempt on; fills `trace` and adds to `sums`. `items` has a place per row.

    `ground` has what the table's skills build on as well; `newcomer` is the vector that a new learner has.
    """
    fresh = ground.fresh
    n_skills, n_factors, n_items, now, n_met = len(fresh), fresh.shape[1] - _SLOPE, len(sums.slope), -1, 0
    learner, skills, memories = newcomer.copy(), fresh.copy(), np.zeros((n_items, MEMORY_SIZE))
    skill_of, is_met, met = np.full(n_skills, -1), np.full(n_items, -1), np.zeros(MOST_MEMORIES + 1, np.int64)
    scratch = _room(n_skills, n_factors)
    for i in range(len(rows.learner)):
        j, which = rows.item[i], rows.skill[rows.start[i] : rows.start[i + 1]]
        if rows.learner[i] != now:
            now, n_met = rows.learner[i], 0
            learner[:] = newcomer
        for k in which:
            _begin(skills, k, fresh, skill_of, now)
            for e in range(ground.start[k], ground.start[k + 1]):
                _begin(skills, ground.before[e], fresh, skill_of, now)
        if is_met[j] != now:
            is_met[j], met[n_met] = now, j
            n_met += 1
            memories[j, :] = 0.0
            memories[j, M_VARIANCE], memories[j, M_LAST], memories[j, M_STEP] = h.memory_sd * h.memory_sd, -inf, learner[_L_N]
        attempt = (j, rows.score[i], rows.seconds[i], items.mean[i], items.variance[i], items.discrimination[i], items.guess[i])
        trace.p_correct[i], trace.logit[i], trace.variance[i], slope, curvature = step(
            learner, skills, which, ground, memories, attempt, scratch, h
        )
        n_met = _drop_old(memories, met, n_met, is_met)
        if rows.score[i] >= 0.0:  # not NaN
            # what log discrimination does to the forecast, in units of ability: see `Sums`
            lever = trace.logit[i] / (items.discrimination[i] * (1.0 + _ATTENUATION * trace.variance[i]))
            sums.slope[j] += slope
            sums.curvature[j] += curvature
            sums.discrimination_slope[j] += slope * lever
            sums.discrimination_curvature[j] += curvature * lever * lever
            sums.cross[j] += curvature * lever


@njit(cache=True)
@stamped
def age(learner: Floats, skills: Floats, fresh: Floats, memories: Floats, seconds: float, h: Hyperparameters) -> None:
    """The learner, these skills and these memories as of then."""
    _age_form(learner, seconds, h)
    for i in range(len(skills)):
        _age_skill(skills, i, fresh, i, seconds, h)
    for j in range(len(memories)):
        age_memory(memories, j, learner[_L_N], seconds, h)


@njit(cache=True)
@stamped
def logits(
    learner: Floats, skills: Floats, skill: Ints, start: Ints, alike: Ints, memories: Floats, items: Difficulty, weakest: float
) -> tuple[Floats, Floats]:
    """Mean and variance of each item's logit; learner, skills and memories (one an item) are as of then.

    `alike` (n_items,) is the place of the first item with the same skills, for what they bring is worked out once.
    """
    n, n_skills, n_factors = len(start) - 1, len(skills), skills.shape[1] - _SLOPE
    mean, variance, brought, own, shared = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    scratch = _room(n_skills, n_factors)
    for k in range(n_skills):
        expect(learner, skills, k, scratch)
    for j in range(n):
        first = alike[j]
        if first == j:
            brought[j], own[j] = blend(learner, skills, skill[start[j] : start[j + 1]], scratch, weakest)
            shared[j] = towards(learner, scratch.direction, scratch.cut)
        centre = brought[first] + met_before(memories, j)
        spread = own[first] + (shared[first] + memories[j, M_VARIANCE] + learner[_L_FORM_VARIANCE])
        steepness = items.discrimination[j]
        mean[j] = steepness * (centre + learner[_L_FORM] - items.mean[j])
        variance[j] = steepness * steepness * (spread + items.variance[j])
    return mean, variance


@njit(cache=True)
@stamped
def success(mean: Floats, variance: Floats, guess: Floats) -> Floats:
    """(n_items,) P(correct) where the logits have these means and variances."""
    p_correct = np.empty(len(mean))
    for j in range(len(mean)):
        p_correct[j] = evidence(mean[j], variance[j], guess[j], 0.5)[0]
    return p_correct
