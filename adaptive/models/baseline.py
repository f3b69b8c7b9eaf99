"""Item and skill means with shrinkage: what the item says on average, whoever answers. The figure to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, ItemColumns, Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.models.means import NO_ATTEMPTS, Means, shrunken_means, unseen_items
from adaptive.models.normal_logit import POPULATION_VARIANCE, interval, p_mastered
from adaptive.models.placed import Placed
from adaptive.protocols import AbilityPrior, AttemptTable, Codes, Floats, Forecast, Items, Mastery, Parameters, Skills

__all__ = ["Baseline", "BaselineState"]


@dataclass(frozen=True, slots=True)
class BaselineState:
    """Nothing but the placement: the baseline does not learn who answers."""

    placed: Placed = field(default_factory=Placed)


class Baseline:
    """P(correct) = the item's mean drawn towards its skill's, that towards the mean of all; a placement shifts the logit.

    The shrinkage is that of `means.shrunken_means`.
    A learner without a placement gets the population's spread, N(0, 1) logits, however much they practise.

    >>> from adaptive.models import replay
    >>> model = Baseline()
    >>> model.predict(model.initial_state(), Items(("q1",), (("fractions",),)), None).p_correct
    array([0.5])
    """

    name: ClassVar[str] = "baseline"
    summary: ClassVar[str] = "item mean drawn towards its skill's mean; does not learn who answers"

    def __init__(self, catalog: Catalog | None = None) -> None:
        difficulties = Difficulties.of(catalog)
        self._become(difficulties, shrunken_means(difficulties, NO_ATTEMPTS), float("nan"))

    def _become(self, difficulties: Difficulties, means: Means, training_log_loss: float) -> None:
        self._difficulties, self._means, self.training_log_loss = difficulties, means, training_log_loss
        self._columns = Cached(self._columns_of)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn
        """The means of these attempts."""
        codes = attempts.codes()
        fitted = type(self)()
        fitted._become(self._difficulties, shrunken_means(self._difficulties, codes), float("nan"))
        fitted.training_log_loss = fitted._log_loss(codes)
        return fitted

    def initial_state(self, prior: AbilityPrior | None = None) -> BaselineState:
        """The placement."""
        return BaselineState(Placed.of(prior))

    def update(self, state: BaselineState, attempt: Attempt) -> BaselineState:
        """The same state, but for a placement on the attempt's skills, which evidence moves."""
        if not (attempt.is_evidence and attempt.correct is not None and any(id_ in state.placed.skills for id_ in attempt.skill_ids)):
            return state
        items = Items((attempt.item_id,), (attempt.skill_ids,))
        p_correct = float(self.predict(state, items, attempt.occurred_at).p_correct[0])
        return BaselineState(state.placed.after(attempt.skill_ids, p_correct=p_correct, score=attempt.correct))

    def predict(self, state: BaselineState, items: Items, at: datetime | None) -> Forecast:  # noqa: ARG002 - time moves nothing here
        """The items' means, shifted by the placement, with the spread of learners as interval."""
        columns, logits = self._columns(items)
        offset, variance = self._learner(state, Skills(columns.skill_ids))
        logits = logits + columns.mean_over_skills(offset)
        low, high = interval(logits, columns.mean_over_skills(variance))
        return Forecast(expit(logits), low, high)

    def mastery(self, state: BaselineState, skills: Skills, at: datetime | None) -> Mastery:  # noqa: ARG002 - time moves nothing here
        """Who in the population, or in the placement's spread, succeeds on the skill's mean item often enough."""
        offset, variance = self._learner(state, skills)
        logits = self._skill_logits(skills) + offset
        low, high = interval(logits, variance)
        return Mastery(skills.skill_ids, p_mastered(logits, variance), expit(logits), low, high)

    def encode_state(self, state: BaselineState) -> dict[str, Any]:  # Any: JSON values
        """The placement."""
        return {"placed": state.placed.encode()}

    def decode_state(self, encoded: Mapping[str, Any]) -> BaselineState:  # Any: JSON values
        """What `encode_state` wrote."""
        return BaselineState(Placed.decode(encoded["placed"]))

    def parameters(self) -> Parameters:
        """The means, and the difficulties that they started from."""
        means = self._means
        arrays: dict[str, NDArray[Any]] = {"skill_ids": means.skills.array(), "item_ids": means.items.array()}  # Any: numbers and bytes
        arrays |= {"skill_logit": means.skill_logit, "skill_shift": means.skill_shift, "item_logit": means.item_logit}
        arrays |= {"overall_logit": np.array(means.overall), "training_log_loss": np.array(self.training_log_loss)}
        return Parameters({}, {**arrays, **self._difficulties.arrays()})

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, fitted = parameters.arrays, cls()
        skills, items = (Vocabulary.of_array(arrays[name]) for name in ("skill_ids", "item_ids"))
        overall = float(arrays["overall_logit"])
        means = Means(overall, skills, arrays["skill_logit"], arrays["skill_shift"], items, arrays["item_logit"])
        fitted._become(Difficulties.from_arrays(arrays), means, float(arrays["training_log_loss"]))
        return fitted

    def _skill_logits(self, skills: Skills) -> Floats:
        return self._means.skills.look_up(self._means.skill_logit, skills.skill_ids, default=self._means.overall)

    def _learner(self, state: BaselineState, skills: Skills) -> tuple[Floats, Floats]:
        """What the placement adds to the logit of each skill's mean item, and its variance, each (n_skills,)."""
        placed, variance = state.placed.marginals(skills.skill_ids)
        is_placed = ~np.isnan(placed)
        offset = np.where(is_placed, placed - self._skill_logits(skills), 0.0)
        return offset, np.where(is_placed, variance, POPULATION_VARIANCE)

    def _columns_of(self, items: Items) -> tuple[ItemColumns, Floats]:
        columns, means = ItemColumns.of(items), self._means
        own = means.items.look_up(means.item_logit, columns.item_ids, default=np.nan)[columns.item]
        of_skills = columns.mean_over_skills(self._skill_logits(Skills(columns.skill_ids)))
        shift = columns.mean_over_skills(means.skills.look_up(means.skill_shift, columns.skill_ids, default=0.0))
        stated = self._difficulties.item_logits(columns.item_ids)[columns.item]
        return columns, np.where(np.isnan(own), unseen_items(stated, of_skills, shift), own)

    def _log_loss(self, codes: Codes) -> float:
        """Mean log loss on the table's evidence, NaN without any."""
        scored, logits = codes.correct[codes.evidence], self._means.item_logit[codes.item[codes.evidence]]
        return float(np.mean(np.logaddexp(0.0, logits) - scored * logits)) if len(scored) else float("nan")
