"""Score scales as values: how a test's score becomes RIT, and which instructional area covers which domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.errors import unknown_name

__all__ = ["MATHEMATICS_AREAS", "OVERALL", "SCALES", "ScoreScale", "find_scale"]

OVERALL: Final = ""
"""The area of an overall score."""

MATHEMATICS_AREAS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Operations and Algebraic Thinking": ("OA", "EE", "F", "A"),
        "Number and Operations": ("CC", "NBT", "NF"),
        "Real and Complex Number Systems": ("NS", "RP", "N"),
        "Measurement and Data": ("MD",),
        "Geometry": ("G",),
        "Statistics and Probability": ("SP", "S"),
    }
)
"""MAP Growth's mathematics areas and the domain codes of the standards that each reports on.

High-school codes name a cluster after a dash (`F-IF`); the part before it is the domain. `A` (algebra) and `S` are the
high-school names of what `EE` and `SP` are before.
"""


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """A linear scale of test scores: RIT = origin + unit * score, a score being valid from `lowest` to `highest`.

    Standard errors are in the scale's own units and stand in where a row brings none.

    >>> theta = SCALES["theta"]
    >>> theta.to_rit(1.5), theta.error_to_rit(0.3)
    (215.0, 3.0)
    """

    name: str
    origin: float
    unit: float
    lowest: float
    highest: float
    standard_error: float
    area_standard_error: float
    areas: Mapping[str, tuple[str, ...]]

    def to_rit(self, score: float) -> float:
        """A score of this scale in RIT units."""
        return self.origin + self.unit * score

    def error_to_rit(self, standard_error: float) -> float:
        """A standard error of this scale in RIT units."""
        return self.unit * standard_error

    def default_error(self, area: str) -> float:
        """The standard error, in the scale's units, of a score of that area that brings none."""
        return self.standard_error if area == OVERALL else self.area_standard_error

    def find_area(self, name: str) -> str:
        """The area of that name as the table spells it, whatever the case and with or without "The". Raises UnknownName.

        >>> SCALES["rit"].find_area("the real and complex number systems")
        'Real and Complex Number Systems'
        """
        wanted = name.strip().casefold().removeprefix("the ")
        if wanted in {"", "overall"}:
            return OVERALL
        for area in self.areas:
            if area.casefold() == wanted:
                return area
        raise unknown_name("area", name, self.areas, way_out="use one of these, or leave it empty for an overall score")

    def area_of(self, domain: str) -> str | None:
        """The area that reports on a skill of that domain; None where no area does.

        >>> SCALES["rit"].area_of("NF"), SCALES["rit"].area_of("F-IF"), SCALES["rit"].area_of("chemistry")
        ('Number and Operations', 'Operations and Algebraic Thinking', None)
        """
        code = domain.partition("-")[0]
        return next((area for area, codes in self.areas.items() if code in codes), None)


SCALES: Final[Mapping[str, ScoreScale]] = MappingProxyType(
    {
        # MAP Growth: a Rasch scale of 10 units per logit; errors of 3.3 overall and about 5.5 per instructional area are
        # typical of its technical report. Scores of the operational tests fall between 100 and 350.
        "rit": ScoreScale("rit", 0.0, 1.0, 100.0, 350.0, 3.3, 5.5, MATHEMATICS_AREAS),
        # Ability in logits, relative to the zero of the catalogue's difficulties, which is 200 RIT (catalog/scale.py).
        # .45 is the usual stopping rule of an adaptive placement test; .55 is the area error of RIT in logits.
        "theta": ScoreScale(
            "theta", DIFFICULTY_SCALES["rit"].origin, DIFFICULTY_SCALES["rit"].unit, -10.0, 15.0, 0.45, 0.55, MATHEMATICS_AREAS
        ),
    }
)


def find_scale(name: str) -> ScoreScale:
    """The scale of that name. Raises UnknownName, which lists the known ones.

    >>> find_scale("rit").standard_error
    3.3
    """
    try:
        return SCALES[name.strip().lower()]
    except KeyError:
        raise unknown_name("scale", name, SCALES) from None
