"""The Thompson policy: one joint draw of the learner, and what teaches most on it; as a distribution, over all draws at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from adaptive.policies.expected_gain import ExpectedGainPolicy
from adaptive.policies.modes import challenge, lift_of, zone_text
from adaptive.policies.weighing import Mask, Term, Weighing
from adaptive.protocols import Candidates, Floats, Ints, Policy

__all__ = ["ThompsonPolicy", "needs_draws"]

_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class ThompsonPolicy(ExpectedGainPolicy):
    """Each draw of the posterior chooses the kind of item worth most on it: gain where the zone's event holds there, else 0.

    A decision that made one draw and took the best would show an item with just this probability: the share of the draws on which its
    kind is the best of the zone's, equals sharing a draw, times its share of its kind, a softmax of challenge. Mixed with an
    even draw from the zone, `floor`. So exploring goes where the posterior is unsure (Thompson 1933; Chapelle & Li 2011), and the
    propensity is exact. In other modes than `learn`, and without draws, as `ExpectedGainPolicy`.
    """

    name: ClassVar[str] = "thompson"
    needs_draws: ClassVar[bool] = True

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), sums to 1; 0 outside the zone. (n_learners, n_items) where the candidates are so."""
        drawn = _drawn(candidates)
        if drawn is None:
            return ExpectedGainPolicy.probabilities(self, candidates)
        members = self.zone(candidates).members
        p_best, within = self._shares(candidates, drawn, members)
        return self._mixed(p_best * within, members)

    def weigh(self, candidates: Candidates) -> Weighing:
        """The same of one learner: how often its kind is the best, and how well the item fits within the kind."""
        drawn, told = _drawn(candidates), ExpectedGainPolicy.weigh(self, candidates)
        if drawn is None:
            return told
        members, s = self.zone(candidates).members, self.settings
        p_best, within = self._shares(candidates, drawn, members)
        p_choice = self._mixed(p_best * within, members)
        everywhere, even = np.ones(members.shape, dtype=np.bool_), s.floor * members / members.sum()
        often, fit = (s.temperature * np.log(np.maximum(share, _TINY)) for share in (p_best, within))
        terms = (
            Term("below_mastery", often, everywhere, p_best, _best_text),
            Term("zone", fit, everywhere, candidates.forecast.p_correct, lambda p: zone_text(p, s)),
        )
        p_chance = np.divide(even, p_choice, out=np.zeros_like(even), where=p_choice > 0.0)
        return replace(told, p_choice=p_choice, terms=terms, p_chance=p_chance)

    def _mixed(self, p_choice: Floats, members: Mask) -> Floats:
        floor = self.settings.floor
        return np.asarray((1.0 - floor) * p_choice + floor * members / members.sum(axis=-1, keepdims=True))

    def _shares(self, c: Candidates, drawn: tuple[Floats, Ints], members: Mask) -> tuple[Floats, Floats]:
        """(n_items,) each: the share of draws on which the item's kind is the best, and the item's share of its kind."""
        worth, kind = drawn
        lift = np.ones(worth.shape[-1])  # of what a plan or a teacher asks for: items of one kind are asked for alike
        lift[kind] = lift_of(c, self.settings)
        in_zone = _by_kind(members.astype(np.float64), kind, worth.shape[-1]) > 0.0  # (n_kinds,)
        on_draw = np.where(in_zone[..., None, :], worth * lift, -1.0)  # (n_draws, n_kinds)
        is_best = on_draw == on_draw.max(axis=-1, keepdims=True)
        p_kind = (is_best / is_best.sum(axis=-1, keepdims=True)).mean(axis=-2)  # (n_kinds,)
        fit = np.where(members, challenge(c, self.settings), -np.inf)  # (n_items,): items of a kind differ in it
        best = _by_kind(fit, kind, worth.shape[-1], np.maximum)[..., kind]
        fits = np.exp(np.subtract(fit, best, out=np.full_like(fit, -np.inf), where=members) / self.settings.temperature)
        of_kind = _by_kind(fits, kind, worth.shape[-1])[..., kind]
        return p_kind[..., kind], np.divide(fits, of_kind, out=np.zeros_like(fits), where=members)


def _drawn(c: Candidates) -> tuple[Floats, Ints] | None:
    """What kinds of items are worth on each draw, and the kind of each item, where they are told and learning is wanted."""
    return c.outlook.drawn if c.outlook is not None and c.mode == "learn" and len(c.items) else None


def needs_draws(policy: Policy) -> bool:
    """Whether the policy chooses by what items are worth on each draw, so that candidates have to carry it."""
    return bool(getattr(policy, "needs_draws", False))


def _by_kind(values: Floats, kind: Ints, n_kinds: int, reduced: np.ufunc = np.add) -> Floats:
    """(..., n_items) to (..., n_kinds): sums, or `reduced` otherwise."""
    order = np.argsort(kind, kind="stable")
    present, start = np.unique(kind[order], return_index=True)
    of_kinds = np.zeros((*values.shape[:-1], n_kinds))
    of_kinds[..., present] = reduced.reduceat(values[..., order], start, axis=-1)
    return of_kinds


def _best_text(share: float) -> str:
    return f"As far as the learner is known, it is {share:.0%} likely that nothing else teaches more now."
