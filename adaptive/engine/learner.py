"""What the engine keeps of a learner: the model's state, tallies and standings per skill, and what was met lately.

All of it is a fold over the attempt log, so a snapshot is only a cache of `replay`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from immutables import Map

from adaptive.domain import Attempt
from adaptive.engine.standings import Awarding, Standings
from adaptive.protocols import AbilityPrior, LearnerModel

__all__ = ["FAILED_BELOW", "LearnerFold", "LearnerState", "Tally"]

StateT = TypeVar("StateT")

N_RECENT: Final = 100
"""Attempts remembered for the no-repeat rule; more within 24 hours than this is no practice session."""

FAILED_BELOW: Final = 0.5
"""A score below this is a failure: less than half of what there was to get."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Plain counts of a learner on one skill; `n_correct` sums scores."""

    n_attempts: int = 0
    n_correct: float = 0.0
    last_at: datetime | None = None

    def after(self, attempt: Attempt) -> Tally:
        """The tally with one more attempt; study rows and aided answers count as no attempt but move the time."""
        if not attempt.is_evidence:
            return Tally(self.n_attempts, self.n_correct, attempt.occurred_at)
        return Tally(self.n_attempts + 1, self.n_correct + (attempt.correct or 0.0), attempt.occurred_at)


@dataclass(frozen=True, slots=True)
class LearnerState(Generic[StateT]):
    """The model's state and the engine's own fold beside it. `last_key` orders the newest attempt, None before any.

    `standings` are what the mastery rule has made of the attempts: never moved by the estimate alone.
    `n_answered` attempts are evidence; the last `n_failures` of them in a row scored below FAILED_BELOW.
    """

    model_state: StateT
    tallies: Map[str, Tally]
    recent: tuple[tuple[str, datetime | None], ...] = ()
    last_key: tuple[datetime, int, str] | None = None
    standings: Standings = field(default_factory=Map)
    n_answered: int = 0
    n_failures: int = 0

    def tally(self, skill_id: str) -> Tally:
        """Counts on that skill, zeros where it was never met."""
        return self.tallies.get(skill_id, Tally())


@dataclass(frozen=True, slots=True, eq=False)
class LearnerFold(Generic[StateT]):
    """The fold that `replay` runs in the engine: the model's own update, the tallies and the standings, in one step.

    Without `awarding` no rule is kept.
    """

    model: LearnerModel[StateT]
    awarding: Awarding[StateT] | None = None

    def initial_state(self, prior: AbilityPrior | None = None) -> LearnerState[StateT]:
        """Before any attempt; a placement enters here."""
        return LearnerState(self.model.initial_state(prior), Map())

    def update(self, state: LearnerState[StateT], attempt: Attempt) -> LearnerState[StateT]:
        """The state after the attempt. Pure."""
        tallies = state.tallies.update({skill_id: state.tally(skill_id).after(attempt) for skill_id in attempt.skill_ids})
        recent = (*state.recent[-(N_RECENT - 1) :], (attempt.item_id, attempt.occurred_at))
        model_state, standings = self.model.update(state.model_state, attempt), state.standings
        if self.awarding is not None:
            standings = self.awarding.after(standings, attempt, model_state)
        n_answered, n_failures = _answers(state, attempt)
        return LearnerState(model_state, tallies, recent, attempt.order_key, standings, n_answered, n_failures)

    def encode(self, state: LearnerState[StateT]) -> dict[str, Any]:  # Any: JSON values
        """The state as JSON values that `decode` turns back into an equal state."""
        return {
            "model": self.model.encode_state(state.model_state),
            "tallies": {skill_id: [t.n_attempts, t.n_correct, _to_number(t.last_at)] for skill_id, t in sorted(state.tallies.items())},
            "recent": [[item_id, _to_number(at)] for item_id, at in state.recent],
            "last_key": None if state.last_key is None else [state.last_key[0].isoformat(), *state.last_key[1:]],
            "standings": dict(sorted(state.standings.items())),
            "answers": [state.n_answered, state.n_failures],
        }

    def decode(self, encoded: Mapping[str, Any]) -> LearnerState[StateT]:  # Any: JSON values
        """The state that `encode` wrote."""
        last_key = encoded["last_key"]
        return LearnerState(
            self.model.decode_state(encoded["model"]),
            Map({skill_id: Tally(n, correct, _to_time(at)) for skill_id, (n, correct, at) in encoded["tallies"].items()}),
            tuple((item_id, _to_time(at)) for item_id, at in encoded["recent"]),
            None if last_key is None else (datetime.fromisoformat(last_key[0]), last_key[1], last_key[2]),
            Map(encoded["standings"]),
            *encoded["answers"],
        )


def _answers(state: LearnerState[StateT], attempt: Attempt) -> tuple[int, int]:
    """How many were answered and failed in a row after the attempt; study rows and aided answers move neither."""
    if not attempt.is_evidence or attempt.correct is None:
        return state.n_answered, state.n_failures
    return state.n_answered + 1, state.n_failures + 1 if attempt.correct < FAILED_BELOW else 0


def _to_number(at: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def _to_time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
