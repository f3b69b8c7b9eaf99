"""From a selection to weeks: an order in which each skill's needs come just before it, and reviews a week after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adaptive.planning.problem import PlanProblem, Selection

__all__ = ["Slot", "learning_order", "schedule"]

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Slot:
    """One skill's place: `skill` is its position in the problem; weeks count from 1; a review repeats what was learned."""

    skill: int
    start_week: int
    end_week: int
    minutes: float
    is_review: bool = False


def learning_order(problem: PlanProblem, selection: Selection) -> tuple[int, ...]:
    """The selected skills, pins and what they need first, then by gain per minute, each right after what it needs.

    Should time run short, what was begun has been finished, and the least gain is left out.

    >>> problem = PlanProblem(("a", "b", "c"), np.array([0.1, 0.2, 0.9]), np.array([10.0, 10.0, 10.0]), edges=((1, 2),), budget=30.0)
    >>> learning_order(problem, np.array([True, True, True]))
    (1, 2, 0)
    """
    order: dict[int, None] = {}
    for pin in problem.pinned:
        order.update(dict.fromkeys(problem.bundle(pin, order)))
    left = [int(skill) for skill in np.flatnonzero(selection) if skill not in order]
    while left:
        rates = [_rate(problem, problem.bundle(skill, order)) for skill in left]
        order.update(dict.fromkeys(problem.bundle(left[int(np.argmax(rates))], order)))
        left = [skill for skill in left if skill not in order]
    return tuple(order)


def schedule(
    problem: PlanProblem, order: tuple[int, ...], *, learning_per_week: float, review_per_week: float, n_weeks: int
) -> tuple[Slot, ...]:
    """Skills laid end to end into the weeks' learning minutes; each is reviewed in the week after it ends, if one is left.

    Review of a skill takes minutes in proportion to learning it, so a full week of learning fills the next week's
    review minutes exactly. Slots stand by week, learning before review.

    >>> problem = PlanProblem(("a", "b"), np.ones(2), np.array([30.0, 40.0]), edges=(), budget=96.0)
    >>> slots = schedule(problem, (0, 1), learning_per_week=48.0, review_per_week=12.0, n_weeks=2)
    >>> [(slot.skill, slot.start_week, slot.end_week, slot.minutes, slot.is_review) for slot in slots]
    [(0, 1, 1, 30.0, False), (1, 1, 2, 40.0, False), (0, 2, 2, 7.5, True)]
    """
    ends = np.cumsum(problem.minutes[list(order)])
    starts = ends - problem.minutes[list(order)]
    slots = []
    for skill, start, end in zip(order, starts.tolist(), ends.tolist(), strict=True):
        first = min(1 + int(start / learning_per_week + _TOLERANCE), n_weeks)
        last = min(max(first, int(np.ceil(end / learning_per_week - _TOLERANCE))), n_weeks)
        minutes = float(problem.minutes[skill])
        slots.append(Slot(skill, first, last, minutes))
        if last < n_weeks:
            slots.append(Slot(skill, last + 1, last + 1, minutes * review_per_week / learning_per_week, is_review=True))
    return tuple(sorted(slots, key=lambda slot: (slot.start_week, slot.is_review)))


def _rate(problem: PlanProblem, bundle: tuple[int, ...]) -> float:
    positions = list(bundle)
    return float(problem.gain[positions].sum() / max(problem.minutes[positions].sum(), 1e-9))
