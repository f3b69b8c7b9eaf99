"""A model under check, and the words in which a check says what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeAlias

import numpy as np

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models.checks.data import tiny_attempts
from adaptive.models.replay import forecast
from adaptive.protocols import Floats, Items, LearnerModel, Skills

__all__ = ["AnyModel", "ContractBroken", "Subject", "losses", "require", "require_equal", "require_sound", "state_text", "table_of"]

AnyModel: TypeAlias = LearnerModel[Any]  # Any: a check never looks into a state


class ContractBroken(AssertionError):
    """A model does not do what every learner model does; the message says what, and where."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A model under check: how to build it, and one fitted on generated attempts, `histories`."""

    build: Callable[[], AnyModel]
    fitted: AnyModel
    histories: Sequence[Sequence[Attempt]]
    table: AttemptTable

    @classmethod
    def of(cls, build: Callable[[], AnyModel], *, seed: int = 0) -> Self:
        """The model fitted on a table with every kind of attempt."""
        table = table_of(tiny_attempts(np.random.default_rng(seed)))
        return cls(build, build().fit(table), [history for _, history in table.histories()], table)

    def stages(self) -> tuple[AnyModel, ...]:
        """The model before any data, fitted on none, and fitted."""
        return (self.build(), self.build().fit(AttemptTable.from_attempts([])), self.fitted)


def require(claim: bool, message: str) -> None:  # noqa: FBT001 - the claim is the subject
    """Raise ContractBroken with the message unless the claim holds."""
    if not claim:
        raise ContractBroken(message)


def require_equal(found: Any, expected: Any, message: str) -> None:  # Any: arrays of numbers or strings
    """Raise ContractBroken with the message unless the arrays are equal, bit for bit."""
    if not np.array_equal(found, expected, equal_nan=np.asarray(found).dtype.kind == "f"):
        raise ContractBroken(message)


def require_sound(model: AnyModel, state: Any, items: Items, skills: Skills) -> None:  # Any: a state of any model
    """Raise ContractBroken unless forecasts and mastery are probabilities within their intervals, with times and without."""
    at = datetime(2026, 6, 1, tzinfo=UTC)
    for when in (None, at):
        forecasts, mastery = model.predict(state, items, when), model.mastery(state, skills, when)
        for values, low, high, n in (
            (forecasts.p_correct, forecasts.low, forecasts.high, len(items)),
            (mastery.expected_success, mastery.low, mastery.high, len(skills)),
        ):
            require(values.shape == low.shape == high.shape == (n,), f"an answer must have one value per item or skill; got {values.shape}")
            require(bool(np.all((values > 0.0) & (values < 1.0))), "P(correct) and expected success must lie in (0, 1)")
            require(bool(np.all((low <= values) & (values <= high) & (low >= 0.0) & (high <= 1.0))), "an interval must hold its mean")
        require(bool(np.all((mastery.p_mastered >= 0.0) & (mastery.p_mastered <= 1.0))), "P(mastered) must lie in [0, 1]")


def table_of(histories: Sequence[Sequence[Attempt]]) -> AttemptTable:
    """The histories as a table."""
    return AttemptTable.from_attempts(attempt for history in histories for attempt in history)


def state_text(model: AnyModel, state: Any) -> str:  # Any: a state of any model
    """The state as JSON text."""
    return json.dumps(model.encode_state(state))


def losses(model: AnyModel, histories: Sequence[Sequence[Attempt]]) -> Floats:
    """Log loss of each piece of evidence."""
    p_correct = np.concatenate([forecast(model, history) for history in histories])
    score = np.array([attempt.correct if attempt.is_evidence else np.nan for history in histories for attempt in history], dtype=np.float64)
    p_correct, score = p_correct[~np.isnan(score)], score[~np.isnan(score)]
    return np.asarray(-(score * np.log(p_correct) + (1.0 - score) * np.log1p(-p_correct)), dtype=np.float64)
