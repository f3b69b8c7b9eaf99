"""Two stages: kinds of items are scored first, then the items of the best kinds, with the same first choice as all items would have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from adaptive.policies.rules import Limited, RuledPolicy
from adaptive.policies.thompson import needs_draws
from adaptive.policies.threshold import ThresholdPolicy
from adaptive.protocols import Candidates, Floats, Ints, Policy

__all__ = ["Shortlist"]

_MODE: Final = "learn"
"""In the others no kind is better than the next: every mastered item may be the nearest to being forgotten."""

_LIKELIEST: Final = ("zone probability",)
_EASIER: Final = ("upper bound",)
"""Relaxations of the zone (`find_zone`) that kinds of items can foretell."""

_FASTER: Final = 4
"""How many times as many items are looked through where those before would not do."""


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """The open `kinds` (n,) of items that may be in the zone, the best first, with the most that an item of each can score, `most` (n,).

    What an item scores beyond its kind is how near its chance is to the target, and what an attempt at that chance is worth: neither is
    ever above 0. So no item scores more than its kind at the target chance, and kinds are looked through from the best until no kind
    left could hold a better item (`settles`): the item of the highest score is then that of all items. Probabilities are the policy's
    own among the items looked through; where all `kinds` were, they are those among all items.

    `relaxed` is how far the zone has to be relaxed for want of likely kinds, and `likeliest` the highest Z of a kind.
    """

    policy: ThresholdPolicy
    kinds: Ints
    most: Floats
    relaxed: tuple[str, ...] = ()
    likeliest: float = 1.0

    @classmethod
    def of(cls, policy: Policy, kinds: Candidates, is_open: NDArray[np.bool_]) -> Self | None:
        """None where only all items will do: for another policy or mode, a rule that needs all, or a zone that is relaxed further."""
        rules = policy.rules if isinstance(policy, RuledPolicy) else ()
        bare = policy.policy if isinstance(policy, RuledPolicy) else policy
        if kinds.mode != _MODE or not isinstance(bare, ThresholdPolicy) or needs_draws(bare) or any(rule.needs_all for rule in rules):
            return None
        zone = bare.zone(replace(kinds, allowed=is_open))
        if zone.relaxed not in ((), _LIKELIEST):
            return None
        members = np.flatnonzero(zone.members)
        most = bare.score(kinds)[members]
        order = np.argsort(-most, kind="stable")
        return cls(bare, members[order], most[order], zone.relaxed, float(kinds.zone_probability[members].max()))

    def widening(self, n_items: Ints, n_first: int) -> Iterator[tuple[Ints, float]]:
        """The first kinds with at most `n_first` items, at least one; then four times as many, and so on to all, with the `most` left out.

        `n_items` (n_kinds,) counts the items of each kind.

        >>> shortlist = Shortlist(ThresholdPolicy(), np.array([2, 0, 1]), np.array([-0.1, -0.3, -0.5]))
        >>> [(kinds.tolist(), most) for kinds, most in shortlist.widening(np.array([5, 5, 5]), 5)]
        [([2], -0.3), ([2, 0, 1], -inf)]
        """
        up_to, n = np.cumsum(n_items[self.kinds]), 0
        while n < len(self.kinds):
            n = max(int(np.searchsorted(up_to, n_first, side="right")), 1)
            yield self.kinds[:n], float(self.most[n]) if n < len(self.kinds) else -np.inf
            n_first *= _FASTER

    def settles(self, candidates: Candidates, limited: Limited | None, most: float) -> bool:
        """Whether these candidates will do: rules and zone are relaxed no further than for all items, and the best scores `most` or more.

        `limited` is what rules of the session leave of them. A rule that leaves something of some items leaves it of all. A zone of half
        the highest Z is that of all items where an item of the likeliest kind is in it.
        """
        if limited is not None and any(step.relaxed.any() for step in limited.steps):
            return False
        within = replace(candidates, allowed=limited.allowed) if limited else candidates
        zone = self.policy.zone(within)
        foretold = (self.relaxed, _EASIER) if most == -np.inf and not self.relaxed else (self.relaxed,)
        if zone.relaxed not in foretold:
            return False
        if self.relaxed and not (zone.members & (within.zone_probability >= self.likeliest)).any():
            return False
        if most == -np.inf:
            return True
        return float(np.max(self.policy.score(within), where=zone.members, initial=-np.inf)) >= most
