"""Two small families: one whose learning is by growth of ability, with gain in closed form, and one of two-state skills without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from adaptive.evaluation.laboratory import State
from adaptive.protocols import Floats, Ints

_KEPT_A_DAY = 0.98


class Growing:
    """Abilities grow with practice where their prerequisites are there, and fade; items of one skill, some of two."""

    name: ClassVar[str] = "growing"

    def __init__(self, rng: np.random.Generator) -> None:
        self.item_skills: Sequence[Sequence[int]] = [(k,) for k in range(4) for _ in range(6)] + [(0, 1), (2, 3)]
        self.prerequisites: Sequence[tuple[int, int]] = [(0, 1), (1, 2), (1, 3)]
        self.difficulty = rng.normal(size=len(self.item_skills))
        self.exercises = np.zeros((len(self.item_skills), 4))
        for i, skills in enumerate(self.item_skills):
            self.exercises[i, list(skills)] = 1.0 / len(skills)

    def learners(self, n: int, rng: np.random.Generator) -> State:
        return {"ability": rng.normal(size=(n, 1)) - np.linspace(0.0, 1.5, 4), "rate": np.exp(0.3 * rng.normal(size=(n, 1)))}

    def p_correct(self, state: State) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(self.difficulty - state["ability"] @ self.exercises.T)))

    def success(self, state: State) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-state["ability"])))

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:
        return {**state, "ability": state["ability"] + self._rise(state) * self.exercises[item]}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:
        return {**state, "ability": -1.0 + (state["ability"] + 1.0) * _KEPT_A_DAY**days}

    def gain(self, state: State, days: float) -> Floats:
        kept = _KEPT_A_DAY**days
        later, rise = -1.0 + (state["ability"] + 1.0) * kept, self._rise(state) * kept
        now = 1.0 / (1.0 + np.exp(-later))
        after = 1.0 / (1.0 + np.exp(-(later[:, None, :] + rise[:, None, :] * self.exercises)))
        return np.asarray((after - now[:, None, :]).mean(axis=2))

    def _rise(self, state: State) -> Floats:
        ready = 1.0 / (1.0 + np.exp(-4.0 * state["ability"][:, [0, 0, 1, 1]]))
        ready[:, 0] = 1.0
        return np.asarray(0.3 * state["rate"] * ready)


class Knowing:
    """Each skill is known or not, and practice makes it known by chance; nothing says what an attempt is worth."""

    name: ClassVar[str] = "knowing"

    def __init__(self, rng: np.random.Generator) -> None:
        self.item_skills: Sequence[Sequence[int]] = [(k,) for k in range(3) for _ in range(4)]
        self.prerequisites: Sequence[tuple[int, int]] = [(0, 1), (1, 2)]
        self.p_learn = rng.uniform(0.1, 0.3, size=3)

    def learners(self, n: int, rng: np.random.Generator) -> State:
        return {"known": rng.random((n, 3)) < np.array([0.5, 0.2, 0.1])}

    def p_correct(self, state: State) -> Floats:
        return np.repeat(self.success(state), 4, axis=1)

    def success(self, state: State) -> Floats:
        return np.where(state["known"], 0.9, 0.2)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:
        known, rows, skill = state["known"].copy(), np.arange(len(item)), item // 4
        ready = (skill == 0) | known[rows, np.maximum(skill - 1, 0)]
        known[rows, skill] |= ready & (rng.random(len(item)) < self.p_learn[skill])
        return {"known": known}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:
        return {"known": state["known"] & (rng.random(state["known"].shape) < 0.995**days)}
