"""Family C: what was practised counts by how long ago it was, and practice at once adds less to what lasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.families.drawn import Moved, fit_named
from adaptive.evaluation.laboratory.families.growth import readiness
from adaptive.evaluation.laboratory.families.worlds import SkillWorld, p_of_item, p_of_items
from adaptive.evaluation.laboratory.family import State
from adaptive.protocols import Floats, Ints

__all__ = ["WINDOW_DAYS", "WindowsFamily"]

WINDOW_DAYS: Final = {"hour": 1.0 / 24.0, "day": 1.0, "week": 7.0, "month": 30.0, "all": np.inf}
"""Lengths (Choffin et al. 2019). A count falls by exp(-days / length), as in DASH with leaky traces (Lindsey et al. 2014)."""

_LASTING: Final = np.array([False, False, True, True, True])
"""Windows to which an answer right after others on its skill adds less."""

_EASE: Final = Moved(-3.0, 1.0, centre=-0.8)
_WEIGHT: Final = Moved(0.0, 1.5)
"""Weights below 0 (wins of the last hour, of a week; answers of a day) are regression's trades between windows; as a truth
they would make right answers harmful, so they are cut at 0."""
_OF_WINS: Final = np.array([2.0, 1.0])
"""Wins weigh twice what is fitted, answers as fitted: else nearly all of what 200 attempts give would be gone after a day."""


class WindowsFamily:
    """logit P(correct) = ability_l + ease_k - e_i + rate_l sum over windows w (theta_kw log(1 + wins_lkw) + phi_kw log(1 + answers_lkw)).

    DAS3H (Choffin, Popineau, Bourda & Vie 2019) with leaky windows. Spacing (Cepeda et al. 2006): where m answers on the skill are in
    the window of an hour, the next counts 1 - spacing + spacing / (1 + m) in those of a week, a month and ever. In all of them it counts
    only as far as the skill's weakest prerequisite is ready, as in family B.

    >>> rng = np.random.default_rng(0)
    >>> world = WindowsFamily(rng, n_skills=15)
    >>> state = world.practise(world.learners(2, rng), np.array([0, 0]), np.ones(2), rng)
    >>> later = world.rest(state, 7.0, rng)
    >>> bool((world.success(later)[:, 0] < world.success(state)[:, 0]).all())
    True
    """

    name: ClassVar[str] = "windows"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None) -> None:
        self._world = world = SkillWorld.drawn(rng, n_skills)
        self.item_skills, self.prerequisites = world.item_skills, world.prerequisites
        fit, core, slopes = fit_named("windows"), fit_named("core"), fit_named("slopes_learners_items")
        drawn = fit.drawn(world.n_skills, rng, {name: _EASE if name == "ease" else _WEIGHT for name in fit.names})
        self._ease = drawn["ease"] - world.depth + world.depth.mean()
        of_windows = [[drawn[f"skill_log_{count}_{window}"] for count in ("wins", "answers")] for window in WINDOW_DAYS]
        self._weight = np.moveaxis(np.array(of_windows), -1, 0) * _OF_WINS  # (n_skills, n_windows, 2)
        self._days = np.array(list(WINDOW_DAYS.values()))
        self._spacing = fit_named("core_timed").value("spacing")
        self._ability_sd, self._rate_sd = core.value("ability_sd"), slopes.value("rate_sd") / slopes.value("mean_slope")
        self._exp_offset = np.exp(world.centred(core.value("difficulty_item_sd") * rng.standard_normal(len(world.item_skill))))

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`base`, `lift` (n, n_skills) in logits; `counts` (n, n_skills, n_windows, 2) of wins and answers; `rate` (n,) of mean 1."""
        base = self._ability_sd * rng.standard_normal((n, 1)) + self._ease
        rate = np.exp(self._rate_sd * rng.standard_normal(n) - 0.5 * self._rate_sd**2)
        return {"base": base, "lift": np.zeros_like(base), "counts": np.zeros((*base.shape, len(self._days), 2)), "rate": rate}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) as above."""
        return p_of_items(state["base"] + state["lift"], self._world.item_skill, self._exp_offset)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        return p_of_item(state["base"] + state["lift"], self._world.item_skill[item], self._exp_offset[item])

    def success(self, state: State) -> Floats:
        """(n, n_skills) of the item of the skill's mean difficulty."""
        return np.asarray(expit(state["base"] + state["lift"]), dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """One more answer in each window, and a win where it is right."""
        skill, everyone = self._world.item_skill[item], np.arange(len(item))
        now = state["counts"][everyone, skill]  # (n, n_windows, 2)
        ready = readiness(self._world.weakest(self.success(state), skill))
        now = now + self._added(now, ready)[..., None] * np.stack([correct, np.ones_like(correct)], axis=-1)[:, None, :]
        counts, lift = state["counts"].copy(), state["lift"].copy()
        counts[everyone, skill] = now
        lift[everyone, skill] = state["rate"] * np.einsum("lwc,lwc->l", self._weight[skill], np.log1p(now))
        return {**state, "counts": counts, "lift": lift}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Windows leak."""
        counts = state["counts"] * self._kept(days)
        return {**state, "counts": counts, "lift": state["rate"][:, None] * self._weighed(np.log1p(counts))}

    def gain(self, state: State, days: float) -> Floats:
        """(n, n_items): p times the rise by a right answer, 1 - p times that by a wrong one, as of then, over n_skills."""
        counts, kept = state["counts"], self._kept(days)
        more = counts + self._added(counts, readiness(self._world.weakest(self.success(state))))[..., None]
        none, one = np.log1p(kept * counts), np.log1p(kept * more)  # (n, n_skills, n_windows, 2)
        lifts = none, np.stack([none[..., 0], one[..., 1]], axis=-1), one
        now, wrong, right = (expit(state["base"] + state["rate"][:, None] * self._weighed(lift)) for lift in lifts)
        of_items = np.take(right - wrong, self._world.item_skill, axis=1) * self.p_correct(state)
        of_items += np.take(wrong - now, self._world.item_skill, axis=1)
        return np.asarray(of_items / self._world.n_skills, dtype=np.float64)

    def _added(self, counts: Floats, ready: Floats) -> Floats:
        """(..., n_windows) what the next answer counts, from the counts (..., n_windows, 2) before it and readiness (...)."""
        massed = 1.0 - self._spacing + self._spacing / (1.0 + counts[..., :1, 1])
        return np.asarray(ready[..., None] * np.where(_LASTING, massed, 1.0), dtype=np.float64)

    def _kept(self, days: float) -> Floats:
        return np.asarray(np.exp(-days / self._days)[:, None], dtype=np.float64)

    def _weighed(self, logs: Floats) -> Floats:
        """(n, n_skills) from (n, n_skills, n_windows, 2)."""
        return np.asarray(np.einsum("lkwc,kwc->lk", logs, self._weight), dtype=np.float64)
