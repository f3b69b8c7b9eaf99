"""The architecture on one page.

Three laws: parameters move only in `fit`, a learner's state only in `update`; the attempt log is the truth and state
is derived; policies return distributions and one function draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol, Self, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import Attempt, Goal, Mode, Plan
from adaptive.values import AbilityPrior, Codes, Draws, Floats, Forecast, Ints, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = [
    "AbilityPrior",
    "Appended",
    "AttemptLog",
    "AttemptTable",
    "Candidates",
    "Codes",
    "Draws",
    "Floats",
    "Fold",
    "Forecast",
    "GenerativeModel",
    "Ints",
    "Items",
    "LearnerModel",
    "Mastery",
    "Outlook",
    "Parameters",
    "Planner",
    "Policy",
    "SkillDraws",
    "Skills",
]

StateT = TypeVar("StateT")


class AttemptTable(Protocol):
    """Columns of attempts of many learners."""

    def __len__(self) -> int: ...

    @property
    def learner_ids(self) -> tuple[str, ...]:
        """Learners in file order."""

    @property
    def data_sha256(self) -> str:
        """Hash of the content, equal for equal attempts in equal order."""

    def histories(self) -> Iterator[tuple[str, Sequence[Attempt]]]:
        """Each learner with their attempts in history order; learners in file order."""

    def codes(self) -> Codes:
        """The whole table as integer codes, rows as in `histories`."""


class Fold(Protocol[StateT]):
    """What `replay` runs over a history: a first state, and the next one. States are plain, immutable values."""

    def initial_state(self, prior: AbilityPrior | None = None) -> StateT:
        """The state before any attempt; a placement enters here."""

    def update(self, state: StateT, attempt: Attempt) -> StateT:
        """The state after the attempt. Pure; cost independent of the history's length."""


class LearnerModel(Fold[StateT], Protocol[StateT]):
    """What training, evaluation, simulation and serving need of a model."""

    name: ClassVar[str]

    @property
    def training_log_loss(self) -> float:
        """Mean log loss over the scored attempts that it was fitted on, NaN where there were none.

        It may come from a whole-table path; a contract check holds it to what `forecast` gives step by step.
        """

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """A fitted copy. An empty table gives the prior-only model."""

    def predict(self, state: StateT, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item at that time (None: elapsed time is unknown)."""

    def mastery(self, state: StateT, skills: Skills, at: datetime | None) -> Mastery:
        """The posterior of each skill at that time."""

    def encode_state(self, state: StateT) -> dict[str, Any]:  # Any: JSON values
        """The state as JSON values; `decode_state` gives back an equal state, bit for bit."""

    def decode_state(self, encoded: Mapping[str, Any]) -> StateT:
        """The state that `encode_state` wrote."""

    def parameters(self) -> Parameters:
        """All that was fitted, for the model's folder."""

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """The fitted model back from its folder."""


@runtime_checkable
class GenerativeModel(LearnerModel[StateT], Protocol[StateT]):
    """A model whose state can be moved in time and drawn from: zone, planner and forecast stand on these."""

    def advance(self, state: StateT, to: datetime) -> StateT:
        """Forgetting: the state as of that time."""

    def draw(self, state: StateT, items: Items, skills: Skills, *, n: int, at: datetime | None, rng: np.random.Generator) -> Draws:
        """n joint draws of success per skill and item."""

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): expected rise, at the horizon, of summed skill success from attempting each item once."""

    def draw_skills(self, state: StateT, skills: Skills, *, n: int, at: datetime | None, horizon: timedelta, seed: int) -> SkillDraws:
        """n joint draws of success per skill and of its rise from an attempt, (n, n_skills) each; equal seeds give equal draws."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Of a learner who can be drawn, (n_items,) each: pessimistic P(correct), whether the item prepares for the nearest goal.

    `lesson` is the share of a gain at its best that an attempt at the item's chance brings, None where the model does not tell: it is part
    of `expected_gain` already.
    """

    p_correct_low: Floats
    steps_back: NDArray[np.bool_]
    drawn: tuple[Floats, Ints] | None = None
    """If a policy needs it: each kind's gain on each draw where the zone's event holds (..., n_draws, n_kinds), and each item's kind."""
    lesson: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Items that a policy may choose from, with what it may look at; arrays are (n_items,), or (n_learners, n_items) for many at once.

    `p_mastered` is the least mastered skill's; `readiness` the expected success on the least ready prerequisite (1
    where there is none); `expected_gain` is NaN and `outlook` None where the model is not generative. Of learners side by side each has
    items of its own to choose from, `allowed`; None allows all. `plan_step` and `teacher_pin` (n_items,) mark what those ask for now.
    """

    items: Items
    forecast: Forecast
    p_mastered: Floats
    readiness: Floats
    zone_probability: Floats
    expected_gain: Floats
    mode: Mode = "learn"
    outlook: Outlook | None = None
    allowed: NDArray[np.bool_] | None = None
    plan_step: NDArray[np.bool_] | None = None
    teacher_pin: NDArray[np.bool_] | None = None


class Policy(Protocol):
    """A rule that gives each candidate its probability; the engine draws. One that can say why is a `policies.Weigher` too."""

    name: ClassVar[str]

    @property
    def version(self) -> str:
        """The name and what tells apart two settings of it: decisions of different rules have different versions."""

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), sums to 1, pure; 0 where not allowed. (n_learners, n_items), each row of its own, where the candidates are so."""


class Planner(Protocol):
    """Turns mastery and a goal into a plan."""

    def plan(self, mastery: Mastery, goal: Goal, start: date) -> Plan:
        """A prerequisite-closed plan. Deterministic."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What happened to an attempt: `appended` at the end, `refolded` because it came late, or `duplicate`."""

    applied: Literal["appended", "refolded", "duplicate"]


class AttemptLog(Protocol):
    """The append-only truth."""

    def append(self, attempt: Attempt) -> Appended:
        """Idempotent: the same attempt again is a duplicate; another content under its id raises AttemptConflict."""

    def history(self, learner_id: str) -> Sequence[Attempt]:
        """By time, then sequence, then id."""
