"""A learner's zone as an answer: one row an item, with its label."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import numpy as np

from adaptive.engine.answers import ZoneReport, ZoneRow
from adaptive.engine.view import LearnerView
from adaptive.models.information import information_of_forecast
from adaptive.policies import find_zone, label_items
from adaptive.protocols import Candidates, Floats, Ints

__all__ = ["zone_report"]

StateT = TypeVar("StateT")


def zone_report(learner_id: str, state_version: int, view: LearnerView[StateT], goal: Collection[str]) -> ZoneReport:
    """Every item in service on the way to the goal, in catalogue order. What is mastered is in no zone, however relaxed."""
    candidates = view.candidates(view.bank.items_of(np.flatnonzero(view.kinds_towards(goal))), view.kinds(goal, "learn"))
    zone = find_zone(candidates, view.settings)
    in_zone = zone.members & (candidates.p_mastered < view.settings.promoted_at)
    labels = label_items(candidates, _n_attempts(view, candidates), in_zone, view.settings)
    forecast, outlook = candidates.forecast, candidates.outlook
    columns = zip(
        candidates.items.item_ids,
        candidates.items.skill_ids,
        labels,
        in_zone.tolist(),
        candidates.zone_probability.tolist(),
        forecast.p_correct.tolist(),
        zip(forecast.low.tolist(), forecast.high.tolist(), strict=True),
        candidates.p_mastered.tolist(),
        _told(information_of_forecast(forecast) if outlook else None, len(labels)),
        _told(candidates.expected_gain if outlook else None, len(labels)),
        strict=True,
    )
    return ZoneReport(
        learner_id=learner_id,
        state_version=state_version,
        source="draws" if outlook else "marginals",
        relaxed=zone.relaxed[0] if zone.relaxed else None,
        rows=tuple(ZoneRow(*row) for row in columns),
    )


def _n_attempts(view: LearnerView[StateT], candidates: Candidates) -> Ints:
    """(n_items,) attempts on the most practised skill of each item."""
    of_items = (max((view.state.tally(skill_id).n_attempts for skill_id in run), default=0) for run in candidates.items.skill_ids)
    return np.fromiter(of_items, dtype=np.int64, count=len(candidates.items))


def _told(values: Floats | None, n: int) -> list[float] | list[None]:
    return [None] * n if values is None else values.tolist()
