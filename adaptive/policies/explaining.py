"""Why this item, and why not the next best one: a choice in plain words, from templates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from adaptive.domain import Reason, RunnerUp
from adaptive.policies.weighing import Weighing
from adaptive.protocols import Items

__all__ = ["reasons_for", "runner_up_to"]

_NOTHING: Final = 1e-9
"""A weight below this is rounding, and is not told."""

_ELSEWHERE: Final = "This counts for other items, and not for this one."

_RATHER: Final = 0.5
"""P(chance alone chose it) above which that is what is said."""


def reasons_for(weighing: Weighing, index: int) -> tuple[Reason, ...]:
    """Why an item that could be drawn was: rules that left out what was likelier, terms by weight, chance, what was relaxed.

    Where it is likelier than not that chance alone chose it, that comes first.

    The weight of a term is what it adds over the mean item that could be drawn, in natural-logarithm units. All weights together are
    `Weighing.score`: the odds of two items are exp of its difference over the temperature. Chance has what is left of the sum.

    >>> from adaptive.policies.weighing import Term
    >>> p, applies = np.array([0.75, 0.25]), np.ones(2, dtype=np.bool_)
    >>> gain = Term("below_mastery", np.log(p), applies, p, lambda value: f"About {value:.0%}.")
    >>> [(reason.code, round(reason.weight, 2), reason.text) for reason in reasons_for(Weighing(p, (gain,)), 0)]
    [('below_mastery', 0.55, 'About 75%.')]
    """
    terms = sorted(_of_terms(weighing, index), key=lambda reason: -reason.weight)
    left = weighing.score(index) - sum(reason.weight for reason in terms)
    by_rules = (reason for mask, reason in weighing.limits if mask[index])
    by_chance = _of_chance(weighing, index, left)
    first, last = ((), by_chance) if _p_chance(weighing, index) <= _RATHER else (by_chance, ())
    return (*first, *by_rules, *terms, *last, *weighing.notes)


def runner_up_to(weighing: Weighing, items: Items, index: int) -> RunnerUp | None:
    """The best candidate beside the item drawn, and why it was not chosen; None where there is no other.

    It is the likeliest of the others; where no other could be drawn, the one of the highest score.
    """
    other = _best_beside(weighing, index)
    if other is None:
        return None
    p, p_other = float(weighing.p_choice[index]), float(weighing.p_choice[other])
    differences = _differences(weighing, index, other)
    text = _why_not(p, p_other, differences) if p_other > 0.0 else f"It could not be chosen. {_barred(weighing, other)}"
    score = weighing.score(other) if p_other > 0.0 else None
    return RunnerUp(items.item_ids[other], items.skill_ids[other], p_other, score, differences, text)


def _of_terms(weighing: Weighing, index: int) -> list[Reason]:
    reached, told = weighing.p_choice > 0.0, []
    for term in weighing.terms:
        added, applies, value = term.added, bool(term.applies[index]), float(term.value[index])
        weight = float(added[index] - added[reached].mean())
        if applies or abs(weight) > _NOTHING:
            told.append(Reason(term.code, weight, value, term.text(value) if applies else _ELSEWHERE))
    return told


def _of_chance(weighing: Weighing, index: int, weight: float) -> tuple[Reason, ...]:
    p_chance = _p_chance(weighing, index)
    if abs(weight) <= _NOTHING and p_chance <= _RATHER:
        return ()
    text = "Chance alone chose it: a" if p_chance > _RATHER else "A"
    return (Reason("exploration", weight, p_chance, f"{text} small share of choices is left to chance, to check what the model says."),)


def _p_chance(weighing: Weighing, index: int) -> float:
    return 0.0 if weighing.p_chance is None else float(weighing.p_chance[index])


def _best_beside(weighing: Weighing, index: int) -> int | None:
    """The first of the likeliest others, or of those of the highest score."""
    n = len(weighing.p_choice)
    if n < 2:
        return None
    others = np.arange(n) != index
    if weighing.p_choice[others].any():
        return int(np.argmax(np.where(others, weighing.p_choice, -1.0)))
    score = np.sum([term.added for term in weighing.terms], axis=0) + np.zeros(n)
    return int(np.argmax(np.where(others, score, -np.inf)))


def _differences(weighing: Weighing, index: int, other: int) -> tuple[Reason, ...]:
    """What each term, and chance, adds to the item over the runner-up, what spoke for the item first: together the scores' difference."""
    weight_of, value_of = dict[str, float](), dict[str, tuple[float, float]]()
    for term in weighing.terms:
        added = term.added
        weight_of[term.code] = weight_of.get(term.code, 0.0) + float(added[index] - added[other])
        value_of.setdefault(term.code, (float(term.value[index]), float(term.value[other])))
    if weighing.p_choice[other] > 0.0:
        odds = weighing.temperature * float(np.log(weighing.p_choice[index]) - np.log(weighing.p_choice[other]))
        weight_of["exploration"] = odds - sum(weight_of.values())
        value_of["exploration"] = (_p_chance(weighing, index), _p_chance(weighing, other))
    reasons = (
        Reason(code, weight, value_of[code][1], _LESS_AND_MORE[code][weight < 0.0].format(*value_of[code]))
        for code, weight in weight_of.items()
        if abs(weight) > _NOTHING
    )
    return tuple(sorted(reasons, key=lambda reason: -reason.weight))


def _why_not(p: float, p_other: float, differences: tuple[Reason, ...]) -> str:
    if p_other >= p * (1.0 - _NOTHING):
        how = "as likely to be chosen" if p_other <= p * (1.0 + _NOTHING) else "likelier to be chosen"
        return f"It was {how} ({_percent(p_other)} against {_percent(p)}), and the draw fell on the other."
    return f"It was less likely to be chosen ({_percent(p_other)} against {_percent(p)}). {differences[0].text}"


def _barred(weighing: Weighing, index: int) -> str:
    return next((text for mask, text in weighing.barred if mask[index]), "Others weighed far more.")


def _percent(p: float) -> str:
    return f"{p:.0%}" if p >= 0.01 else "under 1%"


_LESS_AND_MORE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "below_mastery": ("There is less to learn from it now.", "There is more to learn from it now."),
        "prerequisite_gap": ("What it builds on is less secure.", "What it builds on is more secure."),
        "zone": (
            "Its challenge fits less well: the chance of success is about {1:.0%}, not {0:.0%}.",
            "Its challenge fits better: the chance of success is about {1:.0%}, not {0:.0%}.",
        ),
        "review_due": ("Its review is less due.", "Its review is more due."),
        "information_gain": ("Its answer would tell less.", "Its answer would tell more."),
        "plan_step": ("The plan does not ask for it now.", "The plan asks for it now."),
        "teacher_pin": ("The teacher has not asked for it.", "The teacher has asked for it."),
        "variety": ("It is held back for the sake of variety.", "It is held back less for the sake of variety."),
        "exploration": ("It owes less to the small share left to chance.", "It owes more to the small share left to chance."),
    }
)
"""Of the runner-up, where a term speaks for the item, and where it speaks for the runner-up; {0} is the item's value, {1} its own."""
