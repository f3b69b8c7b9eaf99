"""Family C: windows and spacing."""

from __future__ import annotations

import numpy as np

from adaptive.evaluation.laboratory.families import WindowsFamily
from adaptive.evaluation.laboratory.families.windows import WINDOW_DAYS


def test_spaced_practice_lasts_longer_than_massed_practice() -> None:
    """The same eight right answers on a skill, at once or a day apart, as success 14 days after the last."""
    rng = np.random.default_rng(0)
    world = WindowsFamily(rng, n_skills=15)
    massed = spaced = world.learners(20, rng)
    item, right = np.zeros(20, dtype=np.int64), np.ones(20)
    for _ in range(8):
        massed = world.practise(massed, item, right, rng)
        spaced = world.practise(world.rest(spaced, 1.0, rng), item, right, rng)
    later = [world.success(world.rest(state, 14.0, rng))[:, 0] for state in (massed, spaced)]
    assert (later[1] > later[0]).all()


def test_counts_leak_at_the_pace_of_their_window() -> None:
    rng = np.random.default_rng(1)
    world = WindowsFamily(rng, n_skills=15)
    state = world.practise(world.learners(3, rng), np.zeros(3, dtype=np.int64), np.ones(3), rng)
    later = world.rest(state, 2.0, rng)
    kept = later["counts"][:, 0, :, 1] / state["counts"][:, 0, :, 1]
    assert np.allclose(kept, np.exp(-2.0 / np.array(list(WINDOW_DAYS.values()))), rtol=1e-12)
