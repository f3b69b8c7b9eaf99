"""What serves, at play: a fitted model and a policy, with the engine's candidates and its rules of a session, for all learners at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from adaptive.domain import PROMOTE_AT
from adaptive.evaluation.laboratory.at_once import DrawnAtOnce, LearnersAtOnce
from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.past import Past
from adaptive.evaluation.laboratory.players import Belief
from adaptive.evaluation.laboratory.timetable import SESSION_ITEMS
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.policies import (
    Place,
    RuledPolicy,
    RuleSettings,
    ZoneSettings,
    draw,
    in_session,
    mode_for,
    needs_draws,
    p_gain,
    settings_of,
    with_draws,
    worth_of_kinds,
    zone_of_kinds,
    zone_probability,
)
from adaptive.protocols import Candidates, Floats, Ints, Mastery, Policy, SkillDraws

__all__ = ["ModelPlayer"]


@dataclass(eq=False)
class ModelPlayer:
    """The serving choice for learners at once: candidates as the engine makes them, the policy's distribution, one draw each.

    Rules of a session hold where the policy has them (`adaptive.policies.rules`); sessions have `session_items` each. The goal is the
    whole catalogue in mode `learn`, or in the mode that is all the policy is for. A learner to whom the engine would show nothing, since
    all is mastered or stuck, goes on in mode `review`. The zone is that of marginals; `by_draws` it is the engine's, from joint draws of
    skills, of models that have them.
    """

    learners: LearnersAtOnce
    policy: Policy
    world: World
    n: int
    session_items: int = SESSION_ITEMS
    by_draws: bool = False
    _past: Past = field(init=False)
    _belief: Belief = field(init=False)

    def __post_init__(self) -> None:
        self._past = Past(self.world, self.n)

    def choose(self, at: datetime, truth: State, rng: np.random.Generator) -> Ints:  # noqa: ARG002 - the truth is for oracles
        """A draw from the policy's distribution for each learner."""
        return draw(self.probabilities(at), rng.random(self.n))

    def probabilities(self, at: datetime) -> Floats:
        """(n, n_items), the propensities of the choice at that time."""
        mastery = self.learners.mastery(at)
        mode = mode_for(self.policy, "learn")
        drawn = self._drawn(at)
        opened = self.world.any_over_skills((mastery.p_mastered < PROMOTE_AT) & ~self._stuck(drawn))  # (n, n_items)
        learning = opened.any(axis=1, keepdims=True) | (mode != "learn")
        opened |= (mode != "learn") | ~learning
        candidates = replace(self._candidates(mastery, drawn, opened, at), mode=mode)
        self._belief = Belief(mastery, candidates.zone_probability)
        policy = in_session(self.policy, self._past.session(mastery, self._place(), at))
        if mode == "learn":
            candidates = _with_mastered(policy, candidates, np.asarray(learning))
        if learning.all():
            return policy.probabilities(candidates)
        reviewing = policy.probabilities(replace(candidates, mode="review"))
        return np.where(learning, policy.probabilities(candidates), reviewing)

    def learn(self, item: Ints, correct: Floats, at: datetime) -> None:
        """The model's update, and what the session rules count."""
        self.learners.update(item, correct, at)
        self._past.meet(item, correct, at)

    def declared(self) -> Mask:
        """P(mastered) >= PROMOTE_AT."""
        return np.asarray(self._belief.mastery.p_mastered >= PROMOTE_AT)

    def believed(self) -> Belief:
        """Mastery and zone by the model."""
        return self._belief

    def _place(self) -> Place:
        done = self._past.n_answered % self.session_items
        return Place(done, float(self.session_items - done) * RuleSettings().minutes_per_item)

    def _drawn(self, at: datetime) -> SkillDraws | None:
        """Draws (n, n_draws, n_skills) where the zone is by draws and the model has them."""
        if not (self.by_draws and isinstance(self.learners, DrawnAtOnce)):
            return None
        settings = settings_of(self.policy)
        return self.learners.draw_skills(at, n=settings.n_draws, days=settings.horizon_days, seed=settings.seed)

    def _stuck(self, drawn: SkillDraws | None) -> Mask:
        """(n, n_skills), of those not mastered, as the engine has it."""
        settings, n_attempts = settings_of(self.policy), self._past.n_attempts
        many, some = n_attempts >= settings.stuck_after, n_attempts >= settings.stuck_from
        if drawn is None or not some.any():
            return many
        return many | (some & (p_gain(drawn, self.world.bank.skills_alone, settings) < settings.least_p_gain))

    def _candidates(self, mastery: Mastery, drawn: SkillDraws | None, allowed: Mask, at: datetime) -> Candidates:
        p_mastered = self.world.least_over_skills(mastery.p_mastered)  # (n, n_items)
        readiness = self.world.least_over_skills(self.world.readiness(mastery.expected_success))
        settings, forecast = settings_of(self.policy), self.learners.forecast(at)
        by_marginals = zone_probability(p_mastered, readiness, settings)
        whole = Candidates(
            items=self.world.catalog.item_columns,
            forecast=forecast,
            p_mastered=p_mastered,
            readiness=readiness,
            zone_probability=by_marginals,
            expected_gain=np.full(p_mastered.shape, np.nan),
            allowed=allowed,
        )
        return whole if drawn is None else self._with_draws(whole, drawn, mastery, settings)

    def _with_draws(self, whole: Candidates, drawn: SkillDraws, mastery: Mastery, settings: ZoneSettings) -> Candidates:
        """As the engine has it, where all skills are the goal and all items in service."""
        bank = self.world.bank
        among = np.ones(bank.kinds.n_items, dtype=np.bool_)
        z, gain = (of[:, bank.kind] for of in zone_of_kinds(drawn, bank.kinds, among, settings))  # (n, n_items) each
        worth = (worth_of_kinds(drawn, bank.kinds, among, settings), bank.kind) if needs_draws(self.policy) else None
        first = bank.steps_back(mastery.expected_success, mastery.p_mastered < PROMOTE_AT, settings.ready_at)  # (n, n_skills)
        back = self.world.any_over_skills(first)
        return with_draws(whole, z, gain, back, lesson=drawn.lesson, settings=settings, drawn=worth)


def _with_mastered(policy: Policy, candidates: Candidates, learning: Mask) -> Candidates:
    """As the engine has it: mastered items for learners (n, 1) of whom a rule asks for an easy item that none of the open ones is."""
    mastered = candidates.p_mastered >= PROMOTE_AT  # (n, n_items)
    if not isinstance(policy, RuledPolicy) or candidates.allowed is None or not mastered.any():
        return candidates
    wanting = policy.limited(candidates).wants_mastered.reshape(-1, 1) & learning & mastered.any(axis=1, keepdims=True)
    if not wanting.any():
        return candidates
    instead = replace(candidates, allowed=np.where(wanting, mastered, candidates.allowed))
    served = wanting & ~policy.limited(instead).wants_mastered.reshape(-1, 1)
    return replace(candidates, allowed=np.where(served, mastered, candidates.allowed))
