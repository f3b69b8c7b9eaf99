"""Placements: scores from outside, kept as they were accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from adaptive.domain import Placement, Score
from adaptive.errors import UnknownRecord
from adaptive.storage.documents import date_of, document_of, instant_of, parse
from adaptive.storage.instants import to_microseconds
from adaptive.storage.learners import LearnerRows
from adaptive.storage.records import require_same
from adaptive.storage.tables import placements

__all__ = ["PlacementRows"]

_ONE: Final = select(placements.c.document).where(
    placements.c.tenant_id == bindparam("tenant_id"), placements.c.placement_id == bindparam("placement_id")
)
_OF_LEARNER: Final = (
    select(placements.c.document)
    .where(placements.c.tenant_id == bindparam("tenant_id"), placements.c.learner_id == bindparam("learner_id"))
    .order_by(placements.c.arrival)
)
_UNTIL: Final = _OF_LEARNER.where(placements.c.arrival <= bindparam("until"))


class PlacementRows(LearnerRows):
    """Placements in, and back in the order in which they came."""

    __slots__ = ()

    def add_placement(self, placement: Placement, at: datetime) -> bool:
        """True where the placement is new, False where it is stored already.

        Raises RecordConflict where another placement is stored under its id. Locks the learner, and raises their version where
        the placement is new.
        """
        document = document_of(placement)
        row = {"placement_id": placement.placement_id, "learner_id": placement.learner_id}
        stored = self._add_evidence(placements, row | {"added_us": to_microseconds(at), "document": document})
        if stored is not None:
            require_same(f"placement {placement.placement_id!r}", stored["document"], document)
        return stored is None

    def placements(self, learner_id: str, *, until: int | None = None) -> list[Placement]:
        """The learner's placements in the order of arrival; empty for an unknown learner.

        With `until`, only those that had arrived when the learner's version was that.
        """
        if until is None:
            return [_placement(document) for document in self._read(_OF_LEARNER, learner_id=learner_id).scalars()]
        return [_placement(document) for document in self._read(_UNTIL, learner_id=learner_id, until=until).scalars()]

    def placement(self, placement_id: str) -> Placement:
        """The placement of that id; raises UnknownRecord."""
        document = self._read(_ONE, placement_id=placement_id).scalar()
        if document is None:
            raise UnknownRecord(f"Unknown placement {placement_id!r}; list the learner's placements to see the known ones.")
        return _placement(document)


def _placement(document: str) -> Placement:
    raw = parse(document)
    scores = tuple(Score(**score | {"taken_on": date_of(score["taken_on"])}) for score in raw["scores"])
    return Placement(**raw | {"scores": scores, "placed_at": instant_of(raw["placed_at"]), "flags": tuple(raw["flags"])})
