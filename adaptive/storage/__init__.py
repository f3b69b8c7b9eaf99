"""The append-only log, snapshots, decisions, placements and plans, in SQL. The only floor that knows SQL."""

from adaptive.storage.answers import StoredAnswer
from adaptive.storage.snapshots import Snapshot
from adaptive.storage.store import Store
from adaptive.storage.unit import Unit

__all__ = ["Snapshot", "Store", "StoredAnswer", "Unit"]
