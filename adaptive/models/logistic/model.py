"""Logistic regression on who the learner is so far and what the item is: BestLR (Gervet et al. 2020) with recency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import mul
from typing import Any, ClassVar

import immutables

from adaptive.domain import Attempt
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.base import Regression, unsure_of
from adaptive.models.logistic.effects import Effects
from adaptive.models.logistic.features import EMPTY, LogisticState, Record, features, remember
from adaptive.models.logistic.fit import DAY_ZERO_WEIGHTS, Weights, design_of, fit_weights, log_loss
from adaptive.models.placed import Placed
from adaptive.protocols import AbilityPrior

__all__ = ["Logistic"]


class Logistic(Regression[LogisticState, Weights]):
    """logit p = bias + item + mean over skills(skill) + features in all, on the skills and on the item.

    What stands behind intervals, mastery and placement is `Regression`'s.
    Hinted answers, retries and study rows are exposure: counted, never a label (on the cloze set, mean AUC of five
    folds: counted .8605, ignored .8607, counted as right .8574).

    >>> from adaptive.protocols import Items
    >>> model = Logistic()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("fractions",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "logistic"
    summary: ClassVar[str] = "logistic regression on items, skills, counts, recency and time lags (BestLR)"
    day_zero_weights: ClassVar[Weights] = DAY_ZERO_WEIGHTS
    why_correct_can_lower_mastery: ClassVar[str] = (
        "regression weights are free in sign: a learner's very first answer can cost more than being right gains "
        "(none of 2,699 right answers on ASSISTments 2009 lowered mastery, 5 of 766 on Statics 2011)"
    )

    def _become(self, effects: Effects[Weights], training_log_loss: float) -> None:
        super()._become(effects, training_log_loss)
        weights = effects.weights
        self._total_weights, self._skill_weights, self._item_weights = weights.total.tolist(), weights.skill.tolist(), weights.item.tolist()

    def initial_state(self, prior: AbilityPrior | None = None) -> LogisticState:
        """No attempts, and the placement."""
        return LogisticState(placed=Placed.of(prior))

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

    def _remember(self, state: LogisticState, attempt: Attempt) -> LogisticState:
        return remember(state, attempt)

    def _fitted_weights(
        self, walks: Iterable[Iterable[tuple[LogisticState, Attempt]]], difficulties: Difficulties
    ) -> tuple[Weights, float] | None:
        design = design_of(walks, difficulties)
        if len(design.score) == 0:
            return None
        weights = fit_weights(design)
        return weights, log_loss(weights, design)

    def _of_skills(self, state: LogisticState, skill_ids: tuple[str, ...], seconds: float | None) -> tuple[list[float], list[float]]:
        step, total = state.n_attempts, state.total
        in_all = sum(map(mul, self._total_weights, features(total, step, seconds)))
        logits, variances = [], []
        for skill_id in skill_ids:
            record = state.skills.get(skill_id, EMPTY)
            logits.append(in_all + sum(map(mul, self._skill_weights, features(record, step, seconds))))
            variances.append(unsure_of(total.wins + total.losses, record.wins + record.losses))
        return logits, variances

    def _of_item(self, state: LogisticState, item_id: str, seconds: float | None) -> float:
        of_item: float = sum(map(mul, self._item_weights, features(state.items[item_id], state.n_attempts, seconds)))
        return of_item
