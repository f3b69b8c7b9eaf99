"""All learners of a model side by side: what a simulation asks of it at each step, in arrays with the learner as leading axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np

from adaptive.domain import Attempt
from adaptive.evaluation.laboratory.bkt_at_once import BktAtOnce
from adaptive.evaluation.laboratory.hierarchical_at_once import HierarchicalAtOnce
from adaptive.evaluation.laboratory.state_space_at_once import StateSpaceAtOnce
from adaptive.evaluation.laboratory.world import World
from adaptive.models.bkt import Bkt, ForgettingBkt, HierarchicalBkt
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Floats, Forecast, Ints, LearnerModel, Mastery, SkillDraws

__all__ = ["DrawnAtOnce", "LearnersAtOnce", "OneByOne", "at_once"]

StateT = TypeVar("StateT")


class LearnersAtOnce(Protocol):
    """n learners of one fitted model over a world's items and skills; unlike a model, it keeps and moves their states itself.

    A test holds each to `OneByOne`, that is to the model's own `update`, `mastery` and `predict`.
    """

    def update(self, item: Ints, correct: Floats, at: datetime) -> None:
        """Learner l has answered item[l] with correct[l]; both (n,)."""

    def mastery(self, at: datetime) -> Mastery:
        """As `LearnerModel.mastery` of all skills; arrays are (n, n_skills)."""

    def forecast(self, at: datetime) -> Forecast:
        """As `LearnerModel.predict` of all items; arrays are (n, n_items)."""


@runtime_checkable
class DrawnAtOnce(LearnersAtOnce, Protocol):
    """Learners whose skills can be drawn together: what a zone of joint draws stands on."""

    def draw_skills(self, at: datetime, *, n: int, days: float, seed: int) -> SkillDraws:
        """As `GenerativeModel.draw_skills` of all skills; arrays are (n_learners, n, n_skills)."""


@dataclass(eq=False)
class OneByOne(Generic[StateT]):
    """Any model, one learner after another: what the faster ones are held to, and what other models run on."""

    model: LearnerModel[StateT]
    world: World
    n: int
    states: list[StateT] = field(init=False)

    def __post_init__(self) -> None:
        self.states = [self.model.initial_state() for _ in range(self.n)]

    def update(self, item: Ints, correct: Floats, at: datetime) -> None:
        """The model's own update of each learner."""
        items = self.world.catalog.items
        for learner, (i, score) in enumerate(zip(item.tolist(), correct.tolist(), strict=True)):
            attempt = Attempt("a", "l", items[i].item_id, items[i].skill_ids, correct=score, occurred_at=at)
            self.states[learner] = self.model.update(self.states[learner], attempt)

    def mastery(self, at: datetime) -> Mastery:
        """The model's own mastery of each learner."""
        skills = self.world.catalog.skill_columns
        of_all = [self.model.mastery(state, skills, at) for state in self.states]
        columns = (np.stack([getattr(one, name) for one in of_all]) for name in ("p_mastered", "expected_success", "low", "high"))
        return Mastery(skills.skill_ids, *columns)

    def forecast(self, at: datetime) -> Forecast:
        """The model's own forecast of each learner."""
        of_all = [self.model.predict(state, self.world.catalog.item_columns, at) for state in self.states]
        p_correct, low, high = (np.stack([getattr(one, name) for one in of_all]) for name in ("p_correct", "low", "high"))
        return Forecast(p_correct, low, high, of_all[0].is_two_state)


_FASTER: Final[Mapping[type, Callable[[Any, World, int], LearnersAtOnce]]] = MappingProxyType(  # Any: the model of that type
    {StateSpaceIrt: StateSpaceAtOnce, Bkt: BktAtOnce, ForgettingBkt: BktAtOnce, HierarchicalBkt: HierarchicalAtOnce}
)


def at_once(model: LearnerModel[StateT], world: World, n: int) -> LearnersAtOnce:
    """n new learners of that model, the fastest way there is."""
    return _FASTER.get(type(model), OneByOne)(model, world, n)
