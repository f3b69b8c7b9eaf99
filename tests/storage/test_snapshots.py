from __future__ import annotations

import itertools
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.storage import Snapshot, Store

FRESH_TENANTS = (f"tenant-{n}" for n in itertools.count())

# UTC has no second 02:30, but hypothesis tries its `fold` all the same.
instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
order_keys = st.tuples(instants, st.integers(-(2**63), 2**63 - 1), st.just("a1"))


@settings(deadline=None, max_examples=60)
@given(state=st.dictionaries(st.text(max_size=4), json_values, max_size=4), last_key=st.none() | order_keys)
def test_a_snapshot_comes_back_exactly(shared_store: Store, state: dict[str, object], last_key: tuple[datetime, int, str] | None) -> None:
    snapshot = Snapshot("ann", "bkt-1", 7, last_key, state)
    with shared_store.unit(next(FRESH_TENANTS), write=True) as unit:
        unit.lock_learner("ann")
        unit.save_snapshot(snapshot)
        assert repr(unit.snapshot("ann", "bkt-1")) == repr(snapshot)  # repr: -0.0 is not 0.0


def test_the_last_snapshot_of_a_model_version_counts(store: Store) -> None:
    with store.unit("school", write=True) as unit:
        unit.lock_learner("ann")
        assert unit.snapshot("ann", "bkt-1") is None
        for state_version in (1, 2):
            unit.save_snapshot(Snapshot("ann", "bkt-1", state_version, None, {"p": 0.1 * state_version}))
        unit.save_snapshot(Snapshot("ann", "bkt-2", 1, None, {}))
    with store.unit("school", write=True) as unit:
        assert unit.snapshot("ann", "bkt-1") == Snapshot("ann", "bkt-1", 2, None, {"p": 0.2})
        unit.drop_snapshots("ann")
        assert [unit.snapshot("ann", version) for version in ("bkt-1", "bkt-2")] == [None, None]
