"""Ability per instructional area from a learner's scores: a joint normal on the RIT scale, as of one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from adaptive.domain import Score
from adaptive.placement.norms import DAYS_PER_YEAR, Norm, grade_at, grade_number, norm_at, school_years
from adaptive.placement.scales import MATHEMATICS_AREAS, OVERALL, find_scale
from adaptive.protocols import Floats, Ints

__all__ = [
    "AREA_DEVIATION_SD",
    "GROWTH_VARIANCE_PER_YEAR",
    "AreaAbility",
    "ability_from_scores",
    "evidence",
    "grade_on",
    "latest",
    "school_years_of",
    "years_since",
]

AREA_DEVIATION_SD: Final = 4.0
"""RIT; how far one area of a learner lies from the learner's overall ability."""

FLAT_SD: Final = 20.0
"""RIT; the population prior of a learner whose grade is unknown."""

GROWTH_VARIANCE_PER_YEAR: Final = 7.0**2 / (8 / 12)
"""RIT squared: fall-to-spring growth, eight months apart, has a standard deviation of about 7 (NWEA norms)."""

OTHER_AREA: Final = "other"
"""Where skills stand whose domain no area reports on: the overall ability with a deviation of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class AreaAbility:
    """Joint normal over (overall, each area, other), in RIT: `mean` (n,), `covariance` (n, n)."""

    areas: tuple[str, ...]
    mean: Floats
    covariance: Floats

    def position(self, area: str | None) -> int:
        """Where that area stands; skills of no area (None) stand under `other`.

        >>> ability_from_scores([], on=date(2025, 9, 15), flat_mean=200.0).position(None)
        7
        """
        return self.areas.index(OTHER_AREA if area is None else area)


def ability_from_scores(scores: Sequence[Score], *, on: date, flat_mean: float) -> AreaAbility:
    """Population prior of the learner's grade, then the exact Gaussian update with every score, as of that day.

    theta_area = theta + deviation, deviation ~ N(0, 4^2). A score y with standard error s, taken t years ago, says
    theta_area ~ N(y + growth, s^2 + 73.5 t): `growth` is what the population gained since, 0 where the grade is
    unknown. Of each test the areas count, or the overall score where it has none: the overall contains the areas.
    Without a grade the prior is flat: SD 20 around the scores, or around `flat_mean` where there are none.

    >>> fall = date(2025, 9, 15)
    >>> placed = ability_from_scores([Score("ann", "rit", 200.0, taken_on=fall, grade="3")], on=fall, flat_mean=200.0)
    >>> placed.mean[0].round(1), placed.covariance[0, 0].round(1)  # drawn a little towards the grade's mean of 184.1
    (np.float64(199.3), np.float64(10.4))
    """
    used = evidence(scores)
    now = school_years_of(scores, on=on)
    observed = np.array([_observation(score, on=on, now=now) for score in used]).reshape(-1, 2)  # (n_scores, 2)
    flat = Norm(float(observed[:, 0].mean()) if used else flat_mean, FLAT_SD)
    prior = _population(flat if now is None else norm_at(now))
    return _condition(prior, np.array([prior.position(score.area) for score in used], dtype=np.int64), observed)


def evidence(scores: Sequence[Score]) -> tuple[Score, ...]:
    """The scores that count: of each test (scale and day) the areas, or the overall score where it has none.

    Each counts once, with scale and area as the scale spells them: see `latest`.
    """
    tests: defaultdict[tuple[str, date | None], list[Score]] = defaultdict(list)
    for score in latest(scores):
        tests[score.scale, score.taken_on].append(score)
    return tuple(score for test in tests.values() for score in ([s for s in test if s.area != OVERALL] or test))


def latest(scores: Sequence[Score]) -> tuple[Score, ...]:
    """One score per scale, area and day, as the last to arrive says: sent again it is the same, changed it is a correction.

    Scale and area are spelled as the scale spells them. An unknown day is a day of its own.

    >>> [score.score for score in latest([Score("ann", "RIT ", 200.0), Score("ann", "rit", 210.0, area="overall")])]
    [210.0]
    """
    spelled = [replace(score, scale=(scale := find_scale(score.scale)).name, area=scale.find_area(score.area)) for score in scores]
    return tuple({(score.scale, score.area, score.taken_on): score for score in spelled}.values())


def school_years_of(scores: Sequence[Score], *, on: date) -> float | None:
    """School years of the learner on that day, as the latest score with a grade implies; None where no score has one.

    >>> round(school_years_of([Score("ann", "rit", 200.0, taken_on=date(2024, 9, 15), grade="3")], on=date(2025, 9, 15)), 2)
    4.0
    """
    graded = [score for score in reversed(latest(scores)) if grade_number(score.grade) is not None]
    if not graded:
        return None
    newest = max(graded, key=lambda score: score.taken_on or on)  # of several on one day the last to arrive
    then = school_years(newest.grade, newest.taken_on or on)
    return None if then is None else then + years_since(newest, on=on)


def grade_on(scores: Sequence[Score], *, on: date) -> str:
    """The learner's grade on that day, as the latest score with a grade implies; empty where no score has one.

    >>> grade_on([Score("ann", "rit", 200.0, taken_on=date(2025, 5, 10), grade="3")], on=date(2025, 9, 15))
    '4'
    """
    years = school_years_of(scores, on=on)
    return "" if years is None else grade_at(years)


def years_since(score: Score, *, on: date) -> float:
    """Years from the test to that day; 0 where the day of the test is unknown or still to come."""
    return 0.0 if score.taken_on is None else max((on - score.taken_on).days / DAYS_PER_YEAR, 0.0)


def _observation(score: Score, *, on: date, now: float | None) -> tuple[float, float]:
    """Mean and variance in RIT of what the score says of its area on that day."""
    scale = find_scale(score.scale)
    own = score.standard_error if score.standard_error is not None else scale.default_error(score.area)
    elapsed = years_since(score, on=on)
    growth = 0.0 if now is None else norm_at(now).mean - norm_at(now - elapsed).mean
    return scale.to_rit(score.score) + growth, scale.error_to_rit(own) ** 2 + GROWTH_VARIANCE_PER_YEAR * elapsed


def _population(norm: Norm) -> AreaAbility:
    areas = (OVERALL, *MATHEMATICS_AREAS, OTHER_AREA)
    deviations = np.array([0.0] + [AREA_DEVIATION_SD**2] * (len(areas) - 1))
    return AreaAbility(areas, np.full(len(areas), norm.mean), norm.sd**2 + np.diag(deviations))


def _condition(prior: AreaAbility, area: Ints, observed: Floats) -> AreaAbility:
    """The prior given `observed` (n_scores, 2), mean and variance of what each score says of its `area` (n_scores,).

    Scores of one area are pooled first: areas differ by their own deviations, so the equations below stay apart however
    sure the scores are.
    """
    seen = np.unique(area)
    precision = np.array([(1.0 / observed[area == one, 1]).sum() for one in seen])  # (n_seen,)
    pooled = np.array([(observed[area == one, 0] / observed[area == one, 1]).sum() for one in seen]) / precision
    innovation = prior.covariance[np.ix_(seen, seen)] + np.diag(1.0 / precision)  # (n_seen, n_seen)
    gain = np.linalg.solve(innovation, prior.covariance[seen]).T  # (n_areas, n_seen)
    covariance = prior.covariance - gain @ prior.covariance[seen]
    return AreaAbility(prior.areas, prior.mean + gain @ (pooled - prior.mean[seen]), (covariance + covariance.T) / 2.0)
