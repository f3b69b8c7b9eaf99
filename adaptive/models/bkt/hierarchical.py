"""BKT with guess and slip by item and a head start by learner, all drawn from populations that are fitted in Pyro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import immutables
import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.bkt.draws import expected_gain, skill_draws
from adaptive.models.bkt.filter import condition, learn, likelihood, p_success, two_point_success
from adaptive.models.bkt.hierarchy import Hierarchy, day_zero_hierarchy, fit_hierarchy, hierarchy_log_loss
from adaptive.models.bkt.learners import NODE_WEIGHTS
from adaptive.models.bkt.model import placed_p_known
from adaptive.models.bkt.parameters import BktParameters, BktSettings
from adaptive.models.columns import Cached, ItemColumns, skills_or_none
from adaptive.models.day_zero import Difficulties
from adaptive.protocols import AbilityPrior, AttemptTable, Draws, Floats, Forecast, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = ["HierarchicalBkt", "HierarchicalState"]

_NODE_WEIGHTS = tuple(NODE_WEIGHTS.tolist())


@dataclass(frozen=True, slots=True)
class HierarchicalState:
    """A learner: the probability of each node of u, and per skill placed or attempted P(known) if u were that node."""

    weights: tuple[float, ...] = _NODE_WEIGHTS
    skills: immutables.Map[str, tuple[float, ...]] = field(default_factory=immutables.Map)


@dataclass(frozen=True, slots=True, eq=False)
class _ItemValues:
    """Items with their skills' P(known at first) by node (n_skills, n_nodes), and guess and slip of each entry of `columns.skill`."""

    columns: ItemColumns
    first: Floats
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

    Nothing is forgotten. A placed skill starts as placed, whatever u is. Populations are fitted by variational inference
    (`variational`), starting from the fit of `Bkt`.

    A right answer lowers no mastery: guess < 1 - slip on every item, and P(correct) rises with u.

    >>> model = HierarchicalBkt()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> mastery = [model.mastery(state, Skills(("fractions", "ratios")), None).p_mastered for state in (model.initial_state(), after)]
    >>> bool((mastery[1] > mastery[0]).all())
    True
    """

    name: ClassVar[str] = "bkt_hierarchical"
    summary: ClassVar[str] = "Bayesian knowledge tracing with guess and slip by item and a head start by learner, fitted in Pyro"

    def __init__(self, catalog: Catalog | None = None, settings: BktSettings | None = None) -> None:
        chosen = settings or BktSettings()
        self._become(day_zero_hierarchy(Difficulties.of(catalog), chosen), chosen, float("nan"))

    def _become(self, fitted: Hierarchy, settings: BktSettings, training_log_loss: float) -> None:
        self.fitted, self.settings, self.training_log_loss = fitted, settings, training_log_loss
        self._items, self._skills = Cached(self._item_values), Cached(self._skill_values)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """What these attempts say of skills, items and the spread of learners; without any evidence, day zero."""
        codes, fitted = attempts.codes(), type(self)(settings=self.settings)
        hierarchy = fit_hierarchy(codes, self.fitted.difficulties, self.settings, seed=seed)
        fitted._become(hierarchy, self.settings, hierarchy_log_loss(codes, hierarchy))
        return fitted

    def initial_state(self, prior: AbilityPrior | None = None) -> HierarchicalState:
        """P(known) of the placed skills, the same on every node."""
        if prior is None or not prior.skill_ids:
            return HierarchicalState()
        p_known = zip(prior.skill_ids, placed_p_known(prior).tolist(), strict=True)
        return HierarchicalState(skills=immutables.Map({id_: (p,) * len(_NODE_WEIGHTS) for id_, p in p_known}))

    def update(self, state: HierarchicalState, attempt: Attempt) -> HierarchicalState:
        """Nodes weighed by P(answer); on each, the attempt's skills conditioned on evidence, then learned."""
        skill_ids, weights = skills_or_none(attempt.skill_ids), state.weights
        values = self.fitted.skills.of(skill_ids)
        p_known = _on_nodes(state, skill_ids, self.fitted.first(skill_ids))  # (n_skills, n_nodes)
        if attempt.is_evidence and attempt.correct is not None:
            of_one = np.arange(len(skill_ids))
            guess, slip = (x[:, None] for x in self.fitted.guess_and_slip((attempt.item_id,), 0 * of_one, skill_ids, of_one))
            told = np.array(weights) * likelihood(attempt.correct, p_success(p_known, guess, slip).mean(axis=0))
            weights = tuple((told / told.sum()).tolist())
            p_known = condition(p_known, likelihood(attempt.correct, 1.0 - slip), likelihood(attempt.correct, guess))
        learned = learn(p_known, values.p_learn[:, None])
        skills = state.skills.update({id_: tuple(p) for id_, p in zip(skill_ids, learned.tolist(), strict=True)})
        return HierarchicalState(weights, skills)

    def predict(self, state: HierarchicalState, items: Items, at: datetime | None) -> Forecast:  # noqa: ARG002 - nothing is forgotten
        """P(correct) of each item, with the ends of the two-point posterior of its skills."""
        values = self._items(items)
        p_known = _on_nodes(state, values.columns.skill_ids, values.first) @ state.weights
        ends = two_point_success(p_known[values.columns.skill], values.guess, values.slip)
        p_correct, low, high = map(values.mean_over_entries, ends)
        return Forecast(p_correct, low, high, is_two_state=True)

    def mastery(self, state: HierarchicalState, skills: Skills, at: datetime | None) -> Mastery:  # noqa: ARG002 - nothing is forgotten
        """P(known) and the success on the skill's typical item that follows from it; intervals as in `Bkt`."""
        first, values = self._skills(skills)
        p_known = _on_nodes(state, skills.skill_ids, first) @ state.weights
        return Mastery(skills.skill_ids, p_known, *two_point_success(p_known, values.guess, values.slip))

    def advance(self, state: HierarchicalState, to: datetime) -> HierarchicalState:  # noqa: ARG002 - nothing is forgotten
        """The state itself."""
        return state

    def draw(
        self,
        state: HierarchicalState,
        items: Items,
        skills: Skills,
        *,
        n: int,
        at: datetime | None,  # noqa: ARG002 - nothing is forgotten
        rng: np.random.Generator,
    ) -> Draws:
        """n joint draws: a node of u, then each skill known or not, and the success that follows. `latent` is 1 where it is known."""
        of_items, values = self._items(items), self.fitted.skills.of(skills.skill_ids)
        columns, node = of_items.columns, rng.choice(len(state.weights), size=n, p=state.weights)
        skill_ids = tuple(dict.fromkeys((*columns.skill_ids, *skills.skill_ids)))
        p_known = _on_nodes(state, skill_ids, self.fitted.first(skill_ids))
        known = rng.random((n, len(skill_ids))) < p_known[:, node].T
        index = {skill_id: code for code, skill_id in enumerate(skill_ids)}
        of_entries = known[:, : len(columns.skill_ids)][:, columns.skill]
        item_success = of_items.mean_over_entries(np.where(of_entries, 1.0 - of_items.slip, of_items.guess))
        of_skills = known[:, [index[skill_id] for skill_id in skills.skill_ids]]
        return Draws(skills.skill_ids, np.where(of_skills, 1.0 - values.slip, values.guess), item_success, of_skills.astype(np.float64))

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): what one attempt teaches."""
        return expected_gain(draws, self.fitted.skills.of(draws.skill_ids), self._items(items).columns, horizon)

    def draw_skills(
        self,
        state: HierarchicalState,
        skills: Skills,
        *,
        n: int,
        at: datetime | None,  # noqa: ARG002 - nothing is forgotten
        horizon: timedelta,
        seed: int,
    ) -> SkillDraws:
        """n joint draws of a node of u and then of known or not, and what one attempt teaches."""
        (first, values), rng = self._skills(skills), np.random.default_rng(seed)
        node = rng.choice(len(state.weights), size=n, p=state.weights)
        known = rng.random((n, len(skills))) < _on_nodes(state, skills.skill_ids, first)[:, node].T
        return skill_draws(known.astype(np.float64), values, horizon)

    def encode_state(self, state: HierarchicalState) -> dict[str, Any]:  # Any: JSON values
        """Weights of the nodes, and P(known) on each by skill, ids in order."""
        return {"weights": list(state.weights), "skills": {id_: list(state.skills[id_]) for id_ in sorted(state.skills)}}

    def decode_state(self, encoded: Mapping[str, Any]) -> HierarchicalState:  # Any: JSON values
        """What `encode_state` wrote."""
        skills = immutables.Map({id_: tuple(p_known) for id_, p_known in encoded["skills"].items()})
        return HierarchicalState(tuple(encoded["weights"]), skills)

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
        return _ItemValues(columns, self.fitted.first(columns.skill_ids), guess, slip)

    def _skill_values(self, skills: Skills) -> tuple[Floats, BktParameters]:
        return self.fitted.first(skills.skill_ids), self.fitted.skills.of(skills.skill_ids)


def _on_nodes(state: HierarchicalState, skill_ids: tuple[str, ...], first: Floats) -> Floats:
    """(n_skills, n_nodes) P(known) of each skill on each node of u: as attempts left it, or else as at first."""
    p_known = first.copy()
    for code, skill_id in enumerate(skill_ids):
        met = state.skills.get(skill_id)
        if met is not None:
            p_known[code] = met
    return p_known
