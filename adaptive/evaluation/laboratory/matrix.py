"""The robust evaluation matrix: closed gaps with intervals, and what stands beside them, from the cells of all seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np

from adaptive.evaluation.laboratory.entrants import DEFAULT_POLICY, ORACLES, entrant_of
from adaptive.evaluation.laboratory.gaps import Gap, Per, difference, end, holm, later, weakest
from adaptive.evaluation.laboratory.metrics import Cell
from adaptive.evaluation.laboratory.run import Cells

__all__ = ["REFERENCES", "Comparison", "Matrix", "Summary"]

REFERENCES = ("oracle", "ceiling", "random")


@dataclass(frozen=True, slots=True)
class Summary:
    """A cell of the matrix over all seeds; None where there is nothing to say. Shares, but for `failure_runs` per 100 items and counts."""

    closed_gap: float | None
    low: float | None
    high: float | None
    retention_gap: float | None
    weakest_fifth: float | None
    over_practice: float | None
    premature_promotion: float | None
    failure_runs: float | None
    zone_hit: float | None
    attempts_until_most: float | None
    exposure: float | None
    coverage: float | None
    zone_auc: float | None
    value: float | None
    value_later: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much more of a family's gap the default policy closes than a peer, paired by seed; `p_holm` over all peers and families."""

    family: str
    peer: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None


class Matrix:
    """All that a run says: rows are entrants, columns families. The oracle of a family is the better of the two by mean final value."""

    def __init__(self, cells: Cells) -> None:
        self.cells: Cells = dict(cells)
        self.families = [family for name, family in cells if name == "random"]
        self.oracle_is = {family: max(ORACLES, key=lambda name: _value(self.cells[name, family])) for family in self.families}
        self.cells |= {("oracle", family): cells[name, family] for family, name in self.oracle_is.items()}
        self.rows = [name for name in dict.fromkeys(name for name, _ in self.cells) if name not in ORACLES]
        self.peers = [name for name in self.rows if name != "oracle" and entrant_of(name).role == "peer"]

    def gap(self, name: str, family: str, per: Per = end) -> Gap:
        """The values that a closed gap is made of."""
        return Gap.of(self.cells[name, family], self.cells["random", family], self.cells["oracle", family], per)

    def summary(self, name: str, family: str) -> Summary:
        """One cell over all seeds."""
        cells, closed = self.cells[name, family], self.gap(name, family).interval()
        return Summary(
            closed_gap=closed.value,
            low=closed.low,
            high=closed.high,
            retention_gap=self.gap(name, family, later).closed(),
            weakest_fifth=self.gap(name, family, weakest).closed(),
            over_practice=_mean([cell.over_practice for cell in cells]),
            premature_promotion=_premature(cells),
            failure_runs=_mean([cell.failure_runs for cell in cells]),
            zone_hit=_mean([cell.zone_hit for cell in cells]),
            attempts_until_most=_median([cell.attempts_until_most for cell in cells]),
            exposure=_mean([cell.exposure for cell in cells]),
            coverage=_mean([cell.coverage for cell in cells]),
            zone_auc=_mean([cell.zone_auc for cell in cells]),
            value=_value(cells),
            value_later=_mean([float(later(cell).mean()) for cell in cells]),
        )

    def comparisons(self) -> list[Comparison]:
        """The default policy beside each peer in each family, as far as they were played."""
        beside = product(self.families, self.peers)
        pairs = [(family, peer) for family, peer in beside if {(peer, family), (DEFAULT_POLICY, family)} <= {*self.cells}]
        found = [difference(self.gap(DEFAULT_POLICY, family), self.gap(peer, family)) for family, peer in pairs]
        adjusted = holm([p for _, p in found])
        return [
            Comparison(family, peer, more.value, more.low, more.high, p, p_holm)
            for (family, peer), (more, p), p_holm in zip(pairs, found, adjusted, strict=True)
        ]

    def to_json(self) -> dict[str, Any]:  # Any: JSON values
        """`matrix.json`; numbers have five digits."""
        cells = {
            name: {family: self.summary(name, family) for family in self.families if (name, family) in self.cells} for name in self.rows
        }
        return {
            "default_policy": DEFAULT_POLICY,
            "peers": self.peers,
            "references": list(REFERENCES),
            "families": self.families,
            "oracle_is": self.oracle_is,
            "smallest_and_mean": {name: _smallest_and_mean(list(row.values())) for name, row in cells.items()},
            "cells": {name: {family: _short(asdict(summary)) for family, summary in row.items()} for name, row in cells.items()},
            "comparisons": [_short(asdict(comparison)) for comparison in self.comparisons()],
        }


def _value(cells: Sequence[Cell]) -> float:
    return float(np.mean([end(cell).mean() for cell in cells]))


def _premature(cells: Sequence[Cell]) -> float | None:
    n_declared = sum(cell.n_declared or 0 for cell in cells)
    return sum(cell.n_premature or 0 for cell in cells) / n_declared if n_declared else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _median(values: Sequence[float | None]) -> float | None:
    """None where it is beyond the last attempt."""
    middle = float(np.median([np.inf if value is None else value for value in values]))
    return middle if np.isfinite(middle) else None


def _smallest_and_mean(row: Sequence[Summary]) -> list[float | None]:
    gaps = [summary.closed_gap for summary in row]
    known = [gap for gap in gaps if gap is not None]
    return [round(min(known), 5), round(float(np.mean(known)), 5)] if len(known) == len(gaps) and known else [None, None]


def _short(fields: dict[str, Any]) -> dict[str, Any]:  # Any: JSON values
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in fields.items()}
