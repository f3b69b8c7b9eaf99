"""The engine: the only object that the HTTP layer, the command line and the simulator call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Decision, Goal, Placement, Plan
from adaptive.engine.answers import Asked, MasteryReport, Prediction, Predictions, RecommendationRequest, Recorded, Refused, ZoneReport
from adaptive.engine.bank import Bank
from adaptive.engine.doubt import item_doubts
from adaptive.engine.learner import LearnerFold
from adaptive.engine.recommending import DecisionContext, Recommender
from adaptive.engine.recording import Recorder
from adaptive.engine.reporting import mastery_rows
from adaptive.engine.standings import Awarding
from adaptive.engine.states import Current, StateKeeper
from adaptive.engine.sticking import Sticking
from adaptive.engine.view import LearnerView
from adaptive.engine.zones import zone_report
from adaptive.errors import InvalidInput, ModelUnavailable, Problem, UnknownItem, UnknownLearner
from adaptive.mastery import BktThreshold, MasteryRule
from adaptive.models.information import information_of_forecast
from adaptive.planning import MilpPlanner, SimulatedMinutes
from adaptive.policies import ExpectedGainPolicy, Place, RuledPolicy, settings_of
from adaptive.protocols import Candidates, Floats, GenerativeModel, Items, LearnerModel, Policy, Skills
from adaptive.storage import Snapshot, Store, Unit

__all__ = ["Engine"]

StateT = TypeVar("StateT")

_NOBODY: Final = "nobody"
"""Whom a warm-up is about; nothing of it is stored."""


@dataclass(frozen=True, eq=False)
class Engine(Generic[StateT]):
    """One fitted model, one catalogue and one policy over one store; no state of its own, so any number may run.

    Every method is of one tenant. Times, ids and seeds come from the caller: equal calls on an equal log give equal
    answers. Attempts take their skills from the catalogue at the moment they are recorded. Probabilities lie in (0, 1),
    times are aware, intervals are 90 %.

    >>> from datetime import UTC
    >>> from adaptive.catalog.mathematics import mathematics_catalog
    >>> from adaptive.models import build_model
    >>> catalog = mathematics_catalog()
    >>> engine = Engine(Store.open("sqlite://"), build_model("bkt", catalog), catalog, model_version="day-zero")
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> (item,) = engine.recommend("school", RecommendationRequest("ann"), decision_id="d1", at=at, seed=1).shown
    >>> done = engine.record("school", Attempt("a1", "ann", item.item_id, (), correct=1.0, occurred_at=at))
    >>> done.applied, done.state_version, done.updates[0].p_mastery_after > done.updates[0].p_mastery_before
    ('appended', 1, True)
    >>> engine.record("school", Attempt("a1", "ann", item.item_id, (), correct=1.0, occurred_at=at)).duplicate
    True
    >>> engine.store.close()
    """

    store: Store
    model: LearnerModel[StateT]
    catalog: Catalog
    model_version: str
    policy: Policy = field(default_factory=lambda: RuledPolicy(ExpectedGainPolicy()))
    """Bare, it chooses under no rules of a session, not even that items rest."""
    rule: MasteryRule[Any] = field(default_factory=BktThreshold)
    """Levels are awarded by this mastery rule, from the log; another asked for on reading is replayed."""

    def warm_up(self, *, at: datetime) -> None:
        """Do once, for a learner who does not exist, what the first request would wait for: load compiled code, index the catalogue."""
        fold, skills = self._keeper.fold, self.catalog.skill_columns
        state, context = fold.initial_state(), DecisionContext(_NOBODY, _NOBODY, at, 0, self.model_version, 0)
        decision = self._recommender.decide(state, RecommendationRequest(_NOBODY), context)
        for shown in decision.shown:
            state = fold.update(state, Attempt(_NOBODY, _NOBODY, shown.item_id, shown.skill_ids, correct=1.0, occurred_at=at))
        self.model.mastery(fold.decode(fold.encode(state)).model_state, skills, at)

    def record(self, tenant_id: str, attempt: Attempt) -> Recorded:
        """Append one attempt. A retry is a duplicate and changes nothing; a late one re-folds the learner.

        Raises UnknownItem, and AttemptConflict where the id is taken by an attempt of other content.
        """
        answer = self.record_batch(tenant_id, [attempt])[0]
        if isinstance(answer, Refused):
            raise answer.error
        return answer

    def record_batch(self, tenant_id: str, attempts: Sequence[Attempt]) -> tuple[Recorded | Refused, ...]:
        """Append attempts of any learners in any order; one answer each, in the order given.

        The valid attempts of one learner are applied in one transaction; a refused one does not hold back the others.
        """
        answers: dict[int, Recorded | Refused] = {}
        attempts_of: defaultdict[str, dict[int, Attempt]] = defaultdict(dict)
        for row, attempt in enumerate(attempts):
            try:
                attempts_of[attempt.learner_id][row] = replace(attempt, skill_ids=self.catalog.item(attempt.item_id).skill_ids)
            except UnknownItem as error:
                answers[row] = Refused(attempt.attempt_id, attempt.learner_id, error)
        for learner_id, share in attempts_of.items():
            with self.store.unit(tenant_id, write=True) as unit:
                recorded = self._recorder.record(unit, learner_id, list(share.values()))
            answers.update(zip(share, recorded, strict=True))
        return tuple(answers[row] for row in range(len(attempts)))

    def recommend(self, tenant_id: str, request: RecommendationRequest, *, decision_id: str, at: datetime, seed: int) -> Decision:
        """Choose up to `request.k` items and store the decision, unless it is a dry run. Raises UnknownSkill."""
        with self.store.unit(tenant_id, write=False) as unit:
            current = self._keeper.current(unit, request.learner_id)
        context = DecisionContext(decision_id, tenant_id, at, seed, self.model_version, current.version)
        decision = self._recommender.decide(current.state, request, context)  # outside any unit: writers do not wait for it
        if not request.dry_run:
            with self.store.unit(tenant_id, write=True) as unit:
                if unit.lock_learner(request.learner_id) < current.version:
                    raise UnknownLearner(f"Learner {request.learner_id!r} was erased while this was decided; nothing was kept of it.")
                unit.add_decision(decision)
        return decision

    def recommendation(self, tenant_id: str, decision_id: str) -> Decision:
        """A stored decision. Raises UnknownRecord."""
        with self.store.unit(tenant_id, write=False) as unit:
            return unit.decision(decision_id)

    def decide_again(self, tenant_id: str, decision_id: str) -> Decision:
        """A stored decision made once more from the log as of its state version: equal to it, whatever came later.

        Raises UnknownRecord, and ModelUnavailable where another model, catalogue or policy made it.
        """
        with self.store.unit(tenant_id, write=False) as unit:
            stored = unit.decision(decision_id)
            made_by = (stored.model_version, stored.catalog_version, stored.policy_version)
            mine = (self.model_version, self.catalog.version, self.policy.version)
            if made_by != mine:
                raise ModelUnavailable(f"A decision is repeated by what made it. Got {made_by}, but {mine} is served; serve the former.")
            state = self._keeper.rebuild(unit, stored.learner_id, until=stored.state_version).state
        request = RecommendationRequest(
            stored.learner_id,
            stored.k,
            stored.goal_skill_ids,
            stored.mode,
            stored.exclude_item_ids,
            place=Place(stored.items_done, stored.minutes_left),
            plan_skill_ids=stored.plan_skill_ids,
            pinned_skill_ids=stored.pinned_skill_ids,
        )
        context = DecisionContext(decision_id, tenant_id, stored.at, stored.seed, stored.model_version, stored.state_version)
        return self._recommender.decide(state, request, context)

    def chances_as_of(self, tenant_id: str, learner_id: str, asked: Sequence[Asked]) -> Iterator[tuple[Candidates, Floats]]:
        """What the policy could choose from when it was asked, and with which probabilities: what a decision does not store.

        From the log as of each state version, all of one learner, given in the order of their state versions. The candidates are what rules
        left, with what they mixed in. Raises InvalidInput where the log is shorter than a version, or holds nothing that was still allowed;
        UnknownSkill.
        """
        with self.store.unit(tenant_id, write=False) as unit:
            states = self._keeper.as_of(unit, learner_id, [each.state_version for each in asked])
            for each, current in zip(asked, states, strict=True):
                if current.version != each.state_version:
                    rule = "the log holds the attempts and placements that the decision rested on"
                    way_out = "give all of them, in the order in which they arrived"
                    found = f"{current.version} of {each.state_version}"
                    raise InvalidInput(f"log of learner {learner_id!r}", [Problem("state_version", rule, found, way_out)])
                yield self._recommender.chances(current.state, each.request, each.at)

    def mastered_after(self, tenant_id: str, learner_id: str) -> tuple[Sequence[Attempt], tuple[frozenset[str], ...]]:
        """The learner's attempts in the order of their times, and the skills on the rule's highest level after each."""
        mastered, now = [], frozenset[str]()
        with self.store.unit(tenant_id, write=False) as unit:
            state, history = self._keeper.start(unit.placements(learner_id)), unit.history(learner_id)
        for attempt in history:
            state = self._keeper.fold.update(state, attempt)
            top = {s for s in attempt.skill_ids if self._awarding.level(state.standings, s) == self.rule.levels[-1]}
            now = now.difference(attempt.skill_ids) | top
            mastered.append(now)
        return history, tuple(mastered)

    def predict(self, tenant_id: str, learner_id: str, item_ids: Sequence[str], *, at: datetime) -> Predictions:
        """P(correct) of items for a learner, known or new. Raises UnknownItem."""
        items = Items(tuple(item_ids), tuple(self.catalog.item(item_id).skill_ids for item_id in item_ids))
        with self.store.unit(tenant_id, write=False) as unit:
            current = self._keeper.current(unit, learner_id)
        forecast = self.model.predict(current.state.model_state, items, at)
        nats = information_of_forecast(forecast) if isinstance(self.model, GenerativeModel) else None
        doubts = item_doubts(current.state, items, forecast.p_correct, nats)
        columns = zip(item_ids, forecast.p_correct.tolist(), forecast.low.tolist(), forecast.high.tolist(), doubts, strict=True)
        rows = (Prediction(item_id, p, (low, high), of_item.information, of_item.doubt) for item_id, p, low, high, of_item in columns)
        return Predictions(learner_id, current.version, tuple(rows))

    def mastery(
        self, tenant_id: str, learner_id: str, *, at: datetime, skill_ids: Sequence[str] = (), rule: MasteryRule[Any] | None = None
    ) -> MasteryReport:
        """Where the learner stands, on all skills or on some. Raises UnknownLearner, UnknownSkill.

        Levels are those of the engine's mastery rule, or of `rule`, by a replay of the log.
        """
        skills = Skills(tuple(self.catalog.skill(skill_id).skill_id for skill_id in skill_ids)) if skill_ids else self.catalog.skill_columns
        awarding = self._awarding if rule is None or rule == self.rule else Awarding.of(rule, self.model, self.catalog)
        with self.store.unit(tenant_id, write=False) as unit:
            current = self._known(unit, learner_id)
            if awarding is not self._awarding:
                current = replace(self._keeper, fold=LearnerFold(self.model, awarding)).rebuild(unit, learner_id)
        return MasteryReport(learner_id, current.version, mastery_rows(awarding, self._sticking, current, skills, at))

    def zone(self, tenant_id: str, learner_id: str, *, at: datetime, skill_ids: Sequence[str] = ()) -> ZoneReport:
        """What practising each item in service would be for the learner: mastered, unknown, in the zone, or out of reach.

        Over the items of these skills and of all that they stand on, or of the whole catalogue; by the zone of the policy in use, as a
        recommendation towards these skills sees it before stuck skills and items met lately are left out. Equal state, time and
        skills give an equal answer. Raises UnknownLearner, UnknownSkill.
        """
        goal = tuple(self.catalog.skill(skill_id).skill_id for skill_id in skill_ids) or self.catalog.skill_columns.skill_ids
        with self.store.unit(tenant_id, write=False) as unit:
            current = self._known(unit, learner_id)
        view = LearnerView.of(self.model, self._bank, current.state, at, settings_of(self.policy))
        return zone_report(learner_id, current.version, view, goal)

    def place(self, tenant_id: str, placement: Placement) -> MasteryReport:
        """Accept scores as a placement: the learner's prior changes and the log is folded anew upon it."""
        at = placement.placed_at
        if at is None:
            problem = Problem("placed_at", "a placement enters the log with the time it was accepted", "None", "set placed_at")
            raise InvalidInput(f"placement {placement.placement_id!r}", [problem])
        with self.store.unit(tenant_id, write=True) as unit:
            unit.add_placement(placement, at)
            current = self._keeper.rebuild(unit, placement.learner_id)
            self._keeper.save(unit, placement.learner_id, current)
        rows = mastery_rows(self._awarding, self._sticking, current, self.catalog.skill_columns, at)
        return MasteryReport(placement.learner_id, current.version, rows)

    def plan(self, tenant_id: str, learner_id: str, goal: Goal, *, plan_id: str, start: date, at: datetime) -> Plan:
        """Plan towards a goal from where the learner stands, and store it. Raises UnknownSkill, ConstraintInfeasible."""
        with self.store.unit(tenant_id, write=False) as unit:
            current = self._keeper.current(unit, learner_id)
        mastery = self.model.mastery(current.state.model_state, self.catalog.skill_columns, at)
        plan = self._planner.plan(mastery, goal, start, learner_id=learner_id)
        with self.store.unit(tenant_id, write=True) as unit:
            unit.add_plan(plan_id, plan, at)
        return plan

    def stored_plan(self, tenant_id: str, plan_id: str) -> Plan:
        """A stored plan. Raises UnknownRecord."""
        with self.store.unit(tenant_id, write=False) as unit:
            return unit.plan(plan_id)

    def state_version(self, tenant_id: str, learner_id: str) -> int:
        """How many attempts and placements the learner's state rests on; 0 for a learner never met."""
        with self.store.unit(tenant_id, write=False) as unit:
            return self._keeper.current(unit, learner_id).version

    def snapshot(self, tenant_id: str, learner_id: str) -> Snapshot | None:
        """The stored state of the learner as it stands; None where there is none of this model and catalogue."""
        with self.store.unit(tenant_id, write=False) as unit:
            return self._keeper.snapshot(unit, learner_id)

    def stale_learners(self, tenant_id: str) -> tuple[str, ...]:
        """Learners whose stored snapshot differs from a replay of the log: none, unless something is broken."""
        with self.store.unit(tenant_id, write=False) as unit:
            return tuple(learner_id for learner_id in unit.learners() if not self._keeper.is_current(unit, learner_id))

    def _known(self, unit: Unit, learner_id: str) -> Current[StateT]:
        current = self._keeper.current(unit, learner_id)
        if not current.version:
            raise UnknownLearner(f"No attempt or placement of learner {learner_id!r} is stored; record one first.")
        return current

    @cached_property
    def _keeper(self) -> StateKeeper[StateT]:
        return StateKeeper(LearnerFold(self.model, self._awarding), self.model_version, self.catalog)

    @cached_property
    def _awarding(self) -> Awarding[StateT]:
        return Awarding.of(self.rule, self.model, self.catalog)

    @cached_property
    def _recorder(self) -> Recorder[StateT]:
        return Recorder(self._keeper, self._awarding, self._sticking)

    @cached_property
    def _planner(self) -> MilpPlanner:
        return MilpPlanner(self.catalog, SimulatedMinutes(self.model, self.catalog), model_version=self.model_version)

    @cached_property
    def _recommender(self) -> Recommender[StateT]:
        return Recommender(self.model, self._bank, self.policy)

    @cached_property
    def _sticking(self) -> Sticking[StateT]:
        return Sticking(self.model, self._bank, settings_of(self.policy))

    @cached_property
    def _bank(self) -> Bank:
        return Bank.of(self.catalog)
