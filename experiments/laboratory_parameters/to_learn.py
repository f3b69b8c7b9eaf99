"""Is there something to learn in each family, and something to choose? Ends of random practice and of policies that see the truth.

python experiments/laboratory_parameters/to_learn.py [--learners N] [--worlds N] [--skills N] [--family NAME ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from adaptive.domain import MASTERED_AT, READY_AT
from adaptive.evaluation.laboratory import GainFamily, State
from adaptive.evaluation.laboratory.families import FAMILIES
from adaptive.protocols import Floats

N_SESSIONS, N_ITEMS, HORIZON, TARGET = 10, 20, 14.0, 0.7
"""As a cell of the laboratory (decision 0014)."""

Scores = Callable[[GainFamily, State, Floats], Floats]


def main() -> int:
    """0; the table is the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=150)
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--skills", type=int, default=20)
    parser.add_argument("--family", nargs="*", default=list(FAMILIES), choices=list(FAMILIES))
    given = parser.parse_args()
    print(f"family | before | {' | '.join(POLICIES)} | the same 14 days later", flush=True)
    for name in given.family:
        played = [
            [_play(name, seed, given.skills, given.learners, scores) for scores in POLICIES.values()] for seed in range(1, given.worlds + 1)
        ]
        before, end, later = np.mean(played, axis=0).T
        print(f"{name} | {before[0]:.3f} | {' | '.join(f'{x:.3f}' for x in end)} | {' | '.join(f'{x:.3f}' for x in later)}", flush=True)
    return 0


def _play(name: str, seed: int, n_skills: int, n_learners: int, scores: Scores) -> tuple[float, float, float]:
    """Mean success before, at the end, and at the horizon; items are those with the highest score, ties by chance."""
    rng = np.random.default_rng(seed)
    world, everyone = FAMILIES[name](rng, n_skills=n_skills), np.arange(n_learners)
    state, gaps = world.learners(n_learners, rng), rng.integers(1, 8, N_SESSIONS)
    before = world.success(state).mean()
    for step in range(N_SESSIONS * N_ITEMS):
        if step and step % N_ITEMS == 0:
            state = world.rest(state, float(gaps[step // N_ITEMS]), rng)
        p = world.p_correct(state)
        item = (scores(world, state, p) + 1e-9 * rng.random(p.shape)).argmax(axis=1)
        state = world.practise(state, item, (rng.random(n_learners) < p[everyone, item]).astype(np.float64), rng)
    return before, world.success(state).mean(), world.success(world.rest(state, HORIZON, rng)).mean()


def _ready_unmastered(world: GainFamily, state: State, p: Floats) -> Floats:
    """Items near the target whose skills are ready, by the true prerequisites, and of which one is not mastered."""
    success = world.success(state)
    ready = np.ones_like(success, dtype=bool)
    for before, after in getattr(world, "true_prerequisites", world.prerequisites):
        ready[:, after] &= success[:, before] >= READY_AT
    skills = getattr(world, "true_item_skills", world.item_skills)
    wanted = np.stack([ready[:, of].all(axis=1) & (success[:, of] < MASTERED_AT).any(axis=1) for of in map(list, skills)], axis=1)
    return _near_target(world, state, p) + 10.0 * wanted


def _near_target(_world: GainFamily, _state: State, p: Floats) -> Floats:
    return -np.abs(p - TARGET)


POLICIES: dict[str, Scores] = {
    "random": lambda _world, _state, p: np.zeros_like(p),
    "greatest true gain": lambda world, state, _p: world.gain(state, HORIZON),
    "true-state mastery": _ready_unmastered,
    "success nearest .70": _near_target,
}

if __name__ == "__main__":
    raise SystemExit(main())
