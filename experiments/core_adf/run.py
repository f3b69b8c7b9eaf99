"""How far is the filter from exact inference, and how much of that is its approximation of moments?

    python experiments/core_adf/run.py [--small] [--worlds TEXT] [--learners N] [--particles N]

Static worlds are judged by dense quadrature, the others by a particle filter whose own error is told: what two runs of it differ by.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from inference import MOMENTS, Posterior, by_filter, by_particles, by_quadrature
from worlds import WORLDS, Questions, World

from adaptive.protocols import Floats

BAR = 0.05
"""Logits by which the posterior mean may be off (issue 3)."""


def main() -> int:
    """0; the table is the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="four learners, a twentieth of the particles")
    parser.add_argument("--worlds", default="", help="only worlds with this text in their name")
    parser.add_argument("--learners", type=int, default=100, help="of each world")
    parser.add_argument("--particles", type=int, default=80_000)
    options = parser.parse_args()
    n_learners, n_particles = (4, 4_000) if options.small else (options.learners, options.particles)
    print(
        "| world | moments | mean distance | 95 % | 99 % | largest | within .05 | bias | sd / exact sd | p off: mean, 99 % | exact's own |"
    )
    print("|---" * 11 + "|")
    missed, n_judged = 0, 0
    for number, (name, world) in enumerate(WORLDS.items()):
        if options.worlds not in name:
            continue
        rows = list(judged(world, n_learners, n_particles, seed=number))
        print("\n".join(f"| {name} | {row}" for _, row in rows), flush=True)
        missed, n_judged = missed + (rows[0][0] > BAR), n_judged + 1
    print(f"{missed} of {n_judged} worlds have a mean distance above {BAR}")
    return 0


def judged(world: World, n_learners: int, n_particles: int, seed: int) -> Iterator[tuple[float, str]]:
    """A mean distance and a line of the table for each way to moments."""
    rng = np.random.default_rng(seed)
    learners = [Questions.drawn(world, rng) for _ in range(n_learners)]
    if world.is_static:
        exact, own = [by_quadrature(world, asked) for asked in learners], 0.0
    else:
        twice = [[by_particles(world, asked, n_particles, rng) for _ in range(2)] for asked in learners]
        exact = [Posterior(*((getattr(a, name) + getattr(b, name)) / 2.0 for name in ("mean", "sd", "p_correct"))) for a, b in twice]
        own = float(np.mean([np.abs(a.mean - b.mean).mean() for a, b in twice])) / 2.0  # of the mean of the two
    for name in MOMENTS:
        found = [by_filter(world, asked, name) for asked in learners]
        yield _line(name, found, exact, own)


def _line(name: str, found: list[Posterior], exact: list[Posterior], own: float) -> tuple[float, str]:
    error = np.stack([a.mean - b.mean for a, b in zip(found, exact, strict=True)])  # (n_learners, n_answers, n_skills)
    distance, ratio = np.abs(error), np.mean([(a.sd / b.sd).mean() for a, b in zip(found, exact, strict=True)])
    p_off: Floats = np.abs(np.stack([a.p_correct - b.p_correct for a, b in zip(found, exact, strict=True)]))
    cells = [
        name,
        f"{distance.mean():.4f}",
        *(f"{np.quantile(distance, q):.3f}" for q in (0.95, 0.99, 1.0)),
        f"{np.mean(distance <= BAR):.3f}",
        f"{error.mean():+.4f}",
        f"{ratio:.3f}",
        f"{p_off.mean():.4f}, {np.quantile(p_off, 0.99):.3f}",
        f"{own:.4f}",
    ]
    return float(distance.mean()), " | ".join(cells) + " |"


if __name__ == "__main__":
    raise SystemExit(main())
