"""Item response theory: one ability a learner, which answers reveal and nothing changes (Rasch 1960, Birnbaum 1968)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.models.irt.answers import mean_log_loss
from adaptive.models.irt.calibration import Calibration
from adaptive.models.irt.curves import LOG_PRIOR, Curves, bounded, normalised
from adaptive.models.irt.fit import ItemBank, fit_bank
from adaptive.models.irt.parameters import TWO_PARAMETER, IrtSettings
from adaptive.models.irt.placement import placed_log_weights
from adaptive.protocols import AbilityPrior, AttemptTable, Floats, Forecast, Items, Mastery, Parameters, Skills

__all__ = ["Irt", "IrtState"]

_POPULATION = tuple(LOG_PRIOR.tolist())


@dataclass(frozen=True, slots=True)
class IrtState:
    """The posterior of ability: log weights on `curves.NODES`, whose exponentials sum to 1."""

    log_weights: tuple[float, ...] = _POPULATION


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Items or skills as curves, with P(correct) on every node, (n, n_nodes)."""

    curves: Curves
    success: Floats


class Irt:
    """P(correct) = guess + (1 - guess) expit(discrimination (ability - difficulty)), with ability N(0, 1) in the population.

    How many of the three an item has is the settings' to say; two unless said otherwise, which forecast best: log loss on
    fold 1 of ASSISTments 2009 .5439 with one, .5427 with two, .5427 with three; on Eedi .5548, .5536, .5532. Items are
    fitted by marginal likelihood under hierarchical priors (`density`, `spreads`); what remains unsure of an item
    flattens its curve and widens its interval. A learner is a posterior on a grid of abilities, moved by evidence alone:
    exposure teaches nothing here, and time changes nothing.

    >>> model = Irt()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("ratios",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "irt"
    summary: ClassVar[str] = "item response theory: one ability a learner, calibrated items; nothing is learned or forgotten"
    settings_of_class: ClassVar[IrtSettings] = TWO_PARAMETER

    def __init__(self, catalog: Catalog | None = None, settings: IrtSettings | None = None) -> None:
        chosen, difficulties = settings or self.settings_of_class, Difficulties.of(catalog)
        self._become(ItemBank.day_zero(Vocabulary(difficulties.skills.ids), chosen), difficulties, chosen, float("nan"))

    def _become(self, bank: ItemBank, difficulties: Difficulties, settings: IrtSettings, training_log_loss: float) -> None:
        self.bank, self.settings, self.training_log_loss = bank, settings, training_log_loss
        self._difficulties, self._known = difficulties, bank.known()
        self._items, self._skills = Cached(self._asked_items), Cached(self._asked_skills)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - the start is fixed
        """The items that these attempts ask for; without any evidence, those of day zero."""
        fitted = type(self)(settings=self.settings)
        bank, answers = fit_bank(attempts.codes(), self._difficulties, self.settings)
        fitted._become(bank, self._difficulties, self.settings, mean_log_loss(answers, bank.known()))
        return fitted

    def calibration(self) -> Calibration:
        """The items of the table with difficulty, discrimination and guess, and how sure each is."""
        return Calibration.of(self.bank)

    def initial_state(self, prior: AbilityPrior | None = None) -> IrtState:
        """The population, or the placement as one ability."""
        if prior is None or not prior.skill_ids:
            return IrtState()
        return IrtState(tuple(placed_log_weights(prior, self.bank.typical(prior.skill_ids, self._difficulties)).tolist()))

    def update(self, state: IrtState, attempt: Attempt) -> IrtState:
        """Bayes' rule on every node; the same state where the attempt is no evidence."""
        if not attempt.is_evidence or attempt.correct is None:
            return state
        curve = self._curve(attempt)
        log_success, log_failure = np.log(curve.success()[0]), np.log(curve.failure()[0])
        moved = np.array(state.log_weights) + attempt.correct * log_success + (1.0 - attempt.correct) * log_failure
        return IrtState(tuple(normalised(moved).tolist()))

    def predict(self, state: IrtState, items: Items, at: datetime | None) -> Forecast:  # noqa: ARG002 - time moves nothing here
        """P(correct) of each item, averaged over ability and over what is unsure of the item."""
        asked, log_weights = self._items(items), np.array(state.log_weights)
        p_correct = bounded(asked.success @ np.exp(log_weights))
        return Forecast(p_correct, *asked.curves.interval(log_weights, p_correct))

    def mastery(self, state: IrtState, skills: Skills, at: datetime | None) -> Mastery:  # noqa: ARG002 - time moves nothing here
        """P(success on the skill's typical item >= MASTERED_AT)."""
        asked, log_weights = self._skills(skills), np.array(state.log_weights)
        weights = np.exp(log_weights)
        expected = bounded(asked.success @ weights)
        p_mastered = np.clip(asked.curves.mastered() @ weights, 0.0, 1.0)
        return Mastery(skills.skill_ids, p_mastered, expected, *asked.curves.interval(log_weights, expected))

    def encode_state(self, state: IrtState) -> dict[str, Any]:  # Any: JSON values
        """The log weights."""
        return {"log_weights": list(state.log_weights)}

    def decode_state(self, encoded: Mapping[str, Any]) -> IrtState:  # Any: JSON values
        """What `encode_state` wrote."""
        return IrtState(tuple(encoded["log_weights"]))

    def parameters(self) -> Parameters:
        """The bank, the stated difficulties, and the settings of the fit."""
        arrays = {**self.bank.arrays(), **self._difficulties.arrays(), "training_log_loss": np.array(self.training_log_loss)}
        return Parameters(self.settings.to_json(), arrays)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, settings = parameters.arrays, IrtSettings.from_json(parameters.settings)
        fitted = cls(settings=settings)
        fitted._become(ItemBank.from_arrays(arrays), Difficulties.from_arrays(arrays), settings, float(arrays["training_log_loss"]))
        return fitted

    def _asked_items(self, items: Items) -> _Asked:
        curves = self.bank.curves(items, self._difficulties)
        return _Asked(curves, curves.success())

    def _asked_skills(self, skills: Skills) -> _Asked:
        curves = self.bank.typical(skills.skill_ids, self._difficulties)
        return _Asked(curves, curves.success())

    def _curve(self, attempt: Attempt) -> Curves:
        """The one item as a curve; a fitted one is looked up at once."""
        code = self.bank.items.index.get(attempt.item_id)
        if code is not None:
            return self._known.take(np.array([code]))
        return self.bank.curves(Items((attempt.item_id,), (attempt.skill_ids,)), self._difficulties)
