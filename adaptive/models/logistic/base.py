"""What the regressions share as models: forecasts, mastery and placement around what each remembers of a learner."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import immutables
import numpy as np
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, seconds_of
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.effects import Effects, ItemEffects, SkillEffects
from adaptive.models.logistic.regression import ItemWeights
from adaptive.models.normal_logit import ANSWER_INFORMATION, interval, p_mastered
from adaptive.models.placed import MEMORY_ANSWERS, Placed
from adaptive.models.replay import walk
from adaptive.protocols import AbilityPrior, AttemptTable, Floats, Forecast, Items, Mastery, Parameters, Skills

__all__ = ["Regression", "RegressionState", "unsure_of"]

_ABILITY_VARIANCE, _SKILL_VARIANCE = 0.6, 0.4
"""How the population's variance of 1 splits into what a learner's skills share and what each has of its own."""


class RegressionState(Protocol):
    """What every regression keeps of a learner: a dataclass with at least these."""

    @property
    def items(self) -> immutables.Map[str, Any]:  # Any: each regression has its own record of an item
        """The items met lately."""

    @property
    def placed(self) -> Placed:
        """The placement as answers left it."""


StateT = TypeVar("StateT", bound=RegressionState)
WeightsT = TypeVar("WeightsT", bound=ItemWeights)


class Regression(ABC, Generic[StateT, WeightsT]):
    """logit p = base of the item and its skills + mean over skills(what the learner adds) + what meeting the item left.

    Intervals and mastery rest on a normal approximation on the logit (`normal_logit`): its variance is what remains of
    the population's after the learner's answers in all and on the skill (25 at most count, .2 of information each),
    plus what is unsure about item and skill. On a placed skill the placement as answers moved it (`placed`) stands in
    the place of what the learner adds, which would tell once more what it and its answers have said.

    A subclass says what is remembered (`initial_state`, `_remember`), what of it adds to a skill (`_of_skills`) and to an
    item (`_of_item`), and how its weights are found (`_fitted_weights`).
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    day_zero_weights: ClassVar[Any]  # Any: the subclass's weights; a ClassVar cannot name a type variable
    why_correct_can_lower_mastery: ClassVar[str]

    def __init__(self, catalog: Catalog | None = None) -> None:
        self._become(Effects(self.day_zero_weights, Difficulties.of(catalog)), float("nan"))

    def _become(self, effects: Effects[WeightsT], training_log_loss: float) -> None:
        self._effects, self.training_log_loss = effects, training_log_loss
        self._items, self._skills = Cached(effects.of_items), Cached(effects.of_skills)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn
        """The weights for these attempts; without any evidence, those of day zero."""
        difficulties, fitted, unplaced = self._effects.difficulties, type(self)(), type(self)()  # what is remembered knows no weights
        found = self._fitted_weights((walk(unplaced, history) for _, history in attempts.histories()), difficulties)
        weights, training_log_loss = found or (self.day_zero_weights, float("nan"))
        fitted._become(Effects(weights, difficulties), training_log_loss)
        return fitted

    @abstractmethod
    def initial_state(self, prior: AbilityPrior | None = None) -> StateT:
        """No attempts, and the placement."""

    def update(self, state: StateT, attempt: Attempt) -> StateT:
        """The records after the attempt; evidence on a placed skill also moves the placement."""
        after = self._remember(state, attempt)
        if not (attempt.is_evidence and attempt.correct is not None and any(id_ in state.placed.skills for id_ in attempt.skill_ids)):
            return after
        items = Items((attempt.item_id,), (attempt.skill_ids,))
        p_correct = float(self.predict(state, items, attempt.occurred_at).p_correct[0])
        placed = state.placed.after(attempt.skill_ids, p_correct=p_correct, score=attempt.correct)
        return replace(after, placed=placed)  # type: ignore[type-var]  # every state here is a dataclass

    def predict(self, state: StateT, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item; elapsed time counts where `at` and the time of the last attempt are known."""
        effects, seconds = self._items(items), seconds_of(at)
        columns = effects.columns
        skill_logit, skill_variance = self._of_learner(state, columns.skill_ids, effects.skills, seconds)
        of_item = self._of_items(state, effects, seconds)
        logits = effects.base + columns.mean_over_skills(skill_logit) + of_item[columns.item]
        low, high = interval(logits, columns.mean_over_skills(skill_variance) + effects.variance)
        return Forecast(expit(logits), low, high)

    def mastery(self, state: StateT, skills: Skills, at: datetime | None) -> Mastery:
        """P(expected success on the skill's typical item, not met before, is at least MASTERED_AT)."""
        effects = self._skills(skills)
        learner, variance = self._of_learner(state, skills.skill_ids, effects, seconds_of(at))
        logits = effects.base + learner
        low, high = interval(logits, variance)
        return Mastery(skills.skill_ids, p_mastered(logits, variance), expit(logits), low, high)

    @abstractmethod
    def encode_state(self, state: StateT) -> dict[str, Any]:  # Any: JSON values
        """The state as JSON values."""

    @abstractmethod
    def decode_state(self, encoded: Mapping[str, Any]) -> StateT:  # Any: JSON values
        """What `encode_state` wrote."""

    def parameters(self) -> Parameters:
        """Weights and stated difficulties."""
        arrays = {**self._effects.weights.arrays(), **self._effects.difficulties.arrays()}
        return Parameters({}, {**arrays, "training_log_loss": np.array(self.training_log_loss)})

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, fitted = parameters.arrays, cls()
        weights = type(cls.day_zero_weights).from_arrays(arrays)
        fitted._become(Effects(weights, Difficulties.from_arrays(arrays)), float(arrays["training_log_loss"]))
        return fitted

    @abstractmethod
    def _remember(self, state: StateT, attempt: Attempt) -> StateT:
        """The state after the attempt, its placement aside."""

    @abstractmethod
    def _fitted_weights(
        self, walks: Iterable[Iterable[tuple[StateT, Attempt]]], difficulties: Difficulties
    ) -> tuple[WeightsT, float] | None:
        """The weights for the evidence of these walks and their log loss on it; None where there is none."""

    @abstractmethod
    def _of_skills(self, state: StateT, skill_ids: tuple[str, ...], seconds: float | None) -> tuple[list[float], list[float]]:
        """What the learner adds to each skill's logit, and the variance left in it."""

    @abstractmethod
    def _of_item(self, state: StateT, item_id: str, seconds: float | None) -> float:
        """What earlier meetings add to the logit of an item that the state remembers."""

    def _of_items(self, state: StateT, effects: ItemEffects, seconds: float | None) -> Floats:
        """What earlier meetings add to each distinct item's logit, (n_distinct,)."""
        columns, logits = effects.columns, np.zeros(len(effects.columns.item_ids))
        met, asked = state.items, columns.item_index
        for item_id in met if len(met) < len(asked) else asked:
            if item_id in asked and item_id in met:
                logits[asked[item_id]] = self._of_item(state, item_id, seconds)
        return logits

    def _of_learner(self, state: StateT, skill_ids: tuple[str, ...], effects: SkillEffects, seconds: float | None) -> tuple[Floats, Floats]:
        """What the learner or the placement adds to each skill's logit, and the variance of it, each (n_skills,)."""
        logits, variances = self._of_skills(state, skill_ids, seconds)
        of_learner, unsure = np.array(logits), np.array(variances) + effects.variance
        if not state.placed.skills:
            return of_learner, unsure
        placed, placed_variance = state.placed.marginals(skill_ids)
        is_placed = ~np.isnan(placed)
        return np.where(is_placed, placed - effects.base, of_learner), np.where(is_placed, placed_variance, unsure)


def unsure_of(n_in_all: float, n_on_skill: float) -> float:
    """What is left of the population's variance after so many answers in all and on the skill.

    >>> unsure_of(0, 0)
    1.0
    """
    return _remaining(_ABILITY_VARIANCE, n_in_all) + _remaining(_SKILL_VARIANCE, n_on_skill)


def _remaining(variance: float, n_answers: float) -> float:
    return variance / (1.0 + ANSWER_INFORMATION * variance * min(n_answers, MEMORY_ANSWERS))
