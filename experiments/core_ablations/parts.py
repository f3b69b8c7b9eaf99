"""The parts of the core, and the core without each: hyperparameters that switch it off, or items that are fitted otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import numpy as np

from adaptive.models.state_space import StateSpaceIrt, fit, item_posterior, items
from adaptive.models.state_space.hyperparameters import DAY_ZERO
from adaptive.models.state_space.parameters import Fitted, Spreads
from adaptive.protocols import Codes, Floats

__all__ = ["PARTS", "Without"]

_FLAT = 100.0
"""Variance of items around their skills that shrinks nothing: a sd of 10 logits."""

_CONJUNCTIVE = 50.0
"""At this exponent a skill .1 logits weaker than the other has 99 % of the weight."""


@dataclass(frozen=True, slots=True)
class Without:
    """The core without a part: `off` are hyperparameters that are set and no longer fitted, `start` where others then start.

    `fitting` changes how items are fitted while it is open; `after` changes the fitted model.
    """

    off: dict[str, float] = field(default_factory=dict)
    start: dict[str, float] = field(default_factory=dict)
    fitting: Callable[[], AbstractContextManager[object]] = nullcontext
    after: Callable[[Fitted, Fitted], Fitted] = field(default=lambda fitted, _: fitted)
    drops_times: bool = False

    def codes(self, codes: Codes) -> Codes:
        """What it is fitted to and judged on."""
        return replace(codes, seconds=np.full(len(codes.seconds), np.nan)) if self.drops_times else codes

    def fitted(self, codes: Codes, whole: StateSpaceIrt | None) -> StateSpaceIrt:
        """Everything that remains is fitted again, hyperparameters and items; `whole` is the core with all its parts."""
        with self.fitting():
            day_zero = DAY_ZERO._replace(**self.start, **self.off)
            model = StateSpaceIrt(hyperparameters=day_zero, fixed=frozenset(self.off)).fit(_Table(self.codes(codes)))  # type: ignore[arg-type]
        changed = self.after(model.fitted, model.fitted if whole is None else whole.fitted)
        return type(model).from_parameters(replace(model.parameters(), arrays=changed.arrays()))


@dataclass(frozen=True, slots=True)
class _Table:
    """All that the core's fit asks of a table."""

    of_rows: Codes

    def codes(self) -> Codes:
        return self.of_rows


def _all_off(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 0.0)


def _alike() -> AbstractContextManager[object]:
    """Discriminations are clipped to those of the average item."""
    return patch.object(item_posterior, "_FARTHEST", 0.0)


def _at_one_rate() -> AbstractContextManager[object]:
    """All skills are learned at the rate that the gains say."""
    return patch.object(fit, "with_rates", lambda fitted, _: fitted)


@contextmanager
def _unshrunk() -> Iterator[None]:
    """Items are spread so widely around their skills that nothing pulls them there."""
    learned, first = items._pooled, Spreads()

    def pooled(squares: Floats, spread: float) -> float:
        return _FLAT if spread == first.item else learned(squares, spread)

    with patch.object(items, "_pooled", pooled):
        yield


def _new_items_as_in(fitted: Fitted, whole: Fitted) -> Fitted:
    """Items that nobody has met keep the pooled place and the spread of the whole model."""
    return replace(
        fitted, bank=replace(fitted.bank, spreads=whole.bank.spreads, shift=whole.bank.shift, shift_variance=whole.bank.shift_variance)
    )


def _sure(fitted: Fitted, _: Fitted) -> Fitted:
    """Forecasts take fitted difficulties for known."""
    return replace(fitted, bank=replace(fitted.bank, variance=np.zeros_like(fitted.bank.variance)))


_ONE_SD = float(np.hypot(DAY_ZERO.ability_sd, DAY_ZERO.skill_sd))

_LENT = ("skill_form_right", "skill_form_wrong", "skill_form_exposure")
_MEMORY = (
    *("memory_sd", "memory_right", "memory_wrong", "memory_exposure", "memory_gain_sd"),
    *("recent_right", "recent_wrong", "recent_exposure", "spacing"),
)

PARTS: dict[str, Without] = {
    "covariance (skills independent)": Without(_all_off("ability_sd"), start={"skill_sd": _ONE_SD}),
    "all that skills share (ability and form)": Without(_all_off("ability_sd", "form_sd"), start={"skill_sd": _ONE_SD}),
    "skills (one ability)": Without(_all_off("skill_sd", "skill_form_sd")),
    "learning": Without(_all_off("gain_right", "gain_wrong", "gain_exposure", "gain_sd")),
    "learning and what it lends": Without(_all_off("gain_right", "gain_wrong", "gain_exposure", "gain_sd", *_LENT)),
    "forgetting (times dropped)": Without(drops_times=True),
    "forgetting of skills": Without(_all_off("skill_forgetting")),
    "forgetting of form in skills": Without(_all_off("skill_form_forgetting")),
    "forgetting of items": Without(_all_off("memory_forgetting")),
    "item memory": Without(_all_off(*_MEMORY)),
    "what is left in mind of the last meeting": Without(_all_off("recent_right", "recent_wrong", "recent_exposure")),
    "spacing": Without(_all_off("spacing")),
    "massing": Without(_all_off("massing")),
    "rate of learning of the learner": Without(_all_off("rate_sd")),
    "rates of learning of skills": Without(fitting=_at_one_rate),
    "challenge": Without(_all_off("challenge")),
    "readiness": Without(_all_off("gate")),
    "what practice lends to form": Without(_all_off(*_LENT)),
    "form of the learner": Without(_all_off("form_sd")),
    "form of the skill": Without(_all_off("skill_form_sd", *_LENT)),
    "both forms": Without(_all_off("form_sd", "skill_form_sd", *_LENT)),
    "discrimination": Without(fitting=_alike),
    "item shrinkage": Without(fitting=_unshrunk, after=_new_items_as_in),
    "item variance in forecasts": Without(after=_sure),
    "guessing": Without(_all_off("guess")),
    "weakest skill: mean instead": Without({"weakest": 0.0}),
    "weakest skill: it alone": Without({"weakest": _CONJUNCTIVE}),
}
"""By what is left out."""
