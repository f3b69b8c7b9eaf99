"""All learners of Bayesian knowledge tracing side by side, by the same filter steps as the model's own update."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from adaptive.evaluation.laboratory.world import World
from adaptive.models.bkt import Bkt
from adaptive.models.bkt.filter import condition, forget, learn, likelihood, two_point_success
from adaptive.models.bkt.sequences import SECONDS_A_DAY
from adaptive.models.columns import ItemColumns
from adaptive.protocols import Floats, Forecast, Ints, Mastery

__all__ = ["BktAtOnce"]


class BktAtOnce:
    """P(known) of n learners on all skills, (n, n_skills), and when each was last practised (-inf: never)."""

    def __init__(self, model: Bkt, world: World, n: int) -> None:
        self._skill_ids, self._skills_of, self._exercises = world.catalog.skill_columns.skill_ids, world.skills_of, world.exercises
        self._values = model.fitted.of(self._skill_ids)
        self._columns = ItemColumns.of(world.catalog.item_columns)
        index = {skill_id: k for k, skill_id in enumerate(self._skill_ids)}
        self._of_column = np.array([index[skill_id] for skill_id in self._columns.skill_ids], dtype=np.int64)
        self._p_known = np.tile(self._values.p_init, (n, 1))  # (n, n_skills)
        self._last = np.full((n, len(index)), -np.inf)

    def update(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Each skill of the item: forgotten in part, conditioned on the answer, then learned."""
        now, learners = self._now(at), np.arange(len(item))
        values, score = self._values, correct[:, None]
        known = condition(now, likelihood(score, 1.0 - values.slip), likelihood(score, values.guess))
        practised = self._exercises[item]  # (n, n_skills)
        self._p_known = np.where(practised, learn(known, values.p_learn), self._p_known)
        self._last[learners] = np.where(practised, at.timestamp(), self._last)

    def mastery(self, at: datetime) -> Mastery:
        """P(known) and the success that follows from it, (n, n_skills)."""
        p_known = self._now(at)
        return Mastery(self._skill_ids, p_known, *two_point_success(p_known, self._values.guess, self._values.slip))

    def forecast(self, at: datetime) -> Forecast:
        """P(correct) of each item with the ends of the two-point posterior, (n, n_items)."""
        of_skills = two_point_success(self._now(at), self._values.guess, self._values.slip)
        p_correct, low, high = (self._columns.mean_over_skills(each.T[self._of_column]).T for each in of_skills)
        return Forecast(p_correct, low, high, is_two_state=True)

    def _now(self, at: datetime) -> Floats:
        if not self._values.forget_rate.any():
            return self._p_known
        days = np.maximum(at.timestamp() - self._last, 0.0) / SECONDS_A_DAY
        return np.where(
            np.isfinite(days), forget(self._p_known, self._values.forget_rate, np.where(np.isfinite(days), days, 0.0)), self._p_known
        )
