"""The one function that draws: policies give probabilities, this turns them into a slate with propensities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adaptive.domain import Reason, RunnerUp
from adaptive.policies.explaining import reasons_for, runner_up_to
from adaptive.policies.rules import RuledPolicy, Session
from adaptive.policies.weighing import Mask, weigh
from adaptive.protocols import Candidates, Floats, Ints, Outlook, Policy

__all__ = ["Drawn", "draw", "draw_slate", "take"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A candidate's index, the probability with which it was drawn given the ranks before it, why it was, and why the next best was not.

    `constraints` are the rules that bore upon it.
    """

    index: int
    propensity: float
    score: float
    reasons: tuple[Reason, ...]
    runner_up: RunnerUp | None
    constraints: tuple[str, ...] = ()


def draw_slate(
    policy: Policy,
    candidates: Candidates,
    k: int,
    rng: np.random.Generator,
    session_after: Callable[[Sequence[int]], Session] | None = None,
) -> tuple[Drawn, ...]:
    """Up to k candidates without repeats; fewer where there are fewer.

    Rank r is drawn from the policy's distribution over what ranks 1..r-1 left, so each propensity is conditional on
    the ranks before it, and the product of them is the slate's propensity. `session_after` tells the session in which the
    next rank is chosen, of all candidates, after those at the given places were: rules of a `RuledPolicy` hold in it.
    """
    left = np.arange(len(candidates.items))
    slate: list[Drawn] = []
    while len(slate) < k and (left.size if candidates.allowed is None else candidates.allowed[left].any()):
        open_now = take(candidates, left) if slate else candidates
        now, constraints = policy, tuple[str, ...]()
        if session_after is not None and isinstance(policy, RuledPolicy):
            now = policy.during(session_after([drawn.index for drawn in slate]).take(left))
            constraints = now.limited(open_now).constraints
        weighing = weigh(now, open_now)
        position = int(draw(weighing.p_choice, rng.random()))
        reasons, runner_up = reasons_for(weighing, position), runner_up_to(weighing, open_now.items, position)
        propensity, score = float(weighing.p_choice[position]), weighing.score(position)
        slate.append(Drawn(int(left[position]), propensity, score, reasons, runner_up, constraints))
        left = np.delete(left, position)
    return tuple(slate)


def draw(p_choice: Floats, uniform: Floats | float) -> Ints:
    """(...,) positions by inversion of the cumulative distributions (..., n) at `uniform` (...,) in [0, 1); never one of probability zero.

    >>> draw(np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]), np.array([0.999, 0.0]))
    array([1, 2])
    """
    cumulative = np.cumsum(p_choice, axis=-1)
    passed = np.sum(cumulative <= np.asarray(uniform)[..., None] * cumulative[..., -1:], axis=-1)
    last = p_choice.shape[-1] - 1 - np.argmax(p_choice[..., ::-1] > 0.0, axis=-1)
    return np.asarray(np.minimum(passed, last), dtype=np.int64)


def take(candidates: Candidates, index: Ints) -> Candidates:
    """The candidates at `index` (n_taken,), in that order."""
    items, forecast, outlook = candidates.items, candidates.forecast, candidates.outlook
    p_correct, low, high = forecast.p_correct[index], forecast.low[index], forecast.high[index]
    return replace(
        candidates,
        items=items.take(index),
        forecast=replace(forecast, p_correct=p_correct, low=low, high=high),
        p_mastered=candidates.p_mastered[index],
        readiness=candidates.readiness[index],
        zone_probability=candidates.zone_probability[index],
        expected_gain=candidates.expected_gain[index],
        outlook=outlook and _outlook_at(outlook, index),
        allowed=_at(candidates.allowed, index),
        plan_step=_at(candidates.plan_step, index),
        teacher_pin=_at(candidates.teacher_pin, index),
    )


def _outlook_at(outlook: Outlook, index: Ints) -> Outlook:
    return replace(
        outlook,
        p_correct_low=outlook.p_correct_low[index],
        steps_back=outlook.steps_back[index],
        drawn=outlook.drawn and (outlook.drawn[0], outlook.drawn[1][index]),
        lesson=None if outlook.lesson is None else outlook.lesson[index],
    )


def _at(mask: Mask | None, index: Ints) -> Mask | None:
    return None if mask is None else mask[index]
