"""Mastery rules by name: the one place where a name becomes a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from adaptive.errors import InvalidInput, Problem, unknown_name
from adaptive.mastery.ability_cut import AbilityCut
from adaptive.mastery.bkt_threshold import BktThreshold
from adaptive.mastery.bounded_score import BoundedScore
from adaptive.mastery.competency import Competency
from adaptive.mastery.delayed_check import DelayedCheck
from adaptive.mastery.goal import GoalMastery
from adaptive.mastery.khan_levels import KhanLevels
from adaptive.mastery.points import Points
from adaptive.mastery.records import from_json, types_of
from adaptive.mastery.retention import Retention
from adaptive.mastery.streak import SKILL_BUILDER, Streak

__all__ = ["RULES", "AnyRule", "build_rule", "describe"]

AnyRule: TypeAlias = (
    BktThreshold | KhanLevels | Streak | Points | DelayedCheck | GoalMastery | AbilityCut | BoundedScore | Competency | Retention
)

_DEFAULTS: Final[tuple[AnyRule, ...]] = (
    BktThreshold(),
    KhanLevels(),
    Streak(),
    Points(),
    DelayedCheck(),
    GoalMastery(),
    AbilityCut(),
    BoundedScore(),
    Competency(),
    Retention(),
)

RULES: Final[Mapping[str, AnyRule]] = MappingProxyType({rule.name: rule for rule in _DEFAULTS} | {"skill_builder": SKILL_BUILDER})
"""Every rule with its usual parameters, by name; `skill_builder` is the streak of ASSISTments."""


def build_rule(name: str, parameters: Mapping[str, object] = MappingProxyType({})) -> AnyRule:
    """The rule of that name, with these parameters in the place of its own; durations may be numbers of seconds.

    Raises UnknownName, and InvalidInput with every parameter that is unknown, or else out of its bounds.

    >>> build_rule("streak", {"in_a_row": 5}).version
    'streak(in_a_row=5, m_of_n=None, daily_stop=None, recheck_after=None, n_rechecks=0)'
    >>> build_rule("three_stars")
    Traceback (most recent call last):
    adaptive.errors.UnknownName: Unknown mastery rule 'three_stars'. Known: ability_cut, bkt_threshold, bounded_score, \
competency, delayed_check, goal, khan_levels, points, retention, skill_builder, streak; use one of the known names.
    """
    if name not in RULES:
        raise unknown_name("mastery rule", name, RULES)
    rule = RULES[name]
    kinds = types_of(type(rule))
    unknown = {parameter: value for parameter, value in parameters.items() if parameter not in kinds}
    if unknown:
        broken, known = f"{rule.name} has no such parameter", f"known are {', '.join(kinds)}"
        raise InvalidInput(f"mastery rule {name!r}", [Problem(each, broken, str(value), known) for each, value in unknown.items()])
    changes: dict[str, Any] = {}  # Any: each parameter is of its own type
    for parameter, value in parameters.items():
        changes[parameter] = _read(name, parameter, kinds[parameter], value)
    return replace(rule, **changes)


def describe() -> dict[str, str]:
    """One line a rule.

    >>> describe()["delayed_check"]
    'after 48 hours 3 questions, all right'
    """
    builder = "3 right in a row unaided, 10 answers a day at most, a recheck after 7 days, done after 4 passes"
    return {name: rule.summary for name, rule in RULES.items()} | {"skill_builder": builder}


def _read(rule: str, parameter: str, kind: Any, value: object) -> Any:  # Any: a type, and a value of it
    try:
        return from_json(kind, value)
    except (TypeError, ValueError, OverflowError) as error:
        problem = Problem(parameter, f"must be readable ({error})", str(value), "write it as docs/mastery.md says")
        raise InvalidInput(f"mastery rule {rule!r}", [problem]) from error
