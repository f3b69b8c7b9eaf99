"""What is said about a learner's skills: how an attempt moved them, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from adaptive.domain import ENOUGH_ATTEMPTS, PROMOTE_AT
from adaptive.engine.answers import MasteryRow, SkillLevel, SkillUpdate
from adaptive.engine.learner import LearnerState
from adaptive.engine.standings import Awarding, estimate_of
from adaptive.engine.states import Current
from adaptive.engine.sticking import Sticking
from adaptive.mastery import Standing
from adaptive.protocols import Mastery, Skills

__all__ = ["mastery_rows", "skill_updates", "stuck_alerts"]

StateT = TypeVar("StateT")
Status = Literal["not_enough_data", "learning", "mastered", "needs_review", "stuck"]


def skill_updates(
    awarding: Awarding[StateT], before: LearnerState[StateT], after: LearnerState[StateT], skill_ids: Sequence[str], at: datetime | None
) -> tuple[SkillUpdate, ...]:
    """How the skills moved between two states, both seen at the same moment."""
    skills = Skills(tuple(skill_ids))
    was, now = (awarding.model.mastery(state.model_state, skills, at) for state in (before, after))
    return tuple(
        SkillUpdate(
            skill_id,
            float(was.p_mastered[k]),
            float(now.p_mastered[k]),
            (float(now.low[k]), float(now.high[k])),
            _movement(float(now.p_mastered[k] - was.p_mastered[k])),
            *(awarding.level(state.standings, skill_id) for state in (before, after)),
        )
        for k, skill_id in enumerate(skills.skill_ids)
    )


def _movement(change: float) -> str:
    if change == 0.0:
        return "unchanged"
    return "raised" if change > 0.0 else "lowered"


def stuck_alerts(sticking: Sticking[StateT], state: LearnerState[StateT], skill_ids: Sequence[str], at: datetime | None) -> tuple[str, ...]:
    """One alert for each of the skills that the learner is stuck on."""
    index, stuck = sticking.bank.skill_index, sticking.skills(state, at)
    return tuple(f"stuck:{skill_id}" for skill_id in skill_ids if skill_id in index and stuck[index[skill_id]])


def mastery_rows(
    awarding: Awarding[StateT], sticking: Sticking[StateT], current: Current[StateT], skills: Skills, at: datetime
) -> tuple[MasteryRow, ...]:
    """One row a skill, in the order asked."""
    index, stuck = sticking.bank.skill_index, sticking.skills(current.state, at)
    state, model = current.state, awarding.model
    now = model.mastery(state.model_state, skills, at)
    then = model.mastery(state.model_state, skills, None)  # elapsed time unknown: what the last attempt left
    standings = (awarding.as_of(state.standings, skill_id, estimate_of(now, k), at) for k, skill_id in enumerate(skills.skill_ids))
    rows = ((standing, k, bool(stuck[index[skills.skill_ids[k]]])) for k, standing in enumerate(standings))
    return tuple(_row(current, standing, now, then, k, at, is_stuck=is_stuck) for standing, k, is_stuck in rows)


def _row(
    current: Current[StateT], standing: Standing[Any], now: Mastery, then: Mastery, k: int, at: datetime, *, is_stuck: bool
) -> MasteryRow:  # Any: of any rule
    skill_id = now.skill_ids[k]
    tally = current.state.tally(skill_id)
    unmet: Literal["placement", "prior"] = "placement" if current.is_placed else "prior"
    is_due = standing.needs_review(at)
    return MasteryRow(
        skill_id=skill_id,
        p_mastery=float(now.p_mastered[k]),
        interval=(float(now.low[k]), float(now.high[k])),
        n_attempts=tally.n_attempts,
        last_attempt_at=tally.last_at,
        retention_now=float(now.expected_success[k]),
        status=_status(float(now.p_mastered[k]), float(then.p_mastered[k]), tally.n_attempts, is_due=is_due, is_stuck=is_stuck),
        source="evidence" if tally.n_attempts else unmet,
        level=_level(standing),
        needs_review=is_due,
        review_due_at=standing.review_due_at,
    )


def _level(standing: Standing[Any]) -> SkillLevel:  # Any: of any rule
    level = standing.level
    return SkillLevel(
        rule=standing.rule,
        value=level.value,
        points=standing.points,
        awarded_at=level.awarded_at,
        evidence_ids=level.evidence_ids,
        earned=standing.earned.value,
        reason=standing.reason,
        asks=None if standing.asks is None else standing.asks.value,
    )


def _status(p_now: float, p_then: float, n_attempts: int, *, is_due: bool, is_stuck: bool) -> Status:
    """Few attempts say nothing; then a review is due by the rule; mastered, or mastered once and faded, or stuck, or on the way."""
    if n_attempts < ENOUGH_ATTEMPTS:
        return "not_enough_data"
    if is_due:
        return "needs_review"
    if p_now >= PROMOTE_AT:
        return "mastered"
    if p_then >= PROMOTE_AT:
        return "needs_review"
    return "stuck" if is_stuck else "learning"
