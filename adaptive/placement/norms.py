"""How the population scores: means and standard deviations of MAP Growth mathematics by grade and time of year.

Source: NWEA, 2025 MAP Growth Norms, student status norms, mathematics; means and standard deviations as cited facts,
good to about half a RIT. Nothing here forecasts a single learner: fall-to-spring growth has a standard deviation of
about 7 RIT, as large as its mean in grades 5-8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.special import ndtr

from adaptive.catalog.norms import GRADES

__all__ = ["DAYS_PER_YEAR", "MATHEMATICS_2025", "Norm", "grade_at", "grade_number", "norm_at", "percentile", "school_years"]

_SCHOOL_YEAR_STARTS_IN: Final = 8
_FALL: Final = (9, 15)
_SEASONS: Final = ("Fall", "Winter", "Spring")
_SEASON_AT: Final = (0.0, 4 / 12, 8 / 12)
"""Fall, winter and spring tests are normed at instructional weeks 4, 20 and 32: mid-September, -January and -May."""

DAYS_PER_YEAR: Final = 365.25

_SUMMER_LEFT: Final = 45 / DAYS_PER_YEAR
"""Years from the first of August, when grades turn over, to the fall test."""


@dataclass(frozen=True, slots=True)
class Norm:
    """Mean and standard deviation of the population, in RIT."""

    mean: float
    sd: float


def _by_season(*rows: tuple[float, float, float, float, float, float]) -> Mapping[tuple[str, str], Norm]:
    return MappingProxyType(
        {
            (grade, season): Norm(row[2 * position], row[2 * position + 1])
            for grade, row in zip(GRADES, rows, strict=True)
            for position, season in enumerate(_SEASONS)
        }
    )


MATHEMATICS_2025: Final = _by_season(
    # fall mean, sd; winter mean, sd; spring mean, sd: kindergarten, then grades 1 to 12
    (141.17, 12.29, 150.65, 12.57, 157.77, 13.04),
    (159.29, 13.40, 168.26, 13.83, 174.99, 14.32),
    (172.87, 15.44, 181.20, 15.70, 187.46, 16.07),
    (184.05, 15.54, 192.65, 16.34, 199.10, 17.03),
    (197.03, 15.91, 204.48, 17.02, 210.07, 18.04),
    (206.23, 16.23, 211.82, 17.42, 216.01, 18.44),
    (210.23, 15.99, 216.00, 17.35, 220.33, 18.47),
    (217.21, 17.22, 221.00, 18.36, 223.85, 19.29),
    (222.05, 18.33, 225.95, 19.31, 228.87, 20.16),
    (224.90, 17.67, 227.14, 19.17, 228.82, 21.08),
    (226.80, 18.58, 229.40, 20.19, 231.36, 22.23),
    (229.19, 20.48, 231.36, 21.85, 233.00, 23.16),
    (228.14, 20.95, 229.85, 21.81, 231.13, 23.28),
)
"""(grade, season) -> Norm."""

_KNOTS: Final = np.array([number + offset for number in range(len(GRADES)) for offset in _SEASON_AT])
_MEANS: Final = np.array([norm.mean for norm in MATHEMATICS_2025.values()])
_SDS: Final = np.array([norm.sd for norm in MATHEMATICS_2025.values()])


def grade_number(grade: str) -> int | None:
    """0 for kindergarten, 1 to 12 for the grades; None for anything else.

    >>> grade_number("K"), grade_number(" 4 "), grade_number("HS")
    (0, 4, None)
    """
    wanted = grade.strip().upper()
    return GRADES.index(wanted) if wanted in GRADES else None


def school_years(grade: str, on: date) -> float | None:
    """School years since the kindergarten fall test, for a learner who is in that grade on that day.

    >>> school_years("3", date(2025, 9, 15)), round(school_years("3", date(2026, 5, 15)), 2), school_years("", date(2025, 9, 15))
    (3.0, 3.66, None)
    """
    number = grade_number(grade)
    if number is None:
        return None
    started = on.year if on.month >= _SCHOOL_YEAR_STARTS_IN else on.year - 1
    return number + (on - date(started, *_FALL)).days / DAYS_PER_YEAR


def grade_at(years: float) -> str:
    """The grade that a learner is in that many school years after the kindergarten fall test; 12 is the last.

    >>> grade_at(3.0), grade_at(3.87), grade_at(3.89), grade_at(14.0)
    ('3', '3', '4', '12')
    """
    number = int(years + _SUMMER_LEFT)
    return GRADES[min(max(number, 0), len(GRADES) - 1)]


def norm_at(years: float) -> Norm:
    """The population's norm that many school years after the kindergarten fall test, linear between the seasons.

    >>> norm_at(3.0)
    Norm(mean=184.05, sd=15.54)
    """
    return Norm(float(np.interp(years, _KNOTS, _MEANS)), float(np.interp(years, _KNOTS, _SDS)))


def percentile(rit: float, norm: Norm) -> int:
    """100 Phi((RIT - mean) / sd), rounded and clamped to 1..99 as the publisher reports it.

    >>> percentile(184.05, MATHEMATICS_2025["3", "Fall"]), percentile(300.0, MATHEMATICS_2025["3", "Fall"])
    (50, 99)
    """
    return int(np.clip(np.rint(100.0 * ndtr((rit - norm.mean) / norm.sd)), 1, 99))
