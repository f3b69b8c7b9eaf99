"""All learners of state-space IRT side by side: compiled loops over learners around the very steps that serve."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.world import World
from adaptive.models.normal_logit import attenuation, interval, p_mastered
from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.arrays import KEPT_MEMORIES, MOST_MEMORIES, SLOPE, Scratch, fresh_learner, fresh_memory
from adaptive.models.state_space.asked import AskedItems, AskedSkills, abilities
from adaptive.models.state_space.skill_draws import n_normals, normals_of, skill_draws
from adaptive.protocols import Floats, Forecast, Ints, Mastery, SkillDraws

__all__ = ["StateSpaceAtOnce"]


class StateSpaceAtOnce:
    """The learners' vectors, rows of skills and memories of items as the kernel lays them out, stacked by learner.

    Skills are in the catalogue's order. Every item has its memory here, so that worlds of up to MOST_MEMORIES items never forget one, as
    the model does not either; in larger ones the oldest go as they do there.
    """

    def __init__(self, model: StateSpaceIrt, world: World, n: int) -> None:
        self._h, self._skill_ids = model.hyperparameters, world.catalog.skill_columns.skill_ids
        everything = model.fitted.skills.fresh(self._h)
        items = AskedItems.of(world.catalog.item_columns, model.fitted, everything)
        skills = AskedSkills.of(world.catalog.skill_columns, model.fitted, everything)
        index = {skill_id: k for k, skill_id in enumerate(self._skill_ids)}
        of_column = np.array([index[skill_id] for skill_id in items.columns.skill_ids], dtype=np.int64)
        self._skill, self._start, self._items = of_column[items.columns.skill], items.start, items
        self._fresh, self._typical = skills.fresh, skills.typical
        self._ground = skills.ground
        self._scratch = Scratch.of(len(self._fresh), self._fresh.shape[1] - SLOPE)
        self._memory = np.array(fresh_memory(self._h))
        self._learners = np.tile(fresh_learner(self._fresh.shape[1] - SLOPE, self._h), (n, 1))
        self._skills = np.tile(self._fresh, (n, 1, 1))
        self._memories = np.tile(self._memory, (n, world.n_items, 1))

    def update(self, item: Ints, correct: Floats, at: datetime) -> None:
        """`kernel.step` for each learner."""
        from adaptive.evaluation.laboratory.state_space_loops import step_all  # noqa: PLC0415 - numba takes half a second to load

        seconds, difficulty = at.timestamp(), self._items.difficulty
        step_all(
            (self._learners, self._skills, self._memories),
            (item, correct, seconds),
            self._skill,
            self._start,
            difficulty,
            self._ground,
            self._scratch,
            self._h,
        )
        if self._memories.shape[1] > MOST_MEMORIES:
            self._drop_old()

    def mastery(self, at: datetime) -> Mastery:
        """P(success on the skill's typical item >= MASTERED_AT), by ability and form in the skill, (n, n_skills)."""
        from adaptive.evaluation.laboratory.state_space_loops import age_all  # noqa: PLC0415 - numba takes half a second to load

        skills = age_all(self._learners, self._skills, self._fresh, at.timestamp(), self._h)
        ability, variance = abilities(self._learners, skills)
        logits = (ability - self._typical) / attenuation(variance)
        low, high = interval(logits, variance)
        return Mastery(self._skill_ids, p_mastered(logits, variance), expit(logits), low, high)

    def forecast(self, at: datetime) -> Forecast:
        """P(correct) of each item with the interval of the success that the learner may have on it, (n, n_items)."""
        from adaptive.evaluation.laboratory.state_space_loops import logits_all  # noqa: PLC0415 - numba takes half a second to load

        learners, guess = (self._learners, self._skills, self._memories), self._items.difficulty.guess
        mean, variance, p_correct = logits_all(
            learners, self._skill, self._start, self._items.alike, self._items.difficulty, self._fresh, at.timestamp(), self._h
        )
        unsure = self._items.interval_variance(mean, variance)
        low, high = interval(mean / attenuation(unsure), unsure)
        low, high = np.minimum(guess + (1.0 - guess) * low, p_correct), np.maximum(guess + (1.0 - guess) * high, p_correct)
        return Forecast(p_correct, low, high)

    def draw_skills(self, at: datetime, *, n: int, days: float, seed: int) -> SkillDraws:
        """As `StateSpaceIrt.draw_skills` of each learner, (n_learners, n, n_skills) each: all have the same normals."""
        from adaptive.evaluation.laboratory.state_space_loops import age_all  # noqa: PLC0415 - numba takes half a second to load

        skills = age_all(self._learners, self._skills, self._fresh, at.timestamp(), self._h)
        normals = normals_of(seed, n, n_normals(len(self._fresh), self._fresh.shape[1] - SLOPE))
        return skill_draws(self._learners, skills, self._ground, normals, at.timestamp(), days, self._h)

    def _drop_old(self) -> None:
        """Beyond MOST_MEMORIES, only the KEPT_MEMORIES met last stay, as `state.latest` has it."""
        met = np.isfinite(self._memories[:, :, 3])  # (n, n_items)
        for learner in np.flatnonzero(met.sum(axis=1) > MOST_MEMORIES):
            which = np.flatnonzero(met[learner])
            oldest_first = which[np.argsort(self._memories[learner, which, 2])]
            self._memories[learner, oldest_first[:-KEPT_MEMORIES]] = self._memory
