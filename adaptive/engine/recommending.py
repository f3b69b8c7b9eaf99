"""From a learner's state to a decision: candidates, the policy's distribution, the draw, and its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from adaptive.domain import Decision, ShownItem
from adaptive.engine.answers import RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.engine.doubt import ItemDoubt, item_doubts
from adaptive.engine.learner import LearnerState
from adaptive.engine.sessions import SessionView
from adaptive.engine.view import LearnerView
from adaptive.policies import Drawn, RuledPolicy, draw_slate, in_session, settings_of, take
from adaptive.protocols import Candidates, LearnerModel, Policy

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
    """Which items may be chosen, (n_items,) each: open to the learner, allowed by the caller."""

    open: Mask
    allowed: Mask

    @property
    def constraints(self) -> tuple[str, ...]:
        """What changed what could be chosen, before any rule of a session."""
        if not self.open.any():
            return ("no_open_items",)
        return ("exclude_item_ids",) if (self.open & ~self.allowed).any() else ()


@dataclass(frozen=True, slots=True, eq=False)
class Recommender(Generic[StateT]):
    """Chooses items for one learner at a time; holds no state of any learner."""

    model: LearnerModel[StateT]
    bank: Bank
    policy: Policy

    def decide(self, state: LearnerState[StateT], request: RecommendationRequest, context: DecisionContext) -> Decision:
        """A decision with its record. Raises UnknownSkill where the request names a skill that the catalogue lacks.

        `status` is `mastered` where every wanted skill is, `stuck` where the others are stuck, `blocked` where
        constraints leave nothing; then nothing is shown. Equal state, request, time and seed give an equal decision.
        """
        view = LearnerView.of(self.model, self.bank, state, context.at, settings_of(self.policy))
        catalog, goal = self.bank.catalog, self._goal(request)
        pool = self._pool(view, goal, request)
        chosen, session = np.flatnonzero(pool.allowed), SessionView(view, request.place, context.at)
        candidates = view.candidates(chosen, goal, request.mode)
        rng = np.random.default_rng(context.seed)
        slate = draw_slate(self.policy, candidates, request.k, rng, lambda shown: session.after(chosen[list(shown)].tolist()).take(chosen))
        policy = in_session(self.policy, session.after(()).take(chosen))
        limited = policy.limited(candidates) if isinstance(policy, RuledPolicy) else None
        p_choice = policy.probabilities(candidates)  # (n_candidates,)
        item_ids = candidates.items.item_ids
        ranked = np.argsort(-p_choice, kind="stable")
        not_shown = ranked[~np.isin(ranked, [drawn.index for drawn in slate])]
        doubts = _doubts(view, take(candidates, np.array([drawn.index for drawn in slate], dtype=np.int64)))
        ranked_slate = zip(range(1, len(slate) + 1), slate, doubts, strict=True)
        return Decision(
            decision_id=context.decision_id,
            tenant_id=context.tenant_id,
            learner_id=request.learner_id,
            at=context.at,
            mode=request.mode,
            status="in_progress" if slate else view.status_without_items(goal),
            policy_version=self.policy.version,
            model_version=context.model_version,
            catalog_version=catalog.version,
            state_version=context.state_version,
            seed=context.seed,
            n_candidates=int(limited.allowed.sum()) if limited else len(candidates.items),
            zone_item_ids=tuple(item_ids[i] for i in np.flatnonzero(p_choice)),
            shown=tuple(self._shown(view, candidates, drawn, rank, goal, doubt) for rank, drawn, doubt in ranked_slate),
            runners_up=tuple((item_ids[i], float(p_choice[i])) for i in not_shown[:N_RUNNERS_UP]),
            constraints_applied=(*pool.constraints, *(limited.constraints if limited else ())),
            k=request.k,
            goal_skill_ids=request.skill_ids,
            exclude_item_ids=request.exclude_item_ids,
            items_done=request.place.items_done,
            minutes_left=request.place.minutes_left,
            stuck=view.stuck_skills(goal),
        )

    def candidates(self, state: LearnerState[StateT], request: RecommendationRequest, at: datetime) -> Candidates:
        """What rules leave for the first rank of `decide`, on equal state, request and time. Raises UnknownSkill."""
        view, goal = LearnerView.of(self.model, self.bank, state, at, settings_of(self.policy)), self._goal(request)
        chosen = np.flatnonzero(self._pool(view, goal, request).allowed)
        candidates = view.candidates(chosen, goal, request.mode)
        policy = in_session(self.policy, SessionView(view, request.place, at).after(()).take(chosen))
        left = policy.limited(candidates).allowed if isinstance(policy, RuledPolicy) else np.ones(len(chosen), dtype=np.bool_)
        return take(candidates, np.flatnonzero(left))

    def _goal(self, request: RecommendationRequest) -> tuple[str, ...]:
        catalog = self.bank.catalog
        return tuple(catalog.skill(skill_id).skill_id for skill_id in request.skill_ids) or catalog.skill_columns.skill_ids

    def _pool(self, view: LearnerView[StateT], goal: tuple[str, ...], request: RecommendationRequest) -> _Pool:
        opened = self.bank.items_touching(view.skills_to_work_on(goal, request.mode)) & self.bank.in_service
        return _Pool(opened, opened & ~self.bank.among(request.exclude_item_ids))

    def _shown(
        self, view: LearnerView[StateT], candidates: Candidates, drawn: Drawn, rank: int, goal: tuple[str, ...], doubt: ItemDoubt
    ) -> ShownItem:
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
            constraints_applied=drawn.constraints,
            information=doubt.information,
            doubt=doubt.doubt,
        )


def _doubts(view: LearnerView[StateT], chosen: Candidates) -> tuple[ItemDoubt, ...]:
    nats = chosen.outlook.information if chosen.outlook else None
    return item_doubts(view.state, chosen.items, chosen.forecast.p_correct, nats)
