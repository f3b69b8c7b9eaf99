"""Family D: each right and each wrong answer adds its skill's slope, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.families.drawn import Moved, fit_named
from adaptive.evaluation.laboratory.families.worlds import SkillWorld, p_of_item, p_of_items
from adaptive.evaluation.laboratory.family import State
from adaptive.protocols import Floats, Ints

__all__ = ["SlopesFamily"]

_MOVED: Final = {
    "ease": Moved(-3.0, 1.5, centre=-0.9),
    "success": Moved(0.02, 0.8, centre=0.3),
    "failure": Moved(0.0, 0.3, centre=0.0),
}
"""Fitted: ease .22 (most is known), a right answer +.17, a wrong one -.05. Part of the latter two is what answers tell of ability: a wrong
answer that makes one worse is left out, and a right one teaches nearly twice as much, so that 200 attempts can show."""


class SlopesFamily:
    """logit P(correct) = ability_l + ease_k - e_i + rate_l (success_k wins_lk + failure_k losses_lk).

    Performance factors (Pavlik, Cen & Koedinger 2009); with equal slopes additive factors (Cen, Koedinger & Junker 2006), here with a
    rate for each learner. Prerequisites are only in that later layers are harder: nothing gates, and rest changes nothing.

    >>> rng = np.random.default_rng(0)
    >>> world = SlopesFamily(rng, n_skills=15)
    >>> state = world.learners(2, rng)
    >>> after = world.practise(state, np.array([0, 0]), np.array([1.0, 0.0]), rng)
    >>> rise = after["logit"][:, 0] - state["logit"][:, 0]
    >>> bool(rise[0] / state["rate"][0] > rise[1] / state["rate"][1])
    True
    """

    name: ClassVar[str] = "slopes"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None) -> None:
        self._world = world = SkillWorld.drawn(rng, n_skills)
        self.item_skills, self.prerequisites = world.item_skills, world.prerequisites
        of_skills, spreads = fit_named("slopes").drawn(world.n_skills, rng, _MOVED), fit_named("slopes_learners_items")
        self._ease = of_skills["ease"] - world.depth + world.depth.mean()
        self._slopes = np.stack([of_skills["failure"], of_skills["success"]])  # (2, n_skills), of a wrong and of a right answer
        self._ability_sd, self._rate_sd = spreads.value("ability_sd"), spreads.value("rate_sd") / spreads.value("mean_slope")
        offsets = world.centred(spreads.value("difficulty_sd") * rng.standard_normal(len(world.item_skill)))
        self._exp_offset = np.exp(offsets)

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`logit` (n, n_skills) of success on the typical item; `rate` (n,) of mean 1."""
        rate = np.exp(self._rate_sd * rng.standard_normal(n) - 0.5 * self._rate_sd**2)
        return {"logit": self._ability_sd * rng.standard_normal((n, 1)) + self._ease, "rate": rate}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) as above."""
        return p_of_items(state["logit"], self._world.item_skill, self._exp_offset)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        return p_of_item(state["logit"], self._world.item_skill[item], self._exp_offset[item])

    def success(self, state: State) -> Floats:
        """(n, n_skills) of the item of the skill's mean difficulty."""
        return np.asarray(expit(state["logit"]), dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Up by the slope of a right or of a wrong answer."""
        skill = self._world.item_skill[item]
        wrong, right = self._slopes[:, skill]
        logit = state["logit"].copy()
        logit[np.arange(len(item)), skill] += state["rate"] * (wrong + (right - wrong) * correct)
        return {**state, "logit": logit}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is forgotten
        """The same."""
        return state

    def gain(self, state: State, days: float) -> Floats:  # noqa: ARG002 - nothing is forgotten
        """(n, n_items): p times the rise by a right answer, 1 - p times that by a wrong one, over n_skills."""
        now = self.success(state)
        wrong, right = (expit(state["logit"] + state["rate"][:, None] * slope) - now for slope in self._slopes)  # (n, n_skills)
        of_items = np.take(right - wrong, self._world.item_skill, axis=1) * self.p_correct(state)
        of_items += np.take(wrong, self._world.item_skill, axis=1)
        return np.asarray(of_items / self._world.n_skills, dtype=np.float64)
