"""Which rules a score breaks: one list for imported files, for the API and for the prior."""

from __future__ import annotations

from typing import Final

from adaptive.domain import Score
from adaptive.errors import Problem, UnknownName
from adaptive.placement.scales import find_scale

__all__ = ["SURER_AT_MOST", "score_problems"]

SURER_AT_MOST: Final = 10.0
"""Times: a test so much surer than the scale's usual would be a hundred times as long (errors fall with the root of length)."""

_ROUNDING: Final = 1.0 - 1e-9
"""So that .055 is not below a tenth of .55."""


def score_problems(score: Score, *, where: str) -> list[Problem]:
    """Every rule that the score breaks; empty for a sound one.

    >>> print(*score_problems(Score("ann", "rit", 900.0), where="row 2"))
    row 2: a score on the rit scale lies between 100 and 350. Got '900'; check the scale and the score.
    """
    try:
        scale = find_scale(score.scale)
        area = scale.find_area(score.area)
    except UnknownName as error:
        rule, _, way_out = str(error).partition("; ")
        return [Problem(where, rule.removesuffix("."), score.area if "area" in rule else score.scale, way_out.removesuffix("."))]
    found = []
    if not scale.lowest <= score.score <= scale.highest:
        rule = f"a score on the {scale.name} scale lies between {scale.lowest:g} and {scale.highest:g}"
        found.append(Problem(where, rule, f"{score.score:g}", "check the scale and the score"))
    usual, longest = scale.default_error(area), scale.highest - scale.lowest
    if score.standard_error is not None and not usual / SURER_AT_MOST * _ROUNDING <= score.standard_error <= longest:
        least = f"{usual / SURER_AT_MOST:.2g}"
        rule = f"a standard error on the {scale.name} scale lies between {least} (a tenth of the usual) and {longest:g}"
        found.append(Problem(where, rule, f"{score.standard_error:g}", "correct it, or leave it empty for the scale's default"))
    return found
