"""The one function that draws: policies give probabilities, this turns them into a slate with propensities."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adaptive.domain import Reason
from adaptive.protocols import Candidates, Floats, Ints, Items, Outlook, Policy

__all__ = ["Drawn", "draw_slate", "take"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A candidate's index, the probability with which it was drawn given the ranks before it, and why it was."""

    index: int
    propensity: float
    reasons: tuple[Reason, ...]


def draw_slate(policy: Policy, candidates: Candidates, k: int, rng: np.random.Generator) -> tuple[Drawn, ...]:
    """Up to k candidates without repeats; fewer where there are fewer.

    Rank r is drawn from the policy's distribution over what ranks 1..r-1 left, so each propensity is conditional on
    the ranks before it, and the product of them is the slate's propensity.
    """
    left = np.arange(len(candidates.items))
    slate: list[Drawn] = []
    while len(slate) < k and left.size:
        open_now = take(candidates, left)
        p_choice = policy.probabilities(open_now)  # (n_left,)
        position = _draw(p_choice, rng)
        slate.append(Drawn(int(left[position]), float(p_choice[position]), policy.reason(open_now, position)))
        left = np.delete(left, position)
    return tuple(slate)


def _draw(p_choice: Floats, rng: np.random.Generator) -> int:
    """Position by inversion of the cumulative distribution; never a position of probability zero."""
    cumulative = np.cumsum(p_choice)
    position = int(np.searchsorted(cumulative, rng.random() * cumulative[-1], side="right"))
    return min(position, int(np.flatnonzero(p_choice)[-1]))


def take(candidates: Candidates, index: Ints) -> Candidates:
    """The candidates at `index` (n_taken,), in that order."""
    items, forecast, outlook = candidates.items, candidates.forecast, candidates.outlook
    p_correct, low, high = forecast.p_correct[index], forecast.low[index], forecast.high[index]
    return replace(
        candidates,
        items=Items(tuple(items.item_ids[i] for i in index), tuple(items.skill_ids[i] for i in index)),
        forecast=replace(forecast, p_correct=p_correct, low=low, high=high),
        p_mastered=candidates.p_mastered[index],
        readiness=candidates.readiness[index],
        zone_probability=candidates.zone_probability[index],
        expected_gain=candidates.expected_gain[index],
        outlook=outlook and Outlook(outlook.p_correct_low[index], outlook.information[index], outlook.steps_back[index]),
    )
