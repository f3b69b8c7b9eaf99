"""The unit of work: everything that happens to one tenant in one transaction."""

from __future__ import annotations

from adaptive.storage.answers import AnswerRows
from adaptive.storage.attempts import AttemptRows
from adaptive.storage.decisions import DecisionRows
from adaptive.storage.placements import PlacementRows
from adaptive.storage.plans import PlanRows
from adaptive.storage.snapshots import SnapshotRows

__all__ = ["Unit"]


class Unit(AttemptRows, SnapshotRows, PlacementRows, DecisionRows, PlanRows, AnswerRows):
    """One transaction of one tenant, opened by `Store.unit`: all of it is kept, or none.

    The parts stand in a module each: learners, attempts, snapshots, placements, decisions, plans, answers. A unit
    belongs to the thread that opened it and ends with its `with` block.
    """

    __slots__ = ()
