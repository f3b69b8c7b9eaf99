"""BKT with guess and slip by item and a head start by learner, all drawn from populations that are fitted in Pyro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Final, NamedTuple, Self

import immutables
import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.bkt.draws import expected_gain
from adaptive.models.bkt.filter import forget, two_point_success
from adaptive.models.bkt.hierarchy import Hierarchy, Stated, day_zero_hierarchy, fit_hierarchy, hierarchy_log_loss
from adaptive.models.bkt.learners import NODE_WEIGHTS
from adaptive.models.bkt.model import placed_p_known
from adaptive.models.bkt.parameters import BktSettings
from adaptive.models.bkt.sequences import SECONDS_A_DAY
from adaptive.models.bkt.side_by_side import Asked, Met, Performance
from adaptive.models.bkt.skill_draws import draws_on_nodes, even_chances
from adaptive.models.bkt.worth import lasting_lift, worth
from adaptive.models.columns import Cached, ItemColumns, seconds_of, skills_or_none
from adaptive.protocols import AbilityPrior, AttemptTable, Draws, Floats, Forecast, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = ["HierarchicalBkt", "HierarchicalState", "NodeKnowledge"]

_NODE_WEIGHTS = tuple(NODE_WEIGHTS.tolist())

_REMEMBERED: Final = 4096
"""Combinations of skills whose prerequisites are looked up once."""


class NodeKnowledge(NamedTuple):
    """P(known) on each node of u after the last attempt on a skill, and when that was (None: unknown, so nothing is forgotten since)."""

    p_known: tuple[float, ...]
    last_seconds: float | None


@dataclass(frozen=True, slots=True)
class HierarchicalState:
    """A learner: the probability of each node of u, and knowledge of the skills that were placed or attempted."""

    weights: tuple[float, ...] = _NODE_WEIGHTS
    skills: immutables.Map[str, NodeKnowledge] = field(default_factory=immutables.Map)


@dataclass(frozen=True, slots=True, eq=False)
class _ItemValues:
    """Items with their skills as asked for, and guess and slip of each entry of `columns.skill`."""

    columns: ItemColumns
    asked: Asked
    guess: Floats
    slip: Floats

    def mean_over_entries(self, values: Floats) -> Floats:
        """(..., n_items) the mean over each item's skills of `values` (..., n_entries)."""
        return np.asarray(np.add.reduceat(values, self.columns.start, axis=-1) / self.columns.n_skills, dtype=np.float64)


class HierarchicalBkt:
    """P(correct) = P(known) (1 - slip_i) + (1 - P(known)) guess_i, with guess and slip of the item i; mean over its skills.

    Guess and slip of an item are its skill's, shifted and spread by what the item was found to be (`items`, KT-IDEM, Pardos &
    Heffernan 2011). A learner's head start u ~ N(0, 1) shifts logit P(known) of every skill before its first attempt by
    `learner_spread` u (`learners`; individual priors of Pardos & Heffernan 2010 and Yudelson, Koedinger & Gordon 2013, here one number
    that all skills share). So an answer on one skill moves the others that were not met yet. The state is the posterior of u on seven
    nodes, and P(known) of each skill on each: given u, skills are apart, so this is exact but for the nodes, and an update touches
    the attempt's skills only. An attempt weighs the nodes by P(answer), and conditions each of its skills as in `Bkt`.

    Skills are forgotten at a rate a day where times are known, and gated by prerequisites (`side_by_side`). A placed skill starts as
    placed, whatever u is. Populations are fitted by variational inference (`variational`), starting from the fit of `Bkt`.

    A right answer lowers no mastery: guess < 1 - slip on every item, and P(correct) rises with u.

    >>> model = HierarchicalBkt()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> mastery = [model.mastery(state, Skills(("fractions", "ratios")), None).p_mastered for state in (model.initial_state(), after)]
    >>> bool((mastery[1] > mastery[0]).all())
    True
    """

    name: ClassVar[str] = "bkt_hierarchical"
    summary: ClassVar[str] = (
        "Bayesian knowledge tracing: guess and slip by item, head start by learner, forgetting, prerequisites; fitted in Pyro"
    )

    def __init__(self, catalog: Catalog | None = None, settings: BktSettings | None = None) -> None:
        chosen = settings or BktSettings(forgetting=True)
        self._become(day_zero_hierarchy(Stated.of(catalog), chosen), chosen, float("nan"))

    def _become(self, fitted: Hierarchy, settings: BktSettings, training_log_loss: float) -> None:
        self.fitted, self.settings, self.training_log_loss = fitted, settings, training_log_loss
        self._items, self._skills, self._asked = Cached(self._item_values), Cached(self._skill_values), lru_cache(_REMEMBERED)(fitted.asked)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """What these attempts say of skills, items and the spread of learners; without any evidence, day zero."""
        codes, fitted = attempts.codes(), type(self)(settings=self.settings)
        hierarchy = fit_hierarchy(codes, self.fitted.stated, self.settings, seed=seed)
        fitted._become(hierarchy, self.settings, hierarchy_log_loss(codes, hierarchy))
        return fitted

    def initial_state(self, prior: AbilityPrior | None = None) -> HierarchicalState:
        """P(known) of the placed skills, the same on every node."""
        if prior is None or not prior.skill_ids:
            return HierarchicalState()
        p_known = zip(prior.skill_ids, placed_p_known(prior).tolist(), strict=True)
        return HierarchicalState(skills=immutables.Map({id_: NodeKnowledge((p,) * len(_NODE_WEIGHTS), None) for id_, p in p_known}))

    def update(self, state: HierarchicalState, attempt: Attempt) -> HierarchicalState:
        """Nodes weighed by P(answer); on each, the attempt's skills forgotten in part, conditioned on evidence, then learned."""
        skill_ids, seconds = skills_or_none(attempt.skill_ids), seconds_of(attempt.occurred_at)
        asked, every = self._asked(skill_ids), np.arange(len(skill_ids))
        guess, slip = self.fitted.guess_and_slip((attempt.item_id,), 0 * every, skill_ids, every)
        performance = Performance(guess[None], slip[None], np.full((1, len(every)), 1.0 / len(every)))
        score = attempt.correct if attempt.is_evidence and attempt.correct is not None else np.nan
        before = asked.before(_met(state, asked), every[None], _now(seconds))
        weights, p_known = asked.answered(np.array([state.weights]), before, every[None], performance, np.array([score]))
        moved = {id_: NodeKnowledge(tuple(p), seconds) for id_, p in zip(skill_ids, p_known[0].tolist(), strict=True)}
        return HierarchicalState(state.weights if np.isnan(score) else tuple(weights[0].tolist()), state.skills.update(moved))

    def predict(self, state: HierarchicalState, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item, with the ends of the two-point posterior of its skills."""
        values = self._items(items)
        p_known = _on_nodes(state, values.asked, at) @ state.weights
        ends = two_point_success(p_known[values.columns.skill], values.guess, values.slip)
        p_correct, low, high = map(values.mean_over_entries, ends)
        return Forecast(p_correct, low, high, is_two_state=True)

    def mastery(self, state: HierarchicalState, skills: Skills, at: datetime | None) -> Mastery:
        """P(known) and the success on the skill's typical item that follows from it; intervals as in `Bkt`."""
        asked, n = self._skills(skills), len(skills)
        p_known, values = (_on_nodes(state, asked, at) @ state.weights)[:n], asked.values.take(np.arange(n))
        return Mastery(skills.skill_ids, p_known, *two_point_success(p_known, values.guess, values.slip))

    def advance(self, state: HierarchicalState, to: datetime) -> HierarchicalState:
        """The state as of then: what is forgotten since each skill's last attempt. Unchanged where nothing is forgotten."""
        moved = {id_: self._advanced(id_, knowledge, seconds_of(to)) for id_, knowledge in state.skills.items()}
        return HierarchicalState(state.weights, immutables.Map(moved)) if self.fitted.skills.values.forget_rate.any() else state

    def draw(
        self, state: HierarchicalState, items: Items, skills: Skills, *, n: int, at: datetime | None, rng: np.random.Generator
    ) -> Draws:
        """n joint draws: a node of u, then each skill known or not, and the success that follows. `latent` is 1 where it is known."""
        of_items, values = self._items(items), self.fitted.skills.of(skills.skill_ids)
        columns, node = of_items.columns, rng.choice(len(state.weights), size=n, p=state.weights)
        skill_ids = tuple(dict.fromkeys((*columns.skill_ids, *skills.skill_ids)))
        p_known = _on_nodes(state, self.fitted.asked(skill_ids), at)[: len(skill_ids)]
        known = rng.random((n, len(skill_ids))) < p_known[:, node].T
        index = {skill_id: code for code, skill_id in enumerate(skill_ids)}
        of_entries = known[:, : len(columns.skill_ids)][:, columns.skill]
        item_success = of_items.mean_over_entries(np.where(of_entries, 1.0 - of_items.slip, of_items.guess))
        of_skills = known[:, [index[skill_id] for skill_id in skills.skill_ids]]
        return Draws(skills.skill_ids, np.where(of_skills, 1.0 - values.slip, values.guess), item_success, of_skills.astype(np.float64))

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): what one attempt teaches, gated by the prerequisites that were drawn, times what that is worth (`worth`)."""
        asked, n = self._asked(draws.skill_ids), len(draws.skill_ids)
        known = np.ones((len(draws.latent), len(asked.first), 1))  # what was not drawn gates nothing
        known[:, :n, 0] = draws.latent
        every = np.broadcast_to(np.arange(n), draws.latent.shape)
        p_learn = asked.p_learn(asked.closure.missing(known, every), every)[..., 0]
        lift = lasting_lift(asked.values, horizon.total_seconds() / SECONDS_A_DAY)
        value = worth(asked, known[..., 0], lift, self.settings.later_attempts)[:, :n]
        return expected_gain(draws, p_learn, value, self._items(items).columns)

    def draw_skills(
        self, state: HierarchicalState, skills: Skills, *, n: int, at: datetime | None, horizon: timedelta, seed: int
    ) -> SkillDraws:
        """n joint draws of the skills and of what they stand on, and what one attempt teaches, as in `expected_gain`."""
        asked, days = self._skills(skills), horizon.total_seconds() / SECONDS_A_DAY
        p_nodes, chances = _on_nodes(state, asked, at), even_chances(seed, n, 1 + len(asked.first))
        drawn = draws_on_nodes(
            asked, np.array([state.weights]), p_nodes[None], chances, days=days, later_attempts=self.settings.later_attempts
        )
        return SkillDraws(drawn.success[0, :, : len(skills)], drawn.gain[0, :, : len(skills)])

    def encode_state(self, state: HierarchicalState) -> dict[str, Any]:  # Any: JSON values
        """Weights of the nodes; P(known) on each and time of the last attempt by skill, ids in order."""
        skills = {id_: [list(state.skills[id_].p_known), state.skills[id_].last_seconds] for id_ in sorted(state.skills)}
        return {"weights": list(state.weights), "skills": skills}

    def decode_state(self, encoded: Mapping[str, Any]) -> HierarchicalState:  # Any: JSON values
        """What `encode_state` wrote."""
        skills = {id_: NodeKnowledge(tuple(p_known), seconds) for id_, (p_known, seconds) in encoded["skills"].items()}
        return HierarchicalState(tuple(encoded["weights"]), immutables.Map(skills))

    def parameters(self) -> Parameters:
        """Skills, items, the spread of learners, the stated difficulties, and the settings of the fit."""
        return Parameters(asdict(self.settings), {**self.fitted.arrays(), "training_log_loss": np.array(self.training_log_loss)})

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        settings = BktSettings(**parameters.settings)
        fitted = cls(settings=settings)
        fitted._become(Hierarchy.from_arrays(parameters.arrays), settings, float(parameters.arrays["training_log_loss"]))
        return fitted

    def _item_values(self, items: Items) -> _ItemValues:
        columns = ItemColumns.of(items)
        item = np.repeat(columns.item, columns.n_skills.astype(np.int64))
        guess, slip = self.fitted.guess_and_slip(columns.item_ids, item, columns.skill_ids, columns.skill)
        return _ItemValues(columns, self.fitted.asked(columns.skill_ids), guess, slip)

    def _skill_values(self, skills: Skills) -> Asked:
        return self.fitted.asked(skills.skill_ids)

    def _advanced(self, skill_id: str, knowledge: NodeKnowledge, seconds: float | None) -> NodeKnowledge:
        if seconds is None or knowledge.last_seconds is None or seconds <= knowledge.last_seconds:
            return knowledge
        rate = float(self.fitted.skills.of((skill_id,)).forget_rate[0])
        days = (seconds - knowledge.last_seconds) / SECONDS_A_DAY
        return NodeKnowledge(tuple(forget(p_known, rate, days) for p_known in knowledge.p_known), seconds)


def _met(state: HierarchicalState, asked: Asked) -> Met:
    """The one learner's, as arrays."""
    met = asked.new(1)
    for code, skill_id in enumerate(asked.closure.skill_ids):
        knowledge = state.skills.get(skill_id)
        if knowledge is not None:
            met.p_known[0, code], met.is_met[0, code] = knowledge.p_known, True
            met.seconds[0, code] = np.nan if knowledge.last_seconds is None else knowledge.last_seconds
    return met


def _now(seconds: float | None) -> Floats:
    return np.array([np.nan if seconds is None else seconds])


def _on_nodes(state: HierarchicalState, asked: Asked, at: datetime | None) -> Floats:
    """(n_skills, n_nodes) P(known) of each skill on each node of u: as attempts and time left it, or else as at first."""
    return np.asarray(asked.p_known(_met(state, asked), _now(seconds_of(at)))[0])
