"""Any policy under rules of a session: what they leave, what they make of its distribution, and which had to be relaxed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from adaptive.domain import Reason
from adaptive.policies.rules.cold_start import ColdStart
from adaptive.policies.rules.limits import EasyAfterFailures, EasyEnds, NoRepeat, Variety
from adaptive.policies.rules.reference import Reference
from adaptive.policies.rules.rule import Mask, Rule, everywhere
from adaptive.policies.rules.session import Session
from adaptive.policies.rules.settings import RuleSettings
from adaptive.policies.settings import ZoneSettings, settings_of
from adaptive.protocols import Candidates, Floats, Policy

__all__ = ["Limited", "RuledPolicy", "in_session", "session_rules"]


@dataclass(frozen=True, slots=True, eq=False)
class Limited:
    """What rules left: `allowed`, never empty where something was open.

    Of which learners, () or (n_learners,), each rule in turn left something out (`applied`) or would have left nothing and was set
    aside (`relaxed`).
    """

    allowed: Mask
    applied: tuple[tuple[Rule, Mask], ...]
    relaxed: tuple[tuple[Rule, Mask], ...]

    @property
    def constraints(self) -> tuple[str, ...]:
        """Of one learner: names of the rules in their order, those set aside as "name:relaxed"."""
        pairs = zip(self.applied, self.relaxed, strict=True)
        names = (rule.name if on.any() else f"{rule.name}:relaxed" for (rule, on), (_, off) in pairs if on.any() or off.any())
        return tuple(names)


def session_rules(settings: RuleSettings | None = None) -> tuple[Rule, ...]:
    """The rules of the policy page that rest on the session alone, in their order: the last are relaxed first.

    `Exposure` and `NewItems` need what only an operator knows, and come in before `Reference`, the last.

    >>> [rule.name for rule in session_rules()]
    ['no_repeat', 'easy_after_failures', 'easy_ends', 'variety', 'cold_start']
    """
    s = settings or RuleSettings()
    limits = (
        NoRepeat(s.rest_items, s.rest_hours),
        EasyAfterFailures(s.n_failures, s.easy_from),
        EasyEnds(s.easy_from, s.minutes_per_item),
        Variety(s.varied_from),
        ColdStart(s.n_cold, s.cold_lowest),
    )
    return (*limits, Reference(s.reference_share, s.rest_items, s.rest_hours)) if s.reference_share else limits


@dataclass(frozen=True, slots=True)
class RuledPolicy:
    """`policy` among what `rules` leave, its distribution then reshaped by each rule in turn.

    Rules are taken in their order. One that would leave a learner nothing beside those before it is relaxed for that learner, so the
    last ones give way first. Rules hold `during` a session; without one the policy chooses as it would alone.

    >>> from adaptive.policies import Place, ThresholdPolicy
    >>> from adaptive.protocols import Candidates, Forecast, Items
    >>> p = np.array([0.6, 0.7, 0.85])
    >>> seen = Candidates(Items(("a", "b", "c"), (("s",),) * 3), Forecast(p, p - 0.05, p), p_mastered=np.full(3, 0.3),
    ...     readiness=np.ones(3), zone_probability=np.full(3, 0.7), expected_gain=np.full(3, np.nan))
    >>> never, none = np.full(3, 99), np.zeros(3, dtype=np.int64)
    >>> session = Session(Place(), np.array(9), np.array(2), never, never * 1.0, none, np.full(3, 0.4))
    >>> ruled = RuledPolicy(ThresholdPolicy()).during(session)
    >>> ruled.probabilities(seen).tolist(), ruled.limited(seen).constraints
    ([0.0, 0.0, 1.0], ('easy_after_failures',))
    """

    name: ClassVar[str] = "ruled"
    policy: Policy
    rules: tuple[Rule, ...] = field(default_factory=session_rules)
    session: Session | None = field(default=None, repr=False, compare=False)

    @property
    def version(self) -> str:
        """The policy's, the rules' names, and eight hex digits over the rules' constants."""
        names = "+".join(rule.name for rule in self.rules)
        return f"{self.policy.version}+{names}-{hashlib.sha256(repr(self.rules).encode()).hexdigest()[:8]}"

    @property
    def settings(self) -> ZoneSettings:
        """Those of the policy's zone."""
        return settings_of(self.policy)

    def during(self, session: Session) -> RuledPolicy:
        """The same at one moment of a session; its items are those of the candidates to come."""
        return replace(self, session=session)

    def probabilities(self, candidates: Candidates) -> Floats:
        """(n_items,), sums to 1; (n_learners, n_items) where the candidates are so."""
        if self.session is None or not len(candidates.items):
            return self.policy.probabilities(candidates)
        p_choice = self.policy.probabilities(replace(candidates, allowed=self.limited(candidates).allowed))
        for rule in self.rules:
            p_choice = rule.reshaped(p_choice, candidates, self.session)
        return p_choice

    def limited(self, candidates: Candidates) -> Limited:
        """What the rules leave of the candidates now."""
        allowed = everywhere(candidates) if candidates.allowed is None else candidates.allowed
        if self.session is None:
            return Limited(allowed, (), ())
        applied, relaxed = [], []
        for rule in self.rules:
            kept = allowed & rule.allowed(candidates, self.session)
            found = np.any(kept, axis=-1, keepdims=True)
            left_out = np.any(kept != allowed, axis=-1)
            applied.append((rule, np.asarray(left_out & found.all(axis=-1))))
            relaxed.append((rule, np.asarray(left_out & ~found.all(axis=-1))))
            allowed = np.where(found, kept, allowed)
        return Limited(allowed, tuple(applied), tuple(relaxed))

    def reason(self, candidates: Candidates, index: int) -> tuple[Reason, ...]:
        """The policy's own, then what the rules did: `variety` where one left others out, `exploration` where one was relaxed.

        Theirs weigh nothing: they add to no score.
        """
        if self.session is None:
            return self.policy.reason(candidates, index)
        limited = self.limited(candidates)
        within = replace(candidates, allowed=limited.allowed)
        left_out = (Reason("variety", 0.0, 1.0, rule.text) for rule, here in limited.applied if here.any())
        set_aside = (
            Reason("exploration", 0.0, 0.0, f"The rule {rule.name} would have left nothing, and was relaxed.")
            for rule, here in limited.relaxed
            if here.any()
        )
        own = self.policy.reason(within, index) if limited.allowed[index] else ()
        return (*own, *left_out, *set_aside, *self._reasons_by_shape(within, candidates, index))

    def _reasons_by_shape(self, within: Candidates, candidates: Candidates, index: int) -> tuple[Reason, ...]:
        if self.session is None:
            return ()
        p_choice, told = self.policy.probabilities(within), []
        for rule in self.rules:
            p_next = rule.reshaped(p_choice, candidates, self.session)
            told.append(rule.reason(float(p_choice[index]), float(p_next[index])))
            p_choice = p_next
        return tuple(reason for reason in told if reason)


def in_session(policy: Policy, session: Session) -> Policy:
    """The policy at that moment: under its rules where it has any."""
    return policy.during(session) if isinstance(policy, RuledPolicy) else policy
