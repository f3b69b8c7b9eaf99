"""What do wrong prerequisites cost a policy? Closed gaps with and without them, paired by seed.

adaptive simulate --policy threshold --out DIR; adaptive simulate --policy threshold --wrong-edges 0.15 --out DIR
python experiments/laboratory/wrong_edges.py DIR [--share 0.15] [--policy NAME ...]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from finished import Finished, shown, two

from adaptive.evaluation.laboratory.gaps import Gap, Interval, difference, end

SHARE = 0.15
"""Policy page: 15 % wrong edges cost at most .05 of the gap."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Closed gaps of a family with right and with wrong prerequisites; `of_gap` is the first less the second, p of a paired t test."""

    family: str
    right: Gap
    wrong: Gap
    of_gap: Interval
    p: float | None


def costs(finished: Finished, name: str, share: float = SHARE) -> Iterator[Cost]:
    """Of each family in which the policy was played both ways."""
    matrix = finished.matrix
    for family in matrix.families:
        cells = finished.with_wrong_edges(name, family, share)
        if cells and (name, family) in matrix.cells:
            right = matrix.gap(name, family)
            wrong = Gap.of(cells, matrix.cells["random", family], matrix.cells["oracle", family], end)
            yield Cost(family, right, wrong, *difference(right, wrong))


def main() -> int:
    """0 where there was something to compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=SHARE)
    parser.add_argument("--policy", nargs="*", help="default: all that were played both ways")
    given = parser.parse_args()
    finished = Finished.read(given.out)
    found = [(name, cost) for name in given.policy or finished.matrix.rows for cost in costs(finished, name, given.share)]
    if not found:
        print(f"no policy was played both ways: adaptive simulate --wrong-edges {given.share:g} --out {given.out}")
        return 1
    print(
        f"seeds {finished.seeds[0]} to {finished.seeds[-1]}, {given.share:.0%} of prerequisites wrong; 95 % intervals by resampling seeds"
    )
    print("| policy | family | right edges | wrong edges | cost | p |\n|---|---|---|---|---|---|")
    for name, cost in found:
        values = (cost.right.interval(), cost.wrong.interval(), cost.of_gap)
        print(f"| `{name}` | {cost.family} | {' | '.join(map(shown, values))} | {two(cost.p)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
