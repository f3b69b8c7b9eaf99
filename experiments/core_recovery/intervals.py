"""Whether intervals hold the truth, on the served path: forecasts and mastery from a learner's state before each attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from worlds import Class

from adaptive.datasets.generated import GeneratedClass
from adaptive.models.replay import replay, walk
from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.asked import moment, then
from adaptive.models.state_space.state import StateSpaceState
from adaptive.protocols import Floats, Items, LearnerModel, Skills

__all__ = ["Covered", "covered_chances", "covered_in_class", "covered_in_generated_class"]

StateT = TypeVar("StateT")

BANDS = ((0, 5), (5, 20), (20, 1000))
"""Attempts of the learner before."""

_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """Whether each interval held the truth, whose it was, and the learner's attempts before it; (n,) each."""

    held: NDArray[np.bool_]
    learner: NDArray[np.int64]
    n_before: NDArray[np.int64]

    @classmethod
    def of(cls, rows: list[tuple[bool, int, int]]) -> Covered:
        held, learner, n_before = zip(*rows, strict=True)
        return cls(np.array(held), np.array(learner), np.array(n_before))

    def told(self) -> str:
        """The share held with its 95 % interval; of all, then by attempts before."""
        bands = [(start, stop) for start, stop in BANDS if self._between(start, stop).any()]
        parts = [f"{start} to {stop - 1} attempts before: {self.share(start, stop)}" for start, stop in bands]
        return f"{self.share(0, BANDS[-1][1])} ({'; '.join(parts)})"

    def share(self, start: int, stop: int) -> str:
        """Learners, not attempts, are independent."""
        chosen = self._between(start, stop)
        held, who = self.held[chosen], np.unique(self.learner[chosen], return_inverse=True)[1]
        share, n = held.mean(), np.bincount(who)
        residual = np.bincount(who, weights=held - share)
        half = 1.96 * np.sqrt((residual**2).sum()) / n.sum()
        return f"{share:.3f} +- {half:.3f}"

    def _between(self, start: int, stop: int) -> NDArray[np.bool_]:
        return (self.n_before >= start) & (self.n_before < stop)


def covered_chances(model: LearnerModel[StateT], drawn: Class, learners: range) -> Covered:
    """Of p of each attempt's item before it, by any model."""
    rows: list[tuple[bool, int, int]] = []
    for learner, (_, history) in zip(learners, drawn.rows_of(learners).histories(), strict=True):
        for n, (i, (state, attempt)) in enumerate(zip(drawn.entries_of(learner), walk(model, history), strict=True)):
            forecast = model.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at)
            rows.append((bool(forecast.low[0] <= drawn.truth.p_correct[i] <= forecast.high[0]), learner, n))
    return Covered.of(rows)


def covered_in_class(model: StateSpaceIrt, drawn: Class, learners: range) -> dict[str, Covered]:
    """Of p of each attempt's item, of ability in its skills, and of mastery of them, before each attempt."""
    codes, truth = drawn.codes, drawn.truth
    found: dict[str, list[tuple[bool, int, int]]] = {"p of the item": [], "ability": [], "success by mastery": []}
    for learner, (_, history) in zip(learners, drawn.rows_of(learners).histories(), strict=True):
        for n, (i, (state, attempt)) in enumerate(zip(drawn.entries_of(learner), walk(model, history), strict=True)):
            forecast = model.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at)
            found["p of the item"].append((bool(forecast.low[0] <= truth.p_correct[i] <= forecast.high[0]), learner, n))
            entries = slice(codes.skill_start[i], codes.skill_start[i + 1])
            ability, skill_ids = truth.ability[entries], tuple(codes.skill_ids[k] for k in codes.skill[entries])
            mean, variance = abilities(model, state, skill_ids, float(codes.seconds[i]))
            found["ability"] += [(bool(held), learner, n) for held in np.abs(ability - mean) <= _Z90 * np.sqrt(variance)]
            mastery = model.mastery(state, Skills(skill_ids), attempt.occurred_at)
            success = expit(ability - drawn.typical[codes.skill[entries]])
            found["success by mastery"] += [(bool(held), learner, n) for held in (mastery.low <= success) & (success <= mastery.high)]
    return {name: Covered.of(rows) for name, rows in found.items()}


def abilities(model: StateSpaceIrt, state: StateSpaceState, skill_ids: tuple[str, ...], seconds: float) -> tuple[Floats, Floats]:
    """Mean and variance of abilities with their forms at that time, as `mastery` finds them, without its typical item."""
    skills = model.fitted.skills
    fresh = skills.fresh(model.hyperparameters)[skills.skills.codes(skill_ids)]
    return then(state, skill_ids, fresh, moment(state, seconds), model.hyperparameters).abilities()


def covered_in_generated_class(model: StateSpaceIrt, test: GeneratedClass, at_least: int = 3) -> dict[str, Covered]:
    """Of p before each attempt, and of the success at the end on skills practised `at_least` so often."""
    found: dict[str, list[tuple[bool, int, int]]] = {"p of the item": [], "success by mastery": []}
    row = 0
    for learner, (_, history) in enumerate(test.table.histories()):
        for n, (state, attempt) in enumerate(walk(model, history)):
            forecast = model.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), attempt.occurred_at)
            found["p of the item"].append((bool(forecast.low[0] <= test.p_correct[row] <= forecast.high[0]), learner, n))
            row += 1
        mastery = model.mastery(replay(model, history), Skills(test.skill_ids), test.at)
        held = (mastery.low <= test.success[learner]) & (test.success[learner] <= mastery.high)
        for k, skill_id in enumerate(test.skill_ids):
            if sum(skill_id in attempt.skill_ids for attempt in history) >= at_least:
                found["success by mastery"].append((bool(held[k]), learner, len(history)))
    return {name: Covered.of(rows) for name, rows in found.items()}
