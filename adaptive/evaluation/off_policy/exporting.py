"""Stored decisions as lines of a log: as they stand, or with what off-policy evaluation needs beside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import isnan
from typing import Any

from adaptive.domain import Decision
from adaptive.engine import Asked, Engine
from adaptive.errors import AdaptiveError
from adaptive.evaluation.off_policy.decision_log import decision_line
from adaptive.evaluation.off_policy.requests import request_of
from adaptive.evaluation.off_policy.rewards import REWARDS, PractisedLearner, RewardSettings
from adaptive.storage import Store

__all__ = ["complete_lines", "stored_lines"]


def stored_lines(store: Store, tenant_id: str) -> Iterator[dict[str, Any]]:  # Any: JSON values
    """Every decision of the tenant, by time."""
    with store.unit(tenant_id, write=False) as unit:
        yield from map(decision_line, unit.decisions())


def complete_lines(engine: Engine[Any], tenant_id: str, settings: RewardSettings) -> Iterator[dict[str, Any]]:  # Any: JSON values
    """Every decision of the tenant, learner by learner, with its `candidates` and, as `outcome`, its rewards by name.

    Such a log is evaluated by itself. What another model made, or cannot be found again, comes as it stands. A line has about
    150 to 190 bytes per candidate.
    """
    with engine.store.unit(tenant_id, write=False) as unit:
        decisions = sorted(unit.decisions(), key=lambda each: (each.learner_id, each.state_version, each.at))
    for learner_id, group in groupby(decisions, key=lambda each: each.learner_id):
        practised = PractisedLearner(*engine.mastered_after(tenant_id, learner_id))
        yield from _of_learner(engine, list(group), practised, settings)


def _of_learner(
    engine: Engine[Any], decisions: list[Decision], practised: PractisedLearner, settings: RewardSettings
) -> Iterator[dict[str, Any]]:  # Any: JSON values
    ours = [each for each in decisions if each.model_version == engine.model_version and each.shown]
    our_ids = {each.decision_id for each in ours}
    asked = [Asked(request_of(each), each.at, each.state_version) for each in ours]
    if ours:
        found = engine.chances_as_of(ours[0].tenant_id, ours[0].learner_id, asked)
    for decision in decisions:
        if decision.decision_id not in our_ids:
            yield decision_line(decision)
            continue
        try:
            line = decision_line(decision, next(found)[0])
        except (AdaptiveError, StopIteration):  # it stands there without; a reader is told so, line by line
            line = decision_line(decision)
        yield line | {"outcome": dict(_outcome(decision, practised, settings))}


def _outcome(decision: Decision, practised: PractisedLearner, settings: RewardSettings) -> Iterator[tuple[str, float | None]]:
    skills = frozenset(decision.shown[0].skill_ids)
    for name, reward in REWARDS.items():
        value = reward(practised, decision.at, skills, settings)
        yield name, None if isnan(value) else value
