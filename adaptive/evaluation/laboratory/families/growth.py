"""Family B: abilities grow with practice that challenges, where what they build on is there, and decay with rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.families.drawn import fit_named
from adaptive.evaluation.laboratory.families.worlds import SkillWorld, p_of_item, p_of_items
from adaptive.evaluation.laboratory.family import State
from adaptive.protocols import Floats, Ints

__all__ = ["GrowthFamily", "decay_rate", "readiness"]

_GAIN: Final = 0.5
"""Logits from one attempt at the best challenge, by the average learner. On ASSISTments .06 of a rise lasts and .67 passes within some
attempts (`core`, gain_right and skill_form_right): with the former nothing can be learned in 200 attempts, so we stand near the latter."""

_DIFFICULTY: Final = (0.2, 1.4)
"""Mean difficulty of the first layer's skills and of the last one's, in logits: ours, for unpractised success of some .4."""

_MOST_RATE_SD: Final = 0.5
"""Bound on the spread of learners' log rates (fitted at .6, from learners who stop once they know, so that rates look spread)."""

READY_SLOPE, READY_MIDDLE = 12.0, 0.55
"""Half of what is learned at ease is learned where the weakest prerequisite has this success; .77 at READY_AT, .95 at MASTERED_AT. Ours."""

_DAYS: Final = 14.0


def decay_rate() -> float:
    """A day: the exponential that keeps over 14 days what the core's power law does, (15 days) ** -skill_forgetting, on cloze."""
    return float(fit_named("core_timed").value("skill_forgetting") * np.log(1.0 + _DAYS) / _DAYS)


def readiness(weakest: Floats) -> Floats:
    """Share of what is learned at ease that is learned with this success on the weakest prerequisite."""
    return np.asarray(expit(READY_SLOPE * (weakest - READY_MIDDLE)), dtype=np.float64)


class GrowthFamily:
    """logit P(correct) = base_lk + learned_lk - difficulty_k - e_i, with base_lk = ability_l + own_lk.

    An attempt, right or wrong: learned_lk += gain rate_l ready_lk 4 p (1 - p), p the chance of success on that item: nothing is learned
    from what is certain either way (the shape is the information of a Rasch item). ready_lk = expit(12 (w - .55)), w the success on
    the weakest prerequisite. Rest: learned_lk *= exp(-rate days).

    >>> rng = np.random.default_rng(0)
    >>> world = GrowthFamily(rng, n_skills=15)
    >>> state = world.learners(3, rng)
    >>> after = world.practise(state, np.array([0, 1, 2]), np.ones(3), rng)
    >>> bool((world.success(after)[:, 0] > world.success(state)[:, 0]).all())
    True
    """

    name: ClassVar[str] = "growth"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None) -> None:
        self._world = world = SkillWorld.drawn(rng, n_skills)
        self.item_skills, self.prerequisites = world.item_skills, world.prerequisites
        core, slopes = fit_named("core"), fit_named("slopes_learners_items")
        self._ability_sd, self._skill_sd = core.value("ability_sd"), core.value("skill_sd")
        self._rate_sd = min(slopes.value("rate_sd") / slopes.value("mean_slope"), _MOST_RATE_SD)
        own = core.value("difficulty_skill_sd") * rng.standard_normal(world.n_skills)
        self._difficulty = _DIFFICULTY[0] + (_DIFFICULTY[1] - _DIFFICULTY[0]) * world.depth + own - own.mean()
        offsets = world.centred(core.value("difficulty_item_sd") * rng.standard_normal(len(world.item_skill)))
        self._exp_offset = np.exp(offsets)
        self._decay = decay_rate()

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`base`, `learned` (n, n_skills) in logits, difficulty taken off the former; `rate` (n,) of mean 1."""
        ability = self._ability_sd * rng.standard_normal((n, 1))
        base = ability + self._skill_sd * rng.standard_normal((n, self._world.n_skills)) - self._difficulty
        rate = np.exp(self._rate_sd * rng.standard_normal(n) - 0.5 * self._rate_sd**2)
        return {"base": base, "learned": np.zeros_like(base), "rate": rate}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) as above."""
        return p_of_items(state["base"] + state["learned"], self._world.item_skill, self._exp_offset)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        return p_of_item(state["base"] + state["learned"], self._world.item_skill[item], self._exp_offset[item])

    def success(self, state: State) -> Floats:
        """(n, n_skills) of the item of the skill's mean difficulty."""
        return np.asarray(expit(state["base"] + state["learned"]), dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Grown by what the item's challenge gives."""
        skill, everyone = self._world.item_skill[item], np.arange(len(item))
        p = self.p_answer(state, item)
        ready = readiness(self._world.weakest(self.success(state), skill))
        learned = state["learned"].copy()
        learned[everyone, skill] += _GAIN * state["rate"] * ready * 4.0 * p * (1.0 - p)
        return {**state, "learned": learned}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Decayed."""
        return {**state, "learned": state["learned"] * np.exp(-self._decay * days)}

    def gain(self, state: State, days: float) -> Floats:
        """(n, n_items): the rise of the skill's success by what is left of the growth, over n_skills."""
        world, kept = self._world, np.exp(-self._decay * days)
        full = _GAIN * state["rate"][:, None] * readiness(world.weakest(self.success(state)))  # (n, n_skills)
        p = self.p_correct(state)
        growth = np.take(full * (4.0 * kept), world.item_skill, axis=1) * p * (1.0 - p)
        later = state["base"] + kept * state["learned"]
        # expit(x + g) - expit(x), with exponentials of x a skill and of g an item
        odds_against = np.take(np.exp(-later), world.item_skill, axis=1)
        rise = 1.0 / (1.0 + odds_against * np.exp(-growth)) - 1.0 / (1.0 + odds_against)
        return np.asarray(rise / world.n_skills, dtype=np.float64)
