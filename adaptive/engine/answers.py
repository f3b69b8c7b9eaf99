"""What the engine takes and gives: frozen values that the HTTP layer and the command line render."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from adaptive.domain import Doubt, Mode
from adaptive.errors import AdaptiveError, InvalidInput, Problem
from adaptive.policies import Label, Place

__all__ = [
    "MOST_ITEMS",
    "Asked",
    "MasteryReport",
    "MasteryRow",
    "Prediction",
    "Predictions",
    "RecommendationRequest",
    "Recorded",
    "Refused",
    "SkillLevel",
    "SkillUpdate",
    "ZoneReport",
    "ZoneRow",
]

MOST_ITEMS: Final = 20
"""Of one recommendation (the HTTP surface's own limit)."""


@dataclass(frozen=True, slots=True)
class SkillUpdate:
    """How one attempt (or one batch of a learner's) moved a skill; `interval` is of the expected success, 90 %.

    Levels are those of the engine's mastery rule.
    """

    skill_id: str
    p_mastery_before: float
    p_mastery_after: float
    interval: tuple[float, float]
    reason_code: str
    level_before: str
    level_after: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What happened to one attempt."""

    attempt_id: str
    learner_id: str
    applied: Literal["appended", "refolded", "duplicate"]
    state_version: int
    updates: tuple[SkillUpdate, ...]
    alerts: tuple[str, ...] = ()

    @property
    def duplicate(self) -> bool:
        """Whether the attempt was already in the log, with the same content."""
        return self.applied == "duplicate"


@dataclass(frozen=True, slots=True)
class Refused:
    """An attempt of a batch that was not applied, and why."""

    attempt_id: str
    learner_id: str
    error: AdaptiveError


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """What to choose from, and how many (1 to 20). Raises InvalidInput.

    No `skill_ids` means the whole catalogue; `place` is that in the session. `plan_skill_ids` are what a plan followed asks for now, and
    `pinned_skill_ids` what a teacher pinned: terms of the score, which open no other items.
    """

    learner_id: str
    k: int = 1
    skill_ids: tuple[str, ...] = ()
    mode: Mode = "learn"
    exclude_item_ids: tuple[str, ...] = ()
    dry_run: bool = False
    place: Place = field(default_factory=Place)
    plan_skill_ids: tuple[str, ...] = ()
    pinned_skill_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_ITEMS:
            problem = Problem("k", f"1 to {MOST_ITEMS} items are recommended at a time", str(self.k), "ask for that many")
            raise InvalidInput("recommendation request", [problem])


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the past: what was asked, when, and on how many attempts and placements of the learner the answer rested."""

    request: RecommendationRequest
    at: datetime
    state_version: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """P(correct) of one item with its 90 % interval; `information` and `doubt` as in `domain.ShownItem`."""

    item_id: str
    p_correct: float
    interval: tuple[float, float]
    information: float | None
    doubt: Doubt | None


@dataclass(frozen=True, slots=True)
class Predictions:
    """Forecasts for one learner at one moment; `state_version` counts what they rest on."""

    learner_id: str
    state_version: int
    rows: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """Where a mastery rule puts a learner on one skill.

    `value` is the level now, `awarded_at` (None before any, or where the source has no times) and `evidence_ids` when and by which
    attempts it was reached; `earned` is the highest ever reached, which nothing takes away. `asks` is the occasion that can move it
    on, None where nothing more is asked.
    """

    rule: str
    value: str
    points: int
    awarded_at: datetime | None
    evidence_ids: tuple[str, ...]
    earned: str
    reason: str
    asks: str | None


@dataclass(frozen=True, slots=True)
class MasteryRow:
    """One skill of one learner: the estimate, what it rests on, what was earned, whether a review is due, and what to make of it.

    `needs_review` says that one is due now; `review_due_at` when it is or was, None where none is or the moment is unknown.
    """

    skill_id: str
    p_mastery: float
    interval: tuple[float, float]
    n_attempts: int
    last_attempt_at: datetime | None
    retention_now: float
    status: Literal["not_enough_data", "learning", "mastered", "needs_review", "stuck"]
    source: Literal["prior", "placement", "evidence"]
    level: SkillLevel
    needs_review: bool
    review_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class MasteryReport:
    """All asked skills of one learner."""

    learner_id: str
    state_version: int
    rows: tuple[MasteryRow, ...]


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """What one item would be for one learner.

    `zone_probability` is Z, `interval` the 90 % interval of P(correct); `information` in nats and `expected_gain`, the rise of summed skill
    success at the zone's horizon, are None where the model has no posterior to draw from.
    """

    item_id: str
    skill_ids: tuple[str, ...]
    label: Label
    in_zone: bool
    zone_probability: float
    p_correct: float
    interval: tuple[float, float]
    p_mastery: float
    information: float | None
    expected_gain: float | None


@dataclass(frozen=True, slots=True)
class ZoneReport:
    """The zone of one learner, in catalogue order. `source` says whether it is the definition's or made from marginals.

    `relaxed` names the last rule that had to be relaxed for the zone not to be empty, None where none was.
    """

    learner_id: str
    state_version: int
    source: Literal["draws", "marginals"]
    relaxed: str | None
    rows: tuple[ZoneRow, ...]
