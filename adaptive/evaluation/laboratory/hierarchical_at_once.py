"""All learners of the hierarchical BKT side by side: the model's own filter in arrays, and draws of their skills."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from adaptive.evaluation.laboratory.world import World
from adaptive.models.bkt import HierarchicalBkt
from adaptive.models.bkt.filter import two_point_success
from adaptive.models.bkt.side_by_side import Performance, SideBySide
from adaptive.models.bkt.skill_draws import draws_on_nodes, even_chances
from adaptive.models.columns import ItemColumns
from adaptive.protocols import Floats, Forecast, Ints, Mastery, SkillDraws

__all__ = ["HierarchicalAtOnce"]


class HierarchicalAtOnce:
    """P(known) of n learners on all skills and nodes, skills in the catalogue's order."""

    def __init__(self, model: HierarchicalBkt, world: World, n: int) -> None:
        self._skill_ids, self._skills_of = world.catalog.skill_columns.skill_ids, world.skills_of
        self._columns, fitted = ItemColumns.of(world.catalog.item_columns), model.fitted
        index = {skill_id: k for k, skill_id in enumerate(self._skill_ids)}
        columns, self._later_attempts = self._columns, model.settings.later_attempts
        self._skill = np.array([index[skill_id] for skill_id in columns.skill_ids], dtype=np.int64)[columns.skill]  # of each entry
        item = np.repeat(columns.item, columns.n_skills.astype(np.int64))
        self._guess, self._slip = fitted.guess_and_slip(columns.item_ids, item, columns.skill_ids, columns.skill)
        self._learners = SideBySide(fitted.asked(self._skill_ids), n)
        self._performance = self._of_items()

    def update(self, item: Ints, correct: Floats, at: datetime) -> None:
        """The filter's step for each learner."""
        skill, now = self._skills_of[item], self._now(at)
        performance = Performance(*(column[item] for column in self._performance))
        self._learners.update(self._learners.before(skill, now), skill, performance, correct, now)

    def mastery(self, at: datetime) -> Mastery:
        """P(known) and the success that follows from it, (n, n_skills)."""
        p_known, values = self._p_known(at), self._learners.asked.values
        return Mastery(self._skill_ids, p_known, *two_point_success(p_known, values.guess, values.slip))

    def forecast(self, at: datetime) -> Forecast:
        """P(correct) of each item with the ends of the two-point posterior, (n, n_items)."""
        ends = two_point_success(self._p_known(at)[:, self._skill], self._guess, self._slip)
        p_correct, low, high = (np.add.reduceat(each, self._columns.start, axis=1) / self._columns.n_skills for each in ends)
        return Forecast(p_correct, low, high, is_two_state=True)

    def draw_skills(self, at: datetime, *, n: int, days: float, seed: int) -> SkillDraws:
        """As `HierarchicalBkt.draw_skills` of each learner, (n_learners, n, n_skills) each: all have the same chances."""
        learners = self._learners
        p_nodes, chances = learners.asked.p_known(learners.met, self._now(at)), even_chances(seed, n, 1 + len(self._skill_ids))
        return draws_on_nodes(learners.asked, learners.weights, p_nodes, chances, days=days, later_attempts=self._later_attempts)

    def _p_known(self, at: datetime) -> Floats:
        """(n, n_skills)."""
        p_nodes = self._learners.asked.p_known(self._learners.met, self._now(at))
        return np.asarray((p_nodes @ self._learners.weights[..., None])[..., 0], dtype=np.float64)

    def _now(self, at: datetime) -> Floats:
        return np.full(self._learners.n, at.timestamp())

    def _of_items(self) -> Performance:
        """(n_items, most skills of one) each, as `skills_of` has them: the first repeated with a share of 0 where an item has fewer."""
        columns, most = self._columns, np.arange(self._skills_of.shape[1])
        is_own = most < columns.n_skills[:, None]
        entry = columns.start[:, None] + np.where(is_own, most, 0)
        return Performance(self._guess[entry], self._slip[entry], is_own / columns.n_skills[:, None])
