"""From a learner's state to a decision: candidates, the policy's distribution, the draw, and its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import PROMOTE_AT, Decision, ShownItem
from adaptive.engine.answers import RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.doubt import ItemDoubt, item_doubts
from adaptive.engine.learner import LearnerState
from adaptive.engine.sessions import SessionView
from adaptive.engine.view import LearnerView
from adaptive.models.information import information_of_forecast
from adaptive.policies import Drawn, RuledPolicy, Session, Shortlist, draw_slate, in_session, mode_for, needs_draws, settings_of, take
from adaptive.policies.rules import Limited
from adaptive.protocols import Candidates, Floats, Ints, LearnerModel, Policy

__all__ = ["DecisionContext", "Recommender"]

StateT = TypeVar("StateT")
Mask = NDArray[np.bool_]

N_RUNNERS_UP: Final = 20


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What identifies a decision, chosen at the edge: id, tenant, time, seed, and the versions it was made under."""

    decision_id: str
    tenant_id: str
    at: datetime
    seed: int
    model_version: str
    state_version: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """What may be chosen: `kinds` of items (n_kinds,) open to the learner, without the items at the places `excluded` by the caller."""

    bank: Bank
    kinds: Mask
    excluded: Ints

    @property
    def constraints(self) -> tuple[str, ...]:
        """What changed what could be chosen, before any rule of a session."""
        if not self.kinds.any():
            return ("no_open_items",)
        left_out = self.bank.in_service[self.excluded] & self.kinds[self.bank.kind[self.excluded]]
        return ("exclude_item_ids",) if left_out.any() else ()

    def items(self, kinds: Ints, shown: Sequence[int]) -> Ints:
        """Places of what may be chosen of these kinds, once the items at the places `shown` are."""
        places = self.bank.items_of(kinds)
        gone = np.concatenate([self.excluded, np.array(shown, dtype=np.int64)])
        return places[~np.isin(places, gone)] if len(gone) else places


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What one rank is drawn from: the items at the places `chosen` (n_candidates,), as `policy` sees them in that session.

    `limited` is what rules of the session leave of them, None for a policy without.
    """

    policy: Policy
    chosen: Ints
    candidates: Candidates
    session: Session
    limited: Limited | None
    took_mastered: bool = False

    @property
    def wants_mastered(self) -> bool:
        """Whether a rule was relaxed that rather takes a mastered item."""
        return self.limited is not None and bool(self.limited.wants_mastered)

    @property
    def allowed(self) -> Mask:
        """(n_candidates,): what rules of the session leave."""
        return self.limited.allowed if self.limited else np.ones(len(self.chosen), dtype=np.bool_)

    @property
    def constraints(self) -> tuple[str, ...]:
        """The rules that left something out or were relaxed."""
        widened = ("mastered_items",) if self.took_mastered else ()
        return (*widened, *(self.limited.constraints if self.limited else ()))

    def draw(self, rng: np.random.Generator) -> Drawn | None:
        """One of them; None where there is none."""
        return next(iter(draw_slate(self.policy, self.candidates, 1, rng, lambda _: self.session)), None)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked(Generic[StateT]):
    """A request to one learner's view: from what each rank of its slate is drawn."""

    policy: Policy
    view: LearnerView[StateT]
    sessions: SessionView[StateT]
    pool: _Pool
    kinds: Candidates
    mastered_kinds: Mask

    def choice(self, shown: Sequence[int]) -> _Choice:
        """The choice after the items at the places `shown`.

        Among what is open; where a rule asks for an easy item and none of it is one, among mastered items that are.
        """
        choice = self._open_choice(shown)
        if not (choice.wants_mastered and self.mastered_kinds.any()):
            return choice
        easy = self._among(np.flatnonzero(self.mastered_kinds), shown)
        return replace(easy, took_mastered=True) if len(easy.chosen) and not easy.wants_mastered else choice

    def _open_choice(self, shown: Sequence[int]) -> _Choice:
        """The choice after the items at the places `shown`: among the items of the best kinds, or all where those will not do."""
        bank, most_scored = self.view.bank, self.view.settings.most_scored
        if int(bank.n_in_service[self.pool.kinds].sum()) > most_scored:
            shortlist = Shortlist.of(self.policy, self.kinds, self.pool.kinds)
            for kinds, most in shortlist.widening(bank.n_in_service, most_scored) if shortlist else ():
                choice = self._among(kinds, shown)
                if shortlist and shortlist.settles(choice.candidates, choice.limited, most):
                    return choice
        return self._among(np.flatnonzero(self.pool.kinds), shown)

    def _among(self, kinds: Ints, shown: Sequence[int]) -> _Choice:
        chosen = self.pool.items(kinds, shown)
        session, candidates = self.sessions.after(shown, chosen), self.view.candidates(chosen, self.kinds)
        policy = in_session(self.policy, session)
        return _Choice(policy, chosen, candidates, session, policy.limited(candidates) if isinstance(policy, RuledPolicy) else None)


@dataclass(frozen=True, slots=True, eq=False)
class Recommender(Generic[StateT]):
    """Chooses items for one learner at a time; holds no state of any learner."""

    model: LearnerModel[StateT]
    bank: Bank
    policy: Policy

    def decide(self, state: LearnerState[StateT], request: RecommendationRequest, context: DecisionContext) -> Decision:
        """A decision with its record. Raises UnknownSkill where the request names a skill that the catalogue lacks.

        `status` is `mastered` where every wanted skill is, `stuck` where the others are stuck, `blocked` where
        constraints leave nothing; then nothing is shown. A policy of one mode decides in it, whatever is asked. Equal state, request,
        time and seed give an equal decision.
        """
        request = replace(request, mode=mode_for(self.policy, request.mode))
        asked, goal = self._asked(state, request, context.at), self._goal(request)
        view, first, rng = asked.view, asked.choice(()), np.random.default_rng(context.seed)
        shown, places = list[ShownItem](), list[int]()
        choice = first
        while len(shown) < request.k and (drawn := choice.draw(rng)):
            shown.append(_shown(view, choice, drawn, len(shown) + 1, goal))
            places.append(int(choice.chosen[drawn.index]))
            choice = asked.choice(places) if len(shown) < request.k else choice
        p_choice = first.policy.probabilities(first.candidates)  # (n_candidates,)
        item_ids = first.candidates.items.item_ids
        ranked = np.argsort(-p_choice, kind="stable")
        not_shown = ranked[~np.isin(first.chosen[ranked], places)]
        return Decision(
            decision_id=context.decision_id,
            tenant_id=context.tenant_id,
            learner_id=request.learner_id,
            at=context.at,
            mode=request.mode,
            status="in_progress" if shown else view.status_without_items(goal),
            policy_version=self.policy.version,
            model_version=context.model_version,
            catalog_version=self.bank.catalog.version,
            state_version=context.state_version,
            seed=context.seed,
            n_candidates=int(first.allowed.sum()),
            zone_item_ids=tuple(item_ids[i] for i in np.flatnonzero(p_choice)),
            shown=tuple(shown),
            runners_up=tuple((item_ids[i], float(p_choice[i])) for i in not_shown[:N_RUNNERS_UP]),
            constraints_applied=(*asked.pool.constraints, *first.constraints),
            k=request.k,
            goal_skill_ids=request.skill_ids,
            exclude_item_ids=request.exclude_item_ids,
            items_done=request.place.items_done,
            minutes_left=request.place.minutes_left,
            plan_skill_ids=request.plan_skill_ids,
            pinned_skill_ids=request.pinned_skill_ids,
            stuck=view.stuck_skills(goal),
        )

    def chances(self, state: LearnerState[StateT], request: RecommendationRequest, at: datetime) -> tuple[Candidates, Floats]:
        """What the first rank of `decide` is drawn from and with which probabilities (n_items,), rules and all. Raises UnknownSkill."""
        first = self._asked(state, replace(request, mode=mode_for(self.policy, request.mode)), at).choice(())
        p_choice = first.policy.probabilities(first.candidates)
        left = np.flatnonzero(first.allowed | (p_choice > 0.0))
        return take(first.candidates, left), p_choice[left]

    def _asked(self, state: LearnerState[StateT], request: RecommendationRequest, at: datetime) -> _Asked[StateT]:
        view, goal = LearnerView.of(self.model, self.bank, state, at, settings_of(self.policy)), self._goal(request)
        opened = self.bank.kinds.touching(view.to_work_on(goal, request.mode)) & (self.bank.n_in_service > 0)
        pool = _Pool(self.bank, opened, self.bank.places(request.exclude_item_ids))
        kinds = replace(
            view.kinds(goal, request.mode),
            plan_step=self._asked_for(request.plan_skill_ids),
            teacher_pin=self._asked_for(request.pinned_skill_ids),
        )
        kinds = view.with_worth(kinds, goal) if needs_draws(self.policy) else kinds
        mastered = (kinds.p_mastered >= PROMOTE_AT) & view.kinds_towards(goal) & (request.mode == "learn")
        return _Asked(self.policy, view, SessionView(view, request.place, at), pool, kinds, mastered)

    def _asked_for(self, skill_ids: tuple[str, ...]) -> Mask | None:
        """(n_kinds,): the kinds that exercise one of the skills; None without any. Those that the catalogue lost are passed over."""
        known = [skill_id for skill_id in skill_ids if skill_id in self.bank.skill_index]
        return self.bank.kinds.touching(self.bank.named(known)) if skill_ids else None

    def _goal(self, request: RecommendationRequest) -> tuple[str, ...]:
        catalog = self.bank.catalog
        return tuple(catalog.skill(skill_id).skill_id for skill_id in request.skill_ids) or catalog.skill_columns.skill_ids


def _shown(view: LearnerView[StateT], choice: _Choice, drawn: Drawn, rank: int, goal: tuple[str, ...]) -> ShownItem:
    candidates = choice.candidates
    (doubt,) = _doubts(view, take(candidates, np.array([drawn.index])))
    i, forecast, gain = drawn.index, candidates.forecast, float(candidates.expected_gain[drawn.index])
    skill_ids = candidates.items.skill_ids[i]
    return ShownItem(
        rank=rank,
        item_id=candidates.items.item_ids[i],
        skill_ids=skill_ids,
        purpose=view.purpose(skill_ids, goal, candidates.mode),
        propensity=drawn.propensity,
        p_correct=float(forecast.p_correct[i]),
        p_correct_interval=(float(forecast.low[i]), float(forecast.high[i])),
        p_mastery=float(candidates.p_mastered[i]),
        zone_probability=float(candidates.zone_probability[i]),
        expected_gain=None if np.isnan(gain) else gain,
        reasons=drawn.reasons,
        score=drawn.score,
        runner_up=drawn.runner_up,
        constraints_applied=choice.constraints,
        information=doubt.information,
        doubt=doubt.doubt,
    )


def _doubts(view: LearnerView[StateT], chosen: Candidates) -> tuple[ItemDoubt, ...]:
    nats = information_of_forecast(chosen.forecast) if chosen.outlook else None
    return item_doubts(view.state, chosen.items, chosen.forecast.p_correct, nats)
