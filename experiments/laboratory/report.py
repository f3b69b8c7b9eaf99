"""Which bars of the policy page does the default policy meet, by how much, and with which interval?

adaptive simulate --first-seed 2000 --policy POLICY --wrong-edges 0.15 --jobs 2 --out DIR
adaptive simulate --first-seed 2000 --jobs 2 --out DIR
python experiments/laboratory/report.py DIR [--fitted FAMILY ...]

Reads a finished folder of `adaptive simulate`, plays nothing, and writes DIR/report.md: the bars, each where it is met least, and every
measure by family. Intervals (95 %) resample seeds, for all families together. `--fitted` names the families in which Z and coverage are
gated; without it all, since each model is fitted at school in each family.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from finished import Finished, shown, two
from wrong_edges import SHARE, costs

from adaptive.evaluation.laboratory.entrants import DEFAULT_POLICY
from adaptive.evaluation.laboratory.gaps import Interval, Per, end, later, resampled, weakest
from adaptive.evaluation.laboratory.matrix import Comparison
from adaptive.evaluation.laboratory.metrics import Cell
from adaptive.protocols import Floats

CELL, OF_CEILING = 0.80, 0.95
"""A cell's bar is the smaller of the first and that share of the family's informed-Bayes ceiling (policy page, as are all bars here)."""
SIGNIFICANT: Final = 0.05
"""Of a Holm-corrected p: ours, the page names none."""
REPORT_SEEDS: Final = 2000
"""From here on seeds are the report's (decision 0014)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Between what a measure has to lie; without bounds it is told, and not gated."""

    measure: str
    low: float = -np.inf
    high: float = np.inf

    def __str__(self) -> str:
        """In words of the table."""
        if np.isfinite(self.low) and np.isfinite(self.high):
            return f"{self.low:g} to {self.high:g}"
        return f">= {self.low:.3g}" if np.isfinite(self.low) else f"<= {self.high:.3g}" if np.isfinite(self.high) else "told"


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a family, or of a peer over families, beside its bar; `met_by` may say more than the number does."""

    bar: Bar
    of: str
    found: Interval
    note: str = ""
    met_by: bool | None = None

    @property
    def short_by(self) -> float:
        """How far it is from its bar, negative where the bar is met; endless where nothing was measured."""
        value = self.found.value
        return np.inf if value is None else max(self.bar.low - value, value - self.bar.high)

    @property
    def is_met(self) -> bool | None:
        """None where it is told alone, or where there is nothing to measure."""
        if self.found.value is None or str(self.bar) == "told":
            return None
        return self.short_by <= 0.0 if self.met_by is None else self.met_by


def main() -> int:
    """0, whether bars are met or not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fitted", nargs="*", help="families in which Z and coverage are gated; without it all")
    given = parser.parse_args()
    finished = Finished.read(given.out)
    text = written(finished, Measures(finished, tuple(given.fitted or finished.matrix.families)))
    (given.out / "report.md").write_text(text)
    print(text, end="")
    return 0


@dataclass(frozen=True)
class Measures:
    """Every measure of the default policy, in groups that share a bar."""

    finished: Finished
    fitted: tuple[str, ...]

    def groups(self) -> Iterator[list[Row]]:
        """In the order of the page."""
        yield self.smallest_and_mean()[:1]
        yield self.smallest_and_mean()[1:]
        yield self.cells()
        yield self.peers()
        yield self._by_family(Bar("retention gap, 14 days later", low=0.85), partial(self._closed, per=later))
        yield self._by_family(Bar("gap of the weakest fifth", low=0.75), partial(self._closed, per=weakest))
        yield self._by_family(Bar("premature promotions, of skills declared", high=0.05), self._premature)
        yield self._by_family(Bar("over-practice less the oracle's", high=0.10), self._wasted_more)
        yield self._by_family(Bar("runs of three failures per 100 items", high=3.0), self._mean(lambda cell: cell.failure_runs))
        yield self._by_family(Bar("zone hit rate", low=0.60), self._mean(lambda cell: cell.zone_hit))
        yield from self._where_fitted(Bar("Z against truth, AUC", low=0.80), self._mean(lambda cell: cell.zone_auc))
        yield from self._where_fitted(Bar("coverage of 90 % intervals of m", 0.87, 0.93), self._mean(lambda cell: cell.coverage))
        yield self.wrong_edges()
        yield self._by_family(Bar("exposure of the most shown item"), self._mean(lambda cell: cell.exposure))
        yield self._by_family(Bar("attempts until 80 % of skills are mastered"), self._mean(lambda cell: cell.attempts_until_most))

    def smallest_and_mean(self) -> list[Row]:
        """Of the closed gaps, over families."""
        gaps = [self.finished.matrix.gap(DEFAULT_POLICY, family) for family in self.finished.matrix.families]
        above, whole = np.stack([gap.policy - gap.random for gap in gaps]), np.stack([gap.oracle - gap.random for gap in gaps])
        cells = self.cells()
        n_met = sum(bool(row.is_met) for row in cells)
        smallest, mean = (resampled(above, whole, of_all) for of_all in (partial(np.min, axis=0), partial(np.mean, axis=0)))
        note = f"{n_met} of {len(cells)} cells reach their own bar, {CELL:g} or {OF_CEILING:g} of the ceiling"
        return [
            Row(Bar("smallest cell", low=CELL), "all", smallest, note, n_met == len(cells)),
            Row(Bar("mean of cells", low=0.85), "all", mean),
        ]

    def cells(self) -> list[Row]:
        """The closed gap of each family at the bar that its ceiling leaves."""
        return [self._cell(family) for family in self.finished.matrix.families]

    def peers(self) -> list[Row]:
        """What the default policy closes more than each peer, where that is least."""
        compared = self.finished.matrix.comparisons()
        return [_beside(peer, [each for each in compared if each.peer == peer]) for peer in self.finished.matrix.peers]

    def wrong_edges(self) -> list[Row]:
        """What 15 % wrong edges cost."""
        bar = Bar(f"cost of {SHARE:.0%} wrong prerequisites", high=0.05)
        found = [Row(bar, cost.family, cost.of_gap) for cost in costs(self.finished, DEFAULT_POLICY)]
        return found or [Row(bar, "all", Interval(None, None, None), "not played")]

    def _cell(self, family: str) -> Row:
        matrix = self.finished.matrix
        if ("ceiling", family) not in matrix.cells:
            return Row(Bar("closed gap", low=CELL), family, self._closed(family), "no ceiling was played")
        ceiling = matrix.gap("ceiling", family).interval()
        low = CELL if ceiling.value is None else min(CELL, OF_CEILING * ceiling.value)
        return Row(Bar("closed gap", low=low), family, self._closed(family), f"ceiling {shown(ceiling)}")

    def _by_family(self, bar: Bar, of: Callable[[str], Interval]) -> list[Row]:
        return [Row(bar, family, of(family)) for family in self.finished.matrix.families]

    def _where_fitted(self, bar: Bar, of: Callable[[str], Interval]) -> Iterator[list[Row]]:
        rows = self._by_family(bar, of)
        yield [row for row in rows if row.of in self.fitted]
        yield [Row(Bar(f"{bar.measure}, elsewhere"), row.of, row.found) for row in rows if row.of not in self.fitted]

    def _closed(self, family: str, per: Per = end) -> Interval:
        return self.finished.matrix.gap(DEFAULT_POLICY, family, per).interval()

    def _mean(self, of: Callable[[Cell], float | None]) -> Callable[[str], Interval]:
        """Over seeds, by family; None where a seed has nothing to say."""
        return lambda family: _mean([of(cell) for cell in self.finished.matrix.cells[DEFAULT_POLICY, family]])

    def _premature(self, family: str) -> Interval:
        cells = self.finished.matrix.cells[DEFAULT_POLICY, family]
        return resampled(_counts([cell.n_premature for cell in cells]), _counts([cell.n_declared for cell in cells]))

    def _wasted_more(self, family: str) -> Interval:
        cells = self.finished.matrix.cells
        pairs = zip(cells[DEFAULT_POLICY, family], cells["oracle", family], strict=True)
        return _mean([ours.over_practice - oracle.over_practice for ours, oracle in pairs])


def _mean(values: Sequence[float | None]) -> Interval:
    known = np.array([value for value in values if value is not None])
    return resampled(known, np.ones(len(known))) if len(known) == len(values) else Interval(None, None, None)


def _counts(values: Sequence[int | None]) -> Floats:
    return np.array([value or 0 for value in values], dtype=np.float64)


def _beside(peer: str, compared: Sequence[Comparison]) -> Row:
    """The least difference over families; met where it is above 0 in each, beyond chance."""
    above = [each for each in compared if (each.difference or 0.0) > 0.0 and each.p_holm is not None and each.p_holm < SIGNIFICANT]
    least = min(compared, key=lambda each: each.difference or 0.0)
    note = f"Holm-corrected p {two(least.p_holm)}; above it in {len(above)} of {len(compared)} families (p < {SIGNIFICANT:g})"
    found = Interval(least.difference, least.low, least.high)
    return Row(Bar("closed gap less that of a peer", low=0.0), f"`{peer}` in {least.family}", found, note, len(above) == len(compared))


def written(finished: Finished, measures: Measures) -> str:
    """The report in Markdown."""
    groups = [group for group in measures.groups() if group]
    bars = [row for row in map(_summary, groups) if str(row.bar) != "told"]
    first, last = finished.seeds[0], finished.seeds[-1]
    kind = "Seeds of the report" if first >= REPORT_SEEDS else "Development seeds"
    what = f"{kind} {first} to {last}, {finished.n_learners} learners, {finished.n_items} items, {len(finished.matrix.families)} families"
    fitted = "".join(f" `{family}` is fitted to {source}." for family, source in finished.trained_on.items())
    n_met = sum(bool(row.is_met) for row in bars)
    return "\n".join(
        [
            f"`{DEFAULT_POLICY}` in simulation, worst case over families of simulated learners; none of it says that a child learns more.",
            f"{what}; 95 % intervals by resampling seeds. {n_met} of {len(bars)} bars are met.{fitted}",
            *_table("each bar, where it is met least", bars),
            *_table("each measure", [row for group in groups for row in group]),
            "",
        ]
    )


def _summary(group: Sequence[Row]) -> Row:
    """The row that is farthest from its bar, met where all are of which there is something to measure."""
    known = [row for row in group if row.is_met is not None]
    if not known:
        return group[0]
    worst = max(known, key=lambda row: row.short_by)
    note = worst.note if len(known) == len(group) else f"nothing to measure in {len(group) - len(known)} of {len(group)}"
    return replace(worst, note=note, met_by=all(row.is_met for row in known))


def _table(title: str, rows: Sequence[Row]) -> list[str]:
    return ["", f"| {title} | where | bar | measured | | |", "|---|---|---|---|---|---|", *map(_line, rows)]


def _line(row: Row) -> str:
    verdict = {True: "met", False: "**missed**", None: ""}[row.is_met]
    return f"| {row.bar.measure} | {row.of} | {row.bar} | {shown(row.found)} | {verdict} | {row.note} |"


if __name__ == "__main__":
    raise SystemExit(main())
