"""Decisions: each answer to "what next?", complete enough to be replayed and evaluated off-policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import bindparam, select

from adaptive.domain import Decision, Reason, RunnerUp, ShownItem, StuckSkill
from adaptive.errors import InvalidInput, Problem, UnknownRecord
from adaptive.storage.documents import document_of, parse
from adaptive.storage.instants import from_microseconds, to_microseconds
from adaptive.storage.learners import LearnerRows
from adaptive.storage.records import require_same
from adaptive.storage.tables import decisions

__all__ = ["DecisionRows"]

_ROWS_AT_A_TIME: Final = 500
"""How many decisions an iteration holds in memory: about 2 MB at 20 candidates each."""

_ONE: Final = select(decisions.c.document).where(
    decisions.c.tenant_id == bindparam("tenant_id"), decisions.c.decision_id == bindparam("decision_id")
)
_ALL: Final = (
    select(decisions.c.document)
    .where(decisions.c.tenant_id == bindparam("tenant_id"))
    .order_by(decisions.c.at_us, decisions.c.decision_id)
    .execution_options(yield_per=_ROWS_AT_A_TIME)
)
_OF_LEARNER: Final = _ALL.where(decisions.c.learner_id == bindparam("learner_id"))


class DecisionRows(LearnerRows):
    """Decisions in, and back by id or in time order."""

    __slots__ = ()

    def add_decision(self, decision: Decision) -> None:
        """Store the decision; the same decision again changes nothing, another one under its id raises InvalidInput."""
        if decision.tenant_id != self.tenant_id:
            rule = f"a unit of tenant {self.tenant_id!r} stores decisions of that tenant"
            raise InvalidInput("decision", [Problem("tenant_id", rule, decision.tenant_id, "open a unit of the decision's tenant")])
        document = document_of(decision)
        row = {"decision_id": decision.decision_id, "learner_id": decision.learner_id}
        stored = self._insert_new(decisions, row | {"at_us": to_microseconds(decision.at), "document": document})
        if stored is not None:
            require_same(f"decision {decision.decision_id!r}", stored["document"], document)
        self._register(decision.learner_id)

    def decision(self, decision_id: str) -> Decision:
        """The decision of that id; raises UnknownRecord."""
        document = self._read(_ONE, decision_id=decision_id).scalar()
        if document is None:
            raise UnknownRecord(f"Unknown decision {decision_id!r}; use the id that a recommendation answered.")
        return _decision(document)

    def decisions(self, learner_id: str | None = None) -> Iterator[Decision]:
        """Decisions by time, then id, of one learner or of all; read them before the unit ends."""
        rows = self._read(_ALL) if learner_id is None else self._read(_OF_LEARNER, learner_id=learner_id)
        return map(_decision, rows.scalars())


def _decision(document: str) -> Decision:
    raw = parse(document)
    return Decision(
        **raw
        | {
            "at": from_microseconds(raw["at"]),
            "zone_item_ids": tuple(raw["zone_item_ids"]),
            "shown": tuple(map(_shown, raw["shown"])),
            "runners_up": tuple((item_id, score) for item_id, score in raw["runners_up"]),
            "constraints_applied": tuple(raw["constraints_applied"]),
            "goal_skill_ids": tuple(raw["goal_skill_ids"]),
            "exclude_item_ids": tuple(raw["exclude_item_ids"]),
            "plan_skill_ids": tuple(raw.get("plan_skill_ids", ())),
            "pinned_skill_ids": tuple(raw.get("pinned_skill_ids", ())),
            "stuck": tuple(StuckSkill(**skill) for skill in raw.get("stuck", ())),
        }
    )


def _shown(raw: dict[str, Any]) -> ShownItem:  # Any: JSON values that `document_of` wrote
    low, high = raw["p_correct_interval"]
    return ShownItem(
        **raw
        | {
            "skill_ids": tuple(raw["skill_ids"]),
            "p_correct_interval": (low, high),
            "reasons": tuple(Reason(**reason) for reason in raw["reasons"]),
            "runner_up": _runner_up(raw.get("runner_up")),
            "constraints_applied": tuple(raw["constraints_applied"]),
        }
    )


def _runner_up(raw: dict[str, Any] | None) -> RunnerUp | None:  # Any: as above
    if raw is None:
        return None
    differences = tuple(Reason(**reason) for reason in raw["differences"])
    return RunnerUp(**raw | {"skill_ids": tuple(raw["skill_ids"]), "differences": differences})
