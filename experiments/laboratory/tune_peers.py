"""By which settings does each peer do best? Searched on development seeds, setting by setting, judged by the smallest cell.

python experiments/laboratory/tune_peers.py --out out/tune [--peer NAME ...] [--small]

Each setting in turn takes the value of its grid that gives the greatest smallest cell, the others held; ties go by the mean, then to
the value held. That goes on until no setting moves. What was found is then held against the published settings on other development
seeds, so that luck in the search does not decide. Finished cells stand in the folder, so that the same command goes on.
`ADAPTIVE_CACHE_DIR` says where family E's weights are.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from adaptive.evaluation.laboratory.cells import Size
from adaptive.evaluation.laboratory.entrants import ENTRANTS, entrants_of
from adaptive.evaluation.laboratory.families import FAMILIES
from adaptive.evaluation.laboratory.matrix import Matrix
from adaptive.evaluation.laboratory.peers import ZpdesSettings
from adaptive.evaluation.laboratory.peers.curriculum import IN_A_ROW
from adaptive.evaluation.laboratory.peers.elo import TARGET
from adaptive.evaluation.laboratory.peers.fsrs_review import RETENTION
from adaptive.evaluation.laboratory.run import Run, run

SEEDS, OTHER_SEEDS = (1000, 1001, 1002), (1003, 1004, 1005, 1006, 1007)
"""Development seeds, to search and to check what was found; those of the report, 2000 and on, are not looked at here."""

SIZE, SMALL = Size(200, 200, 60), Size(10, 25, 5)

Values = Mapping[str, float]

PUBLISHED: Mapping[str, Values] = {
    "curriculum": {"in_a_row": IN_A_ROW},
    "bkt_threshold": {"threshold": 0.95},
    "zpdes": {name: getattr(ZpdesSettings(), name) for name in ("window", "rate", "exploration", "widen_above", "leave_above")},
    "elo": {"target": TARGET},
    "fsrs": {"retention": RETENTION},
}
"""Where each search begins. `cat` has nothing to set."""

GRIDS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "curriculum": {"in_a_row": (1, 2, 3, 4, 5, 6, 8, 10)},
    "bkt_threshold": {"threshold": (0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995)},
    "zpdes": {
        "window": (4, 6, 10, 16),
        "rate": (0.1, 0.2, 0.5, 0.8),
        "exploration": (0.02, 0.05, 0.2, 0.5, 1.0),
        "widen_above": (0.2, 0.35, 0.5, 0.65, 0.8),
        "leave_above": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),  # 1: no skill ever leaves
    },
    "elo": {"target": (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.75, 0.8, 0.9)},
    "fsrs": {"retention": (0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)},
}
AS_GOOD_CELL, AS_GOOD_MEAN = 0.02, 0.005
"""Three seeds of 200 learners tell no smaller differences: ties."""
MOST_ROUNDS = 3


def main() -> int:
    """0; the tables are the answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="where finished cells stand")
    parser.add_argument("--peer", nargs="*", default=list(GRIDS), choices=list(GRIDS))
    parser.add_argument("--small", action="store_true", help="ten learners, one seed, two families")
    given = parser.parse_args()
    families, seeds, size = (("growth", "slopes"), SEEDS[:1], SMALL) if given.small else (tuple(FAMILIES), SEEDS, SIZE)
    for peer in given.peer:
        if ENTRANTS[peer].is_installed:
            wanted = Run(families, (), seeds, given.out, size)
            found, best = searched(peer, wanted)
            report(peer, found, best, families)
            check(peer, best, replace(wanted, seeds=OTHER_SEEDS[: len(seeds)] if given.small else OTHER_SEEDS))
        else:
            print(f"{peer} is left out: it needs the package {ENTRANTS[peer].needs}")
    return 0


def searched(peer: str, wanted: Run) -> tuple[dict[str, dict[str, float]], str]:
    """The closed gap of each family by the settings tried, "name=value,...", in the order of trying; and the settings found."""
    found: dict[str, dict[str, float]] = {}
    held = dict(PUBLISHED[peer])
    for _ in range(MOST_ROUNDS):
        before = dict(held)
        for setting, grid in GRIDS[peer].items():
            tried = [spelt({**held, setting: value}) for value in grid]
            found |= gaps(peer, [text for text in tried if text not in found], wanted)
            held[setting] = grid[tried.index(best_of({text: found[text] for text in tried}, spelt(held)))]
        if held == before or len(held) == 1:
            break
    return found, spelt(held)


def gaps(peer: str, settings: list[str], wanted: Run) -> dict[str, dict[str, float]]:
    """The closed gap of each family by settings, played where that is not done yet."""
    if not settings:
        return {}
    specs = {text: f"{peer}:{text}" for text in settings}
    entrants = tuple(entrant.name for entrant in entrants_of(tuple(specs.values())))
    matrix = Matrix(run(replace(wanted, entrants=entrants)))
    return {text: {family: matrix.gap(spec, family).closed() for family in matrix.families} for text, spec in specs.items()}


def best_of(rows: Mapping[str, Mapping[str, float]], held: str) -> str:
    """The greatest smallest cell; of those as good as that the greatest mean; of those as good as that the one held, else the first."""
    smallest = {text: min(row.values()) for text, row in rows.items()}
    as_good = {text: float(np.mean([*rows[text].values()])) for text in rows if smallest[text] >= max(smallest.values()) - AS_GOOD_CELL}
    left = [text for text, mean in as_good.items() if mean >= max(as_good.values()) - AS_GOOD_MEAN]
    return held if held in left else left[0]


def spelt(values: Values) -> str:
    """As `adaptive simulate --policy NAME:...` takes them."""
    return ",".join(f"{name}={value:g}" for name, value in values.items())


def report(peer: str, found: Mapping[str, Mapping[str, float]], best: str, families: tuple[str, ...]) -> None:
    """A table of all that was tried, published and best marked, and each family's own best."""
    published = spelt(PUBLISHED[peer])
    print(f"\n| `{peer}` | {' | '.join(families)} | smallest | mean | |\n|---|{'---|' * len(families)}---|---|---|")
    for text, row in found.items():
        marks = [word for word, is_so in (("published", text == published), ("best", text == best)) if is_so]
        cells = " | ".join(f"{row[family]:.2f}" for family in families)
        print(f"| {text} | {cells} | {min(row.values()):.3f} | {sum(row.values()) / len(row):.3f} | {', '.join(marks)} |")
    for family in families:
        own = max(found, key=lambda text: found[text][family])
        print(f"best in {family}: {own}, {found[own][family]:.2f}")


def check(peer: str, best: str, wanted: Run) -> None:
    """Published settings and those found, on other seeds, and which of them are to be kept."""
    published = spelt(PUBLISHED[peer])
    rows = gaps(peer, list(dict.fromkeys([published, best])), wanted)
    print(f"on seeds {wanted.seeds[0]} to {wanted.seeds[-1]}:")
    for text, row in rows.items():
        cells = ", ".join(f"{family} {gap:.2f}" for family, gap in row.items())
        print(f"{text}: {cells}; smallest {min(row.values()):.3f}, mean {np.mean([*row.values()]):.3f}")
    print(f"kept: {peer}:{best_of(rows, published)}")


if __name__ == "__main__":
    raise SystemExit(main())
