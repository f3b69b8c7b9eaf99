"""What serves, made for a classroom: models fitted on those who were at school before it, and the one that forecasts them best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from adaptive.datasets import AttemptTable
from adaptive.evaluation.choosing import chosen
from adaptive.evaluation.laboratory.at_once import at_once
from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.model_player import ModelPlayer
from adaptive.evaluation.laboratory.players import Player
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.schooling import schooling
from adaptive.models import build_model
from adaptive.protocols import LearnerModel, Policy

__all__ = ["Schooled", "Served", "Settings"]

Settings = Mapping[str, float]
"""What may be tuned of an entrant, by name; whole numbers stay whole."""

_CHOSEN_ON: Final = 150
"""Learners at school whom a choice of model looks at, at most: their 15,000 answers tell models apart, and fits of all cost time."""

_LEAST_TO_CHOOSE_ON: Final = 20
"""Learners at school below whom a choice would be chance: four held out (ours)."""


@dataclass(frozen=True, eq=False)
class Schooled:
    """A classroom with what may be learned from those who were at school before it: their attempts, and models fitted on them."""

    classroom: Classroom
    n_school: int
    _models: dict[str, LearnerModel[Any]] = field(default_factory=dict)  # Any: each model has its own state
    _choices: dict[tuple[str, ...], str] = field(default_factory=dict)

    @cached_property
    def attempts(self) -> AttemptTable:
        """The attempts of n_school other learners of the same world."""
        room = self.classroom
        return schooling(room.family, room.world, self.n_school, generator(room.seed, "school"))

    def model(self, name: str) -> LearnerModel[Any]:  # Any: each model has its own state
        """The model of that name fitted on them, once."""
        if name not in self._models:
            self._models[name] = build_model(name, self.classroom.world.catalog).fit(self.attempts, seed=self.classroom.seed)
        return self._models[name]

    def chosen(self, names: tuple[str, ...]) -> str:
        """Of these models the one of least log loss on a fifth of the first _CHOSEN_ON of them, held out; the first for too few to tell."""
        if names not in self._choices:
            some = self.attempts.learner_ids[:_CHOSEN_ON]
            tells = len(names) > 1 and len(some) >= _LEAST_TO_CHOOSE_ON
            self._choices[names] = self._best(names, some) if tells else names[0]
        return self._choices[names]

    def _best(self, names: tuple[str, ...], learner_ids: tuple[str, ...]) -> str:
        room = self.classroom
        return chosen(names, self.attempts.select_learners(learner_ids), room.world.catalog, seed=room.seed).name


@dataclass(frozen=True, slots=True)
class Served:
    """What serves: the best of these models (`Schooled.chosen`), fitted at school, and a policy; the zone is `by_draws` or by marginals."""

    models: tuple[str, ...]
    policy: Callable[[Settings], Policy]
    by_draws: bool = False

    def __call__(self, schooled: Schooled, settings: Settings) -> Player:
        """The player of that classroom."""
        room = schooled.classroom
        learners = at_once(schooled.model(schooled.chosen(self.models)), room.world, len(room))
        return ModelPlayer(learners, self.policy(settings), room.world, len(room), by_draws=self.by_draws)
