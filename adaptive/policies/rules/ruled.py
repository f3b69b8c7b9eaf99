"""Any policy under rules of a session: what they leave, what they make of its distribution, and which had to be relaxed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

import numpy as np

from adaptive.domain import Mode, Reason
from adaptive.policies.rules.cold_start import ColdStart
from adaptive.policies.rules.limits import EasyAfterFailures, EasyEnds, NoRepeat, Variety
from adaptive.policies.rules.reference import Reference
from adaptive.policies.rules.rule import Rule, everywhere
from adaptive.policies.rules.session import Session
from adaptive.policies.rules.settings import RuleSettings
from adaptive.policies.settings import ZoneSettings, settings_of
from adaptive.policies.weighing import Mask, Weighing, weigh
from adaptive.protocols import Candidates, Floats, Policy

__all__ = ["Limited", "RuledPolicy", "Step", "in_session", "session_rules"]

_TOLD_LIFT: Final = 2.0
"""A rule is a reason where it multiplied what it left by this: the policy alone would rather have chosen something else."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One rule's turn: what was allowed `before` it and `after`, and whether it would have left nothing, () or (n_learners,)."""

    rule: Rule
    before: Mask
    after: Mask
    relaxed: Mask

    @property
    def constraint(self) -> str | None:
        """Of one learner: the rule's name where it left something out, "name:relaxed" where it was set aside, else None."""
        if self.relaxed.any():
            return f"{self.rule.name}:relaxed"
        return self.rule.name if (self.before != self.after).any() else None


@dataclass(frozen=True, slots=True, eq=False)
class Limited:
    """What rules left, never nothing where something was open, and how each rule's turn went."""

    allowed: Mask
    steps: tuple[Step, ...]

    @property
    def constraints(self) -> tuple[str, ...]:
        """Of one learner: the rules that left something out or were set aside, in their order."""
        return tuple(name for step in self.steps if (name := step.constraint))

    @property
    def wants_mastered(self) -> Mask:
        """() or (n_learners,): whether a rule was relaxed that rather takes a mastered item (`Rule.takes_mastered`)."""
        relaxed = [step.relaxed for step in self.steps if step.rule.takes_mastered]
        return np.asarray(np.any(relaxed, axis=0)) if relaxed else np.zeros((), dtype=np.bool_)


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

    @property
    def needs_draws(self) -> bool:
        """Whether the policy chooses by what items are worth on each draw."""
        return bool(getattr(self.policy, "needs_draws", False))

    @property
    def mode(self) -> Mode | None:
        """What the policy is for, whatever is asked; None: what is asked."""
        own: Mode | None = getattr(self.policy, "mode", None)
        return own

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
        steps: list[Step] = []
        if self.session is None:
            return Limited(allowed, ())
        for rule in self.rules:
            kept = allowed & rule.allowed(candidates, self.session)
            found = np.any(kept, axis=-1, keepdims=True)
            relaxed = np.any(allowed, axis=-1) & ~found.all(axis=-1)
            steps.append(Step(rule, allowed, np.where(found, kept, allowed), np.asarray(relaxed)))
            allowed = steps[-1].after
        return Limited(allowed, tuple(steps))

    def weigh(self, candidates: Candidates) -> Weighing:
        """The same of one learner, with the policy's terms and those of the rules that moved probability.

        Rules that leave something out weigh all that is left alike, so they add to no score. They are told without a weight where they at
        least doubled what is left, since the policy alone would rather have chosen what they left out, and where they were relaxed.
        """
        if self.session is None or not len(candidates.items):
            return weigh(self.policy, candidates)
        limited = self.limited(candidates)
        alone = weigh(self.policy, replace(candidates, allowed=limited.allowed))
        p_choice, terms, p_chance = alone.p_choice, list(alone.terms), alone.p_chance
        p_chance = np.zeros_like(p_choice) if p_chance is None else p_chance
        for rule in self.rules:
            p_next = rule.reshaped(p_choice, candidates, self.session)
            if p_next is p_choice or np.array_equal(p_next, p_choice):
                continue
            term = rule.term(p_choice, p_next, alone.temperature)
            terms += [term] if term else []
            p_choice, p_chance = p_next, rule.chance(p_choice, p_next, p_chance)
        relaxed = (step.rule.name for step in limited.steps if step.relaxed.any())
        set_aside = (Reason("exploration", 0.0, 0.0, f"The rule {name} would have left nothing, and was relaxed.") for name in relaxed)
        return replace(
            alone,
            p_choice=p_choice,
            terms=tuple(terms),
            p_chance=p_chance,
            barred=(*((step.before & ~step.after, step.rule.text) for step in limited.steps), *alone.barred),
            limits=(*self._left_out(limited, candidates), *alone.limits),
            notes=(*alone.notes, *set_aside),
        )

    def _left_out(self, limited: Limited, candidates: Candidates) -> Iterator[tuple[Mask, Reason]]:
        held = [step for step in limited.steps if step.constraint == step.rule.name]
        alone = self.policy.probabilities(candidates) if held else np.zeros(0)
        for step in held:
            before, after = alone[step.before].sum(), alone[step.after].sum()
            if before > 0.0 and after * _TOLD_LIFT <= before:
                yield step.after, Reason("variety", 0.0, float(1.0 - after / before), step.rule.text)


def in_session(policy: Policy, session: Session) -> Policy:
    """The policy at that moment: under its rules where it has any."""
    return policy.during(session) if isinstance(policy, RuledPolicy) else policy
