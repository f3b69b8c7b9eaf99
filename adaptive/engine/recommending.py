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
from adaptive.engine.view import LearnerView
from adaptive.policies import Drawn, draw_slate, settings_of, take
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
    """Which items may be chosen, (n_items,) each: open to the learner, allowed by the caller, not met lately."""

    open: Mask
    allowed: Mask
    rested: Mask

    @property
    def chosen(self) -> Mask:
        """Rested items, or the allowed ones where every one was met lately."""
        return self.rested if self.rested.any() else self.allowed

    @property
    def constraints(self) -> tuple[str, ...]:
        """The rules that changed what could be chosen."""
        if not self.open.any():
            return ("no_open_items",)
        excluded = ("exclude_item_ids",) if (self.open & ~self.allowed).any() else ()
        if not (self.allowed & ~self.rested).any():
            return excluded
        return (*excluded, "no_repeat" if self.rested.any() else "no_repeat:relaxed")


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
        pool = self._pool(view, goal, request, context.at)
        candidates = view.candidates(np.flatnonzero(pool.chosen), goal, request.mode)
        slate = draw_slate(self.policy, candidates, request.k, np.random.default_rng(context.seed))
        p_choice = self.policy.probabilities(candidates)  # (n_candidates,)
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
            n_candidates=len(candidates.items),
            zone_item_ids=tuple(item_ids[i] for i in np.flatnonzero(p_choice)),
            shown=tuple(self._shown(view, candidates, drawn, rank, goal, doubt) for rank, drawn, doubt in ranked_slate),
            runners_up=tuple((item_ids[i], float(p_choice[i])) for i in not_shown[:N_RUNNERS_UP]),
            constraints_applied=pool.constraints,
            k=request.k,
            goal_skill_ids=request.skill_ids,
            exclude_item_ids=request.exclude_item_ids,
        )

    def candidates(self, state: LearnerState[StateT], request: RecommendationRequest, at: datetime) -> Candidates:
        """What `decide` lets the policy choose from, on equal state, request and time. Raises UnknownSkill."""
        view, goal = LearnerView.of(self.model, self.bank, state, at, settings_of(self.policy)), self._goal(request)
        return view.candidates(np.flatnonzero(self._pool(view, goal, request, at).chosen), goal, request.mode)

    def _goal(self, request: RecommendationRequest) -> tuple[str, ...]:
        catalog = self.bank.catalog
        return tuple(catalog.skill(skill_id).skill_id for skill_id in request.skill_ids) or catalog.skill_columns.skill_ids

    def _pool(self, view: LearnerView[StateT], goal: tuple[str, ...], request: RecommendationRequest, at: datetime) -> _Pool:
        opened = self.bank.items_touching(view.skills_to_work_on(goal, request.mode)) & self.bank.in_service
        allowed = opened & ~self.bank.among(request.exclude_item_ids)
        return _Pool(opened, allowed, allowed & ~self.bank.among(view.recent_items(at)))

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
            information=doubt.information,
            doubt=doubt.doubt,
        )


def _doubts(view: LearnerView[StateT], chosen: Candidates) -> tuple[ItemDoubt, ...]:
    nats = chosen.outlook.information if chosen.outlook else None
    return item_doubts(view.state, chosen.items, chosen.forecast.p_correct, nats)
