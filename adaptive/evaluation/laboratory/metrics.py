"""What a cell says of one policy, one family and one seed: numbers by learner, from which a matrix is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from adaptive.domain import MASTERED_AT
from adaptive.evaluation.laboratory.playing import Played
from adaptive.protocols import Floats, Ints

__all__ = ["CURVE_EVERY", "N_FIFTHS", "Cell", "fifth_of", "measure"]

PREMATURE_BELOW: Final = 0.70
"""Mastery declared of a skill whose true success is below this is premature (formats page, "One threshold")."""

CURVE_EVERY: Final = 10
"""Attempts between two points of the curves."""

N_FIFTHS: Final = 5

_MOST: Final = 0.8
"""Share of skills truly mastered that `attempts_until_most` waits for (policy page)."""

_FAILURES: Final = 3
"""Wrong answers in a row that count as a run; six are two runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One policy on one family and seed. `start`, `end`, `later` are each learner's mean true success: first, last, 14 days on.

    `over_practice` is the share of attempts whose skills were all truly mastered, `n_declared` and `n_premature` count skills declared
    mastered for the first time and those of them with true success below .70 then (None where the policy declares none), `failure_runs`
    are runs of three wrong answers per 100 items, `zone_hit` the share of items with at least half the best true gain (None where
    nothing had any), `attempts_until_most` the median attempts until 80 % of skills were truly mastered (None where half the learners never
    were), `exposure` the largest share of attempts that one item had, `mastered` (5, n_points) the share of skills truly mastered
    by fifth of `start`, weakest first, every CURVE_EVERY attempts; `coverage` and `zone_auc` hold beliefs against the truth
    (`beliefs`; None where a policy has none).
    """

    start: list[float]
    end: list[float]
    later: list[float]
    over_practice: float
    n_declared: int | None
    n_premature: int | None
    failure_runs: float
    zone_hit: float | None
    attempts_until_most: float | None
    exposure: float
    mastered: list[list[float]]
    coverage: float | None
    zone_auc: float | None

    def to_json(self) -> dict[str, Any]:  # Any: JSON values
        """The fields by name."""
        return asdict(self)


def measure(played: Played) -> Cell:
    """The numbers of a cell."""
    before, n_attempts = played.success[:-1], played.item.size
    start = played.success[0].mean(axis=1)
    mastered = played.success >= MASTERED_AT  # (n_steps + 1, n, n_skills)
    wasted = np.stack([played.world.all_over_skills(now)[np.arange(len(i)), i] for now, i in zip(mastered, played.item, strict=False)])
    declared, premature = _promotions(played, before)
    share = mastered.mean(axis=2)  # (n_steps + 1, n)
    looked = played.hit[~np.isnan(played.hit)]
    fifth = fifth_of(start)
    return Cell(
        start=_rounded(start),
        end=_rounded(played.success[-1].mean(axis=1)),
        later=_rounded(played.later.mean(axis=1)),
        over_practice=float(wasted.mean()),
        n_declared=declared,
        n_premature=premature,
        failure_runs=100.0 * _n_runs(played.correct) / n_attempts,
        zone_hit=_mean(looked),
        attempts_until_most=_until_most(share),
        exposure=float(np.bincount(played.item.ravel()).max() / n_attempts),
        coverage=_mean(played.coverage),
        zone_auc=_mean(played.zone_auc),
        mastered=[_rounded(share[::CURVE_EVERY, fifth == f].mean(axis=1)) for f in range(N_FIFTHS) if (fifth == f).any()],
    )


def fifth_of(start: Floats) -> Ints:
    """(n,): 0 for the weakest fifth to 4 for the strongest, by what each began with; ties in the order given.

    >>> fifth_of(np.array([0.9, 0.1, 0.5, 0.3, 0.7])).tolist()
    [4, 0, 2, 1, 3]
    """
    rank = np.empty(len(start), dtype=np.int64)
    rank[np.argsort(start, kind="stable")] = np.arange(len(start))
    return np.asarray(rank * N_FIFTHS // len(start))


def _promotions(played: Played, success: Floats) -> tuple[int | None, int | None]:
    """How many skills were declared for the first time, and how many of them too early."""
    if played.declared is None:
        return None, None
    n_declared, n_premature, known = 0, 0, np.zeros(played.declared.shape[1:], dtype=np.bool_)
    for said, now in zip(played.declared, success, strict=True):
        fresh = said & ~known
        n_declared, n_premature, known = (
            n_declared + int(fresh.sum()),
            n_premature + int((fresh & (now < PREMATURE_BELOW)).sum()),
            known | said,
        )
    return n_declared, n_premature


def _n_runs(correct: Floats) -> int:
    """Runs of three failures in `correct` (n_steps, n).

    >>> _n_runs(np.array([[1.0, 0, 0, 0, 0, 0, 0, 1, 0, 0]]).T)
    2
    """
    n_wrong, n_runs = np.zeros(correct.shape[1], dtype=np.int64), 0
    for scores in correct:
        n_wrong = np.where(scores < 0.5, n_wrong + 1, 0)
        n_runs += int(((n_wrong > 0) & (n_wrong % _FAILURES == 0)).sum())
    return n_runs


def _until_most(share: Floats) -> float | None:
    """The median over learners of the first step at which `share` (n_steps + 1, n) reaches _MOST."""
    reached = share >= _MOST
    first = np.where(reached.any(axis=0), np.argmax(reached, axis=0), np.inf)
    median = float(np.median(first))
    return median if np.isfinite(median) else None


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def _rounded(values: Floats) -> list[float]:
    """To six digits: a learner's success is not known better than that from one simulation."""
    return [round(float(value), 6) for value in values]
