"""Logistic regression on who the learner is so far and what the item is: BestLR (Gervet et al. 2020) with recency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import mul
from typing import Any, ClassVar, Self

import immutables
import numpy as np
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, seconds_of
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.effects import Effects, ItemEffects, SkillEffects
from adaptive.models.logistic.features import EMPTY, LogisticState, Record, features, remember
from adaptive.models.logistic.fit import DAY_ZERO_WEIGHTS, Weights, design_of, fit_weights, log_loss
from adaptive.models.normal_logit import ANSWER_INFORMATION, interval, p_mastered
from adaptive.models.placed import MEMORY_ANSWERS, Placed
from adaptive.models.replay import walk
from adaptive.protocols import AbilityPrior, AttemptTable, Floats, Forecast, Items, Mastery, Parameters, Skills

__all__ = ["Logistic"]

_ABILITY_VARIANCE, _SKILL_VARIANCE = 0.6, 0.4
"""How the population's variance of 1 splits into what a learner's skills share and what each has of its own."""


class Logistic:
    """logit p = bias + item + mean over skills(skill) + features in all, on the skills and on the item.

    Intervals and mastery rest on a normal approximation on the logit (`normal_logit`): its variance is what remains of
    the population's after the learner's answers in all and on the skill (25 at most count, .2 of information each),
    plus what is unsure about item and skill. On a placed skill the placement as answers moved it (`placed`) stands in
    the place of the features in all and on the skill, which would tell once more what it and its answers have said.
    Hinted answers, retries and study rows are exposure: counted, never a label (on the cloze set, mean AUC of five
    folds: counted .8605, ignored .8607, counted as right .8574).

    >>> model = Logistic()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("fractions",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "logistic"
    summary: ClassVar[str] = "logistic regression on items, skills, counts, recency and time lags (BestLR)"
    why_correct_can_lower_mastery: ClassVar[str] = (
        "regression weights are free in sign: a learner's very first answer can cost more than being right gains "
        "(none of 2,699 right answers on ASSISTments 2009 lowered mastery, 5 of 766 on Statics 2011)"
    )

    def __init__(self, catalog: Catalog | None = None) -> None:
        self._become(Effects(DAY_ZERO_WEIGHTS, Difficulties.of(catalog)), float("nan"))

    def _become(self, effects: Effects, training_log_loss: float) -> None:
        self._effects, self.training_log_loss = effects, training_log_loss
        self._items, self._skills = Cached(effects.of_items), Cached(effects.of_skills)
        weights = effects.weights
        self._total_weights, self._skill_weights, self._item_weights = weights.total.tolist(), weights.skill.tolist(), weights.item.tolist()

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn
        """The weights for these attempts; without any evidence, those of day zero."""
        difficulties = self._effects.difficulties
        unplaced = type(self)()  # features do not depend on the weights
        design = design_of((walk(unplaced, history) for _, history in attempts.histories()), difficulties)
        fitted = type(self)()
        if len(design.score) == 0:
            fitted._become(Effects(DAY_ZERO_WEIGHTS, difficulties), float("nan"))
            return fitted
        weights = fit_weights(design)
        fitted._become(Effects(weights, difficulties), log_loss(weights, design))
        return fitted

    def initial_state(self, prior: AbilityPrior | None = None) -> LogisticState:
        """No attempts, and the placement."""
        return LogisticState(placed=Placed.of(prior))

    def update(self, state: LogisticState, attempt: Attempt) -> LogisticState:
        """The records after the attempt; evidence on a placed skill also moves the placement."""
        after = remember(state, attempt)
        if not (attempt.is_evidence and attempt.correct is not None and any(id_ in state.placed.skills for id_ in attempt.skill_ids)):
            return after
        items = Items((attempt.item_id,), (attempt.skill_ids,))
        p_correct = float(self.predict(state, items, attempt.occurred_at).p_correct[0])
        return replace(after, placed=state.placed.after(attempt.skill_ids, p_correct=p_correct, score=attempt.correct))

    def predict(self, state: LogisticState, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item; elapsed time counts where `at` and the time of the last attempt are known."""
        effects, seconds = self._items(items), seconds_of(at)
        columns = effects.columns
        skill_logit, skill_variance = self._of_learner(state, columns.skill_ids, effects.skills, seconds)
        of_item = self._of_items(state, effects, seconds)
        logits = effects.base + columns.mean_over_skills(skill_logit) + of_item[columns.item]
        low, high = interval(logits, columns.mean_over_skills(skill_variance) + effects.variance)
        return Forecast(expit(logits), low, high)

    def mastery(self, state: LogisticState, skills: Skills, at: datetime | None) -> Mastery:
        """P(expected success on the skill's typical item, not met before, is at least MASTERED_AT)."""
        effects = self._skills(skills)
        learner, variance = self._of_learner(state, skills.skill_ids, effects, seconds_of(at))
        logits = effects.base + learner
        low, high = interval(logits, variance)
        return Mastery(skills.skill_ids, p_mastered(logits, variance), expit(logits), low, high)

    def encode_state(self, state: LogisticState) -> dict[str, Any]:  # Any: JSON values
        """Records as lists, ids in order."""
        return {
            "n_attempts": state.n_attempts,
            "total": list(state.total),
            "skills": {skill_id: list(state.skills[skill_id]) for skill_id in sorted(state.skills)},
            "items": {item_id: list(state.items[item_id]) for item_id in sorted(state.items)},
            "placed": state.placed.encode(),
        }

    def decode_state(self, encoded: Mapping[str, Any]) -> LogisticState:  # Any: JSON values
        """What `encode_state` wrote."""
        skills, items = (immutables.Map({id_: Record(*values) for id_, values in encoded[name].items()}) for name in ("skills", "items"))
        return LogisticState(encoded["n_attempts"], Record(*encoded["total"]), skills, items, Placed.decode(encoded["placed"]))

    def parameters(self) -> Parameters:
        """Weights and stated difficulties."""
        arrays = {**self._effects.weights.arrays(), **self._effects.difficulties.arrays()}
        return Parameters({}, {**arrays, "training_log_loss": np.array(self.training_log_loss)})

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, fitted = parameters.arrays, cls()
        fitted._become(Effects(Weights.from_arrays(arrays), Difficulties.from_arrays(arrays)), float(arrays["training_log_loss"]))
        return fitted

    def _of_learner(
        self, state: LogisticState, skill_ids: tuple[str, ...], effects: SkillEffects, seconds: float | None
    ) -> tuple[Floats, Floats]:
        """What the learner adds to each skill's logit, and the variance of it, each (n_skills,)."""
        step, total = state.n_attempts, state.total
        in_all = sum(map(mul, self._total_weights, features(total, step, seconds)))
        ability = _remaining(_ABILITY_VARIANCE, total)
        logits, variances = [], []
        for skill_id in skill_ids:
            record = state.skills.get(skill_id, EMPTY)
            logits.append(in_all + sum(map(mul, self._skill_weights, features(record, step, seconds))))
            variances.append(ability + _remaining(_SKILL_VARIANCE, record))
        of_learner, unsure = np.array(logits), np.array(variances) + effects.variance
        if not state.placed.skills:
            return of_learner, unsure
        placed, placed_variance = state.placed.marginals(skill_ids)
        is_placed = ~np.isnan(placed)
        return np.where(is_placed, placed - effects.base, of_learner), np.where(is_placed, placed_variance, unsure)

    def _of_items(self, state: LogisticState, effects: ItemEffects, seconds: float | None) -> Floats:
        """What earlier meetings add to each distinct item's logit, (n_distinct,)."""
        columns, logits = effects.columns, np.zeros(len(effects.columns.item_ids))
        met, asked = state.items, columns.item_index
        for item_id in met if len(met) < len(asked) else asked:
            if item_id in asked and item_id in met:
                logits[asked[item_id]] = sum(map(mul, self._item_weights, features(met[item_id], state.n_attempts, seconds)))
        return logits


def _remaining(variance: float, record: Record) -> float:
    """What is left of a variance after the answers in the record."""
    answers = min(record.wins + record.losses, MEMORY_ANSWERS)
    return variance / (1.0 + ANSWER_INFORMATION * variance * answers)
