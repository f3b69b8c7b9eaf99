"""The core with a recurrent network on top: what the state-space model leaves unexplained, a small GRU forecasts."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from math import nan
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy.special import expit, logit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, seconds_of
from adaptive.models.fitting import FitObserver, SearchRange, Silent
from adaptive.models.normal_logit import attenuation, interval
from adaptive.models.recurrent.asking import AskedAttempt, AskedItems, after_attempt, core_logits, trail_residuals
from adaptive.models.recurrent.draws import shifted
from adaptive.models.recurrent.ensemble import Ensemble
from adaptive.models.recurrent.layers import Layers
from adaptive.models.recurrent.settings import SEARCH_SPACE, NetworkSettings
from adaptive.models.recurrent.trail import Trail
from adaptive.models.state_space import StateSpaceIrt, StateSpaceState
from adaptive.protocols import AbilityPrior, AttemptTable, Draws, Floats, Forecast, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = ["Recurrent", "RecurrentState"]

_ITEMS_AT_HAND: Final = 16384
"""Items that a model keeps ready for `update`, under 1 KB each; preparing one takes as long as the update itself."""

_LEAST_KNOWN: Final = 1e-9
"""Where a network forecasts less than guessing gives."""


@dataclass(frozen=True, slots=True)
class RecurrentState:
    """The core's state, the history as numbers, and the networks' memory: doubles, little endian, of all members in turn."""

    core: StateSpaceState
    trail: Trail = field(default_factory=Trail)
    memory: bytes = b""


class Recurrent:
    """logit p = core's logit + GRU's residual (`Weights` has the equations). Mastery, intervals, draws and gains are the core's.

    The network sees the core's forecast of learners that the core's items were not fitted on (ten groups of learners),
    so that it learns from errors as it will meet them. It stops early by the log loss on a tenth of the learners.
    Its state is of constant size, and one code steps through it in training's last pass, in evaluation and in service.

    >>> model = Recurrent()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("fractions",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "recurrent"
    summary: ClassVar[str] = "state_space_irt with a small recurrent network for what it leaves unexplained"
    why_correct_can_lower_mastery: ClassVar[str] = StateSpaceIrt.why_correct_can_lower_mastery
    search_space: ClassVar[Mapping[str, SearchRange]] = SEARCH_SPACE
    n_members: ClassVar[int] = 1

    def __init__(self, catalog: Catalog | None = None, settings: NetworkSettings | None = None) -> None:
        self._become(StateSpaceIrt(catalog), Ensemble(), settings or NetworkSettings(), nan)

    def _become(self, core: StateSpaceIrt, ensemble: Ensemble, settings: NetworkSettings, training_log_loss: float) -> Self:
        self.core, self.ensemble, self.settings, self.training_log_loss = core, ensemble, settings, training_log_loss
        self._layers = Layers.of(ensemble)
        self._items: Cached[Items, AskedItems] = Cached(self._asked_items)
        self._of_attempt = lru_cache(_ITEMS_AT_HAND)(lambda item_id, skill_ids: AskedAttempt.of(item_id, skill_ids, core, ensemble))
        return self

    def _asked_items(self, items: Items) -> AskedItems:
        if items.within is not None:
            whole, places = items.within
            return self._items(whole).take(places)
        return AskedItems.of(items, self.core, self.ensemble)

    def with_settings(self, settings: Mapping[str, float]) -> Self:
        """An unfitted copy with these of `search_space`. Raises UnknownName."""
        return type(self)()._become(self.core, Ensemble(), self.settings.with_values(settings), nan)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """The core, then the network on what it leaves; without any evidence, day zero."""
        return self.fit_observed(attempts, seed=seed, observer=Silent())

    def fit_observed(self, attempts: AttemptTable, *, seed: int, observer: FitObserver) -> Self:
        """`fit`, watched: an epoch at a time, each with a checkpoint."""
        from adaptive.models.recurrent.fit import fit_ensemble, log_loss  # noqa: PLC0415 - torch takes two seconds to load

        codes, core = attempts.codes(), self.core.fit(attempts, seed=seed)
        ensemble = fit_ensemble(core, codes, self.settings, n_members=self.n_members, seed=seed, observer=observer)
        return type(self)()._become(core, ensemble, self.settings, log_loss(core, ensemble, codes, self.settings))

    def initial_state(self, prior: AbilityPrior | None = None) -> RecurrentState:
        """The core's, an empty history and an empty memory."""
        return RecurrentState(self.core.initial_state(prior), Trail(), bytes(8 * self._layers.n_memory))

    def update(self, state: RecurrentState, attempt: Attempt) -> RecurrentState:
        """Core, history and memory after the attempt."""
        asked, score = self._of_attempt(attempt.item_id, attempt.skill_ids), nan
        if attempt.is_evidence and attempt.correct is not None:
            score = attempt.correct
        core, mean, variance = self.core.update_with_forecast(state.core, attempt)
        answer = (score, seconds_of(attempt.occurred_at))
        return RecurrentState(core, *after_attempt(state.trail, state.memory, asked, answer, (mean, variance), self._layers))

    def predict(self, state: RecurrentState, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item, with the core's spread around it, above what guessing gives."""
        logits, mean, variance = self._logits(state, items, at)
        p_correct, guess, unsure = expit(logits), self._items(items).rows.guess, self.core.interval_variance(items, mean, variance)
        known = np.clip((p_correct - guess) / (1.0 - guess), _LEAST_KNOWN, 1.0 - _LEAST_KNOWN)  # P(correct) without guessing
        marginal = logit(known) * attenuation(variance) / attenuation(unsure)
        low, high = (guess + (1.0 - guess) * end for end in interval(marginal, unsure))
        return Forecast(p_correct, np.minimum(low, p_correct), np.maximum(high, p_correct))

    def item_logits(self, state: RecurrentState, items: Items, at: datetime | None) -> tuple[Floats, Floats]:
        """(n_items,) logit of P(correct), and the core's variance of the latent logit."""
        logits, _, variance = self._logits(state, items, at)
        return logits, variance

    def _logits(self, state: RecurrentState, items: Items, at: datetime | None) -> tuple[Floats, Floats, Floats]:
        """(n_items,) logit of P(correct), and mean and variance of the core's."""
        mean, variance = self.core.item_logits(state.core, items, at)
        asked = self._items(items)
        core = core_logits(mean, variance, asked)
        residual = trail_residuals(state.trail, state.memory, asked, core, seconds_of(at), self._layers)
        return self.ensemble.combination.logits(core[:, 0], residual), mean, variance

    def mastery(self, state: RecurrentState, skills: Skills, at: datetime | None) -> Mastery:
        """The core's: the network forecasts answers, and says nothing of ability."""
        return self.core.mastery(state.core, skills, at)

    def advance(self, state: RecurrentState, to: datetime) -> RecurrentState:
        """The state as of then."""
        return RecurrentState(self.core.advance(state.core, to), state.trail, state.memory)

    def draw(self, state: RecurrentState, items: Items, skills: Skills, *, n: int, at: datetime | None, rng: np.random.Generator) -> Draws:
        """The core's joint draws, those of items shifted by one logit offset an item to have this model's mean."""
        return shifted(self.core.draw(state.core, items, skills, n=n, at=at, rng=rng), self.predict(state, items, at).p_correct)

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): the core's."""
        return self.core.expected_gain(draws, items, horizon)

    def draw_skills(
        self, state: RecurrentState, skills: Skills, *, n: int, at: datetime | None, horizon: timedelta, seed: int
    ) -> SkillDraws:
        """The core's."""
        return self.core.draw_skills(state.core, skills, n=n, at=at, horizon=horizon, seed=seed)

    def encode_state(self, state: RecurrentState) -> dict[str, Any]:  # Any: JSON values
        """The core's state and the history as JSON values, the memory packed bit for bit."""
        return {
            "core": self.core.encode_state(state.core),
            "trail": state.trail.encode(),
            "memory": b64encode(state.memory).decode("ascii"),
        }

    def decode_state(self, encoded: Mapping[str, Any]) -> RecurrentState:  # Any: JSON values
        """What `encode_state` wrote."""
        return RecurrentState(self.core.decode_state(encoded["core"]), Trail.decode(encoded["trail"]), b64decode(encoded["memory"]))

    def parameters(self) -> Parameters:
        """The core's parameters, and the networks."""
        core = self.core.parameters()
        arrays = {f"core.{name}": array for name, array in core.arrays.items()}
        settings = {"core": dict(core.settings), "network": asdict(self.settings)}
        return Parameters(settings, {**arrays, **self.ensemble.arrays(), "training_log_loss": np.array(self.training_log_loss)})

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, settings = parameters.arrays, parameters.settings
        of_core = {name.removeprefix("core."): array for name, array in arrays.items() if name.startswith("core.")}
        core = StateSpaceIrt.from_parameters(Parameters(settings["core"], of_core))
        network = NetworkSettings.of_json(settings["network"])
        return cls()._become(core, Ensemble.from_arrays(arrays), network, float(arrays["training_log_loss"]))
