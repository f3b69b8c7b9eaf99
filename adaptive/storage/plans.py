"""Plans: stored as they were proposed, one document under its id."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from adaptive.domain import Forecasted, Goal, Plan, PlanStep
from adaptive.errors import UnknownRecord
from adaptive.storage.documents import date_of, document_of, parse
from adaptive.storage.instants import to_microseconds
from adaptive.storage.learners import LearnerRows
from adaptive.storage.records import require_same
from adaptive.storage.tables import plans

__all__ = ["PlanRows"]

_ONE: Final = select(plans.c.document).where(plans.c.tenant_id == bindparam("tenant_id"), plans.c.plan_id == bindparam("plan_id"))


class PlanRows(LearnerRows):
    """Plans in, and back by id."""

    __slots__ = ()

    def add_plan(self, plan_id: str, plan: Plan, at: datetime) -> None:
        """Store the plan; the same plan again changes nothing, another one under its id raises InvalidInput."""
        document = document_of(plan)
        row = {"plan_id": plan_id, "learner_id": plan.learner_id, "added_us": to_microseconds(at), "document": document}
        stored = self._insert_new(plans, row)
        if stored is not None:
            require_same(f"plan {plan_id!r}", stored["document"], document)
        self._register(plan.learner_id)

    def plan(self, plan_id: str) -> Plan:
        """The plan of that id; raises UnknownRecord."""
        document = self._read(_ONE, plan_id=plan_id).scalar()
        if document is None:
            raise UnknownRecord(f"Unknown plan {plan_id!r}; use the id that the planning request answered.")
        return _plan(document)


def _plan(document: str) -> Plan:
    raw = parse(document)
    return Plan(
        **raw
        | {
            "goal": _goal(raw["goal"]),
            "start_on": date.fromisoformat(raw["start_on"]),
            "steps": tuple(map(_step, raw["steps"])),
            "forecast": _forecast(raw["forecast"]),
            "flags": tuple(raw["flags"]),
        }
    )


def _goal(raw: dict[str, Any]) -> Goal:  # Any: JSON values that `document_of` wrote
    return Goal(**raw | {name: tuple(raw[name]) for name in ("skill_ids", "pinned", "excluded")})


def _step(raw: dict[str, Any]) -> PlanStep:  # Any: JSON values that `document_of` wrote
    return PlanStep(**raw | {"minutes": tuple(raw["minutes"]), "item_family_ids": tuple(raw["item_family_ids"])})


def _forecast(raw: dict[str, Any]) -> Forecasted:  # Any: JSON values that `document_of` wrote
    growth = raw["growth"]
    early, middle, late = map(date_of, raw["finish_quantiles"])
    return Forecasted(
        **raw
        | {
            "finish_quantiles": (early, middle, late),
            "minutes_for": tuple((name, minutes) for name, minutes in raw["minutes_for"]),
            "growth": None if growth is None else tuple(growth),
            "assumptions": tuple(raw["assumptions"]),
        }
    )
