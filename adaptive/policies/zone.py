"""The zone of proximal development: which items a learner can and should learn from now, and how it relaxes where it is empty.

From joint draws where the model has them (`event`, decision 0012); for other models, a version from the marginals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adaptive.models.information import information_of_forecast
from adaptive.policies.settings import ZoneSettings
from adaptive.protocols import Candidates, Floats, Outlook

__all__ = ["Zone", "find_zone", "zone_probability"]

Mask = NDArray[np.bool_]
Rule = Callable[[Candidates, ZoneSettings], Mask]
Relaxations = tuple[tuple[str, Rule], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """Which candidates are in the zone, (n_items,), and the rules that had to be relaxed to find any (empty: none).

    Of learners at once, (n_learners, n_items), `relaxed` is what the one had to relax for whom most had to be.
    """

    members: Mask
    relaxed: tuple[str, ...] = ()


def zone_probability(p_mastered: Floats, readiness: Floats, settings: ZoneSettings | None = None) -> Floats:
    """Of a model without draws: P(prerequisites ready and some skill unmastered), (n_items,), from the marginals.

    Readiness enters as the expected success on the least ready prerequisite over `ready_at`, at most 1; gain does not enter.

    >>> zone_probability(np.array([0.2, 0.2]), np.array([1.0, 0.325])).round(2).tolist()
    [0.8, 0.4]
    """
    return (1.0 - p_mastered) * np.minimum(readiness / (settings or ZoneSettings()).ready_at, 1.0)


def find_zone(candidates: Candidates, settings: ZoneSettings) -> Zone:
    """The zone, or the first relaxation of it that is not empty: a weak learner always finds something to learn.

    By the policy page's constants it is Z >= .5, P(correct) in [.50, .90] and its 10 % quantile over draws >= .25. Each relaxation
    keeps those before it: no upper bound, Z at least half the best there is, P(correct) down to .35; then prerequisites of the
    nearest goal, then what tells most.
    Without draws: ready, unmastered and in the band; then no upper bound, no readiness, P(correct) down to .35, whatever is unmastered.
    In the end, anything. Of a two-state forecast, whose P(correct) lies between guess and 1 - slip and says nothing of challenge, neither
    the band nor the quantile is asked.
    """
    members = np.zeros(candidates.p_mastered.shape, dtype=np.bool_)
    for name, rule in _BY_MARGINALS if candidates.outlook is None else _BY_DRAWS:
        members = _where_empty(members, rule, candidates, settings)
        if members.any(axis=-1).all():
            return Zone(members, (name,) if name else ())
    return Zone(_where_empty(members, _anything, candidates, settings), ("anything",))


def _where_empty(members: Mask, rule: Rule, candidates: Candidates, settings: ZoneSettings) -> Mask:
    """The members, and by the rule for learners who have none: it is asked of those alone."""
    empty = np.asarray(~members.any(axis=-1))
    if empty.all():
        return rule(candidates, settings)
    if empty.any():
        members = members.copy()
        members[empty] = rule(_of_learners(candidates, empty), settings)
    return members


def _of_learners(c: Candidates, which: Mask) -> Candidates:
    """Some of learners at once."""
    forecast, outlook = c.forecast, c.outlook
    return replace(
        c,
        forecast=replace(forecast, p_correct=forecast.p_correct[which], low=forecast.low[which], high=forecast.high[which]),
        p_mastered=c.p_mastered[which],
        readiness=c.readiness[which],
        zone_probability=c.zone_probability[which],
        expected_gain=c.expected_gain[which],
        outlook=outlook and Outlook(outlook.p_correct_low[which], outlook.steps_back[which]),
        allowed=None if c.allowed is None else c.allowed[which],
    )


def _anything(c: Candidates, _: ZoneSettings) -> Mask:
    return np.ones(c.p_mastered.shape, dtype=np.bool_) if c.allowed is None else c.allowed


def _unmastered(c: Candidates, s: ZoneSettings) -> Mask:
    unmastered = c.p_mastered < s.promoted_at
    return unmastered if c.allowed is None else unmastered & c.allowed


def _surely(c: Candidates, s: ZoneSettings) -> Mask:
    pessimistic = c.forecast.low if c.outlook is None else c.outlook.p_correct_low
    return (pessimistic >= s.pessimistic_p_correct) | c.forecast.is_two_state


def _at_least(c: Candidates, p: float) -> Mask:
    return (c.forecast.p_correct >= p) | c.forecast.is_two_state


def _below_top(c: Candidates, s: ZoneSettings) -> Mask:
    return (c.forecast.p_correct <= s.high) | c.forecast.is_two_state


def _reachable(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _at_least(c, s.low) & _surely(c, s)


def _ready(c: Candidates, s: ZoneSettings) -> Mask:
    return _reachable(c, s) & (c.readiness >= s.ready_at)


def _ready_in_band(c: Candidates, s: ZoneSettings) -> Mask:
    return _ready(c, s) & _below_top(c, s)


def _hard(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & _at_least(c, s.lowest_p_correct)


def _likely(c: Candidates, s: ZoneSettings) -> Mask:
    return _reachable(c, s) & (c.zone_probability >= s.least_zone_probability)


def _likely_in_band(c: Candidates, s: ZoneSettings) -> Mask:
    return _likely(c, s) & _below_top(c, s)


def _likeliest_reachable(c: Candidates, s: ZoneSettings) -> Mask:
    return _likeliest(c, _reachable(c, s), s)


def _likeliest_hard(c: Candidates, s: ZoneSettings) -> Mask:
    return _likeliest(c, _hard(c, s) & _surely(c, s), s)


def _likeliest(c: Candidates, among: Mask, s: ZoneSettings) -> Mask:
    """Those of `among` that the event holds for at all, and nearly as often as for the best of them."""
    best = np.max(c.zone_probability, axis=-1, keepdims=True, where=among, initial=0.0)
    return np.asarray(among & (c.zone_probability > 0.0) & (c.zone_probability >= s.relaxed_share * best))


def _steps_back(c: Candidates, s: ZoneSettings) -> Mask:
    return _unmastered(c, s) & c.outlook.steps_back if c.outlook else np.zeros(c.p_mastered.shape, dtype=np.bool_)


def _diagnostic(c: Candidates, s: ZoneSettings) -> Mask:
    nats, unmastered = information_of_forecast(c.forecast) if c.outlook else np.zeros(c.p_mastered.shape), _unmastered(c, s)
    return np.asarray(unmastered & (nats >= s.diagnostic_share * np.max(nats, axis=-1, keepdims=True, where=unmastered, initial=0.0)))


_BY_DRAWS: Relaxations = (
    ("", _likely_in_band),
    ("upper bound", _likely),
    ("zone probability", _likeliest_reachable),
    ("lower bound", _likeliest_hard),
    ("prerequisites", _steps_back),
    ("diagnostic", _diagnostic),
)
_BY_MARGINALS: Relaxations = (
    ("", _ready_in_band),
    ("upper bound", _ready),
    ("readiness", _reachable),
    ("lower bound", _hard),
    ("unmastered", _unmastered),
)
