"""State-space item response theory: a joint normal posterior over a learner's skills, moved by each answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import nan
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.columns import Cached, seconds_of
from adaptive.models.normal_logit import attenuation, interval, p_mastered
from adaptive.models.state_space.arrays import SLOPE, Ground, Scratch, fresh_learner, fresh_memory
from adaptive.models.state_space.asked import AskedItems, AskedSkills, moment, skill_rows, then
from adaptive.models.state_space.draws import draw_learner, expected_gain
from adaptive.models.state_space.fit import fit_all, refit_items, refresh_items
from adaptive.models.state_space.hyperparameters import DAY_ZERO, Hyperparameters
from adaptive.models.state_space.parameters import Fitted
from adaptive.models.state_space.placement import placed_state
from adaptive.models.state_space.skill_draws import n_normals, normals_of, skill_draws
from adaptive.models.state_space.state import ItemMemory, SkillState, StateSpaceState, decode_state, encode_state, latest
from adaptive.models.state_space.table import TableLogits, TableRows
from adaptive.protocols import AbilityPrior, AttemptTable, Codes, Draws, Floats, Forecast, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = ["StateSpaceIrt"]

_ITEMS_AT_HAND: Final = 16384
"""Items that a model keeps ready for `update`, 2 KB each; preparing one takes as long as the update itself."""


class StateSpaceIrt:
    """logit p = discrimination (sum over skills(weight (ability + skill form)) + form + memory of the item - difficulty).

    A learner's abilities are jointly normal: shared factors u, and each skill around what they say of it. After each answer the
    posterior is conditioned (assumed density), then practised skills gain, and what wanders wanders; over time skills go
    back towards what is expected of a new learner. The cost of an answer is that of its skills. Forecasts hold all of it, mastery
    ability with the skill's form, which holds what practice lends. `docs/models/state_space_irt.md` has the equations.

    `hyperparameters` are those of day zero and where the fit starts; those named in `fixed` stay there.

    >>> model = StateSpaceIrt()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("fractions",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "state_space_irt"
    summary: ClassVar[str] = "joint normal abilities over all skills, moved by each answer, gaining by practice, forgetting over time"
    why_correct_can_lower_mastery: ClassVar[str] = (
        "far below the threshold a right answer on an easy item narrows the normal posterior more than it moves it, so that a chance of "
        "mastery that is next to none can fall"
    )

    def __init__(
        self, catalog: Catalog | None = None, *, hyperparameters: Hyperparameters = DAY_ZERO, fixed: frozenset[str] = frozenset()
    ) -> None:
        self._become(Fitted.of(catalog, hyperparameters), fixed)

    def _become(self, fitted: Fitted, fixed: frozenset[str]) -> Self:
        self.fitted, self.fixed, self.training_log_loss = fitted, fixed, fitted.training_log_loss
        self._fresh = fitted.skills.fresh(fitted.hyperparameters)
        self._newcomer = fresh_learner(self._fresh.shape[1] - SLOPE, fitted.hyperparameters)
        self._memory = fresh_memory(fitted.hyperparameters)
        self._items, self._skills = Cached(self._asked_items), Cached(self._asked_skills)
        # (item_id, skill_ids) -> AskedItems of that one item: models that stand on this one need it too
        self.item_at_hand = lru_cache(_ITEMS_AT_HAND)(lambda item_id, skill_ids: self._asked_items(Items((item_id,), (skill_ids,))))
        self._whole_ground = lru_cache(_ITEMS_AT_HAND)(self._known_whole_ground)
        return self

    @property
    def hyperparameters(self) -> Hyperparameters:
        """What the model says all learners share."""
        return self.fitted.hyperparameters

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        """Hyperparameters and items for these attempts; without any evidence, those of day zero."""
        return type(self)()._become(fit_all(self.fitted, attempts.codes(), fixed=self.fixed, seed=seed), self.fixed)

    def refresh(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - nothing is drawn
        """A copy in which the items that these attempts answer are brought up to date; all else is as it was, bit for bit.

        Bayes' rule item by item: difficulty and discrimination as they are known are the prior of what the attempts say. An item
        never seen starts from what is stated, else from its skills, and joins the bank. Hyperparameters, spreads and shifts of
        skills wait for the next `fit`. Bring attempts that the model has not seen, since those given again count again; and whole
        histories of learners, since each begins as a new one. `training_log_loss` becomes the loss on these attempts.

        >>> from adaptive.datasets import AttemptTable
        >>> wrong = AttemptTable.from_attempts(Attempt(f"a{i}", f"l{i}", "q7", ("fractions",), correct=0.0) for i in range(9))
        >>> model = StateSpaceIrt().refresh(wrong)
        >>> model.predict(model.initial_state(), Items(("q7", "q8"), (("fractions",), ("fractions",))), None).p_correct.round(2)
        array([0.26, 0.53])
        """
        return type(self)()._become(refresh_items(self.fitted, attempts.codes()), self.fixed)

    def unfitted(self) -> Self:
        """A copy as it was before any data: catalogue, day zero and what is `fixed`, for a fit from the beginning."""
        return type(self)()._become(self.fitted.unfitted(), self.fixed)

    def fit_items(self, codes: Codes, *, warm: bool = False) -> Self:
        """The same hyperparameters with items for these attempts, from where they are (`warm`) or afresh."""
        return type(self)()._become(refit_items(self.fitted, codes, warm=warm), self.fixed)

    def table_logits(self, codes: Codes) -> TableLogits:
        """What `item_logits` says of each row's item before the row, each learner from the first attempt on."""
        trace = self.fitted.trace(TableRows.of(codes))
        return TableLogits(trace.logit, trace.variance, trace.p_correct)

    def initial_state(self, prior: AbilityPrior | None = None) -> StateSpaceState:
        """A learner of whom nothing is known, or placed."""
        if prior is None or not prior.skill_ids:
            return StateSpaceState.of_vector(self._newcomer)
        return placed_state(prior, self._newcomer, self._asked_skills(Skills(prior.skill_ids)))

    def update(self, state: StateSpaceState, attempt: Attempt) -> StateSpaceState:
        """The state after the attempt: aged to its time, conditioned on evidence, then evolved."""
        return self.update_with_forecast(state, attempt)[0]

    def update_with_forecast(self, state: StateSpaceState, attempt: Attempt) -> tuple[StateSpaceState, float, float]:
        """`update`, with mean and variance of the item's logit before the attempt: what `item_logits` says, at no further cost."""
        from adaptive.models.state_space.kernel import step  # noqa: PLC0415 - numba takes half a second to load

        asked = self.item_at_hand(attempt.item_id, attempt.skill_ids)
        whole, ground = self._whole_ground(asked.columns.skill_ids)
        which, vector, skills = asked.columns.skill, state.vector(), skill_rows(state, whole, ground.fresh)
        memories = np.array([state.items.get(attempt.item_id, self._memory)])
        score = attempt.correct if attempt.is_evidence and attempt.correct is not None else nan
        seen = (0, score, moment(state, seconds_of(attempt.occurred_at)), *asked.of_first)
        room = Scratch.of(len(skills), skills.shape[1] - SLOPE)
        _, mean, variance, _, _ = step(vector, skills, which, ground, memories, seen, room, self.hyperparameters)
        of_skills = state.skills
        for skill_id, row in zip(asked.columns.skill_ids, skills.tolist(), strict=False):  # what they build on is not moved
            of_skills = of_skills.set(skill_id, SkillState.of_row(row))
        of_items = latest(state.items.set(attempt.item_id, ItemMemory(*memories[0].tolist())))
        return StateSpaceState.of_vector(vector, of_skills, of_items), mean, variance

    def predict(self, state: StateSpaceState, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item, with the interval of the success that the learner may have on it."""
        from adaptive.models.state_space.kernel import success  # noqa: PLC0415 - numba takes half a second to load

        (mean, variance), asked = self.item_logits(state, items, at), self._items(items)
        guess = asked.difficulty.guess
        p_correct, unsure = success(mean, variance, guess), asked.interval_variance(mean, variance)
        low, high = interval(mean / attenuation(unsure), unsure)
        return Forecast(p_correct, np.minimum(guess + (1.0 - guess) * low, p_correct), np.maximum(guess + (1.0 - guess) * high, p_correct))

    def item_logits(self, state: StateSpaceState, items: Items, at: datetime | None) -> tuple[Floats, Floats]:
        """Mean and variance of each item's logit, (n_items,) each: forms, memory and what is unsure of the difficulty included."""
        from adaptive.models.state_space.kernel import logits  # noqa: PLC0415 - numba takes half a second to load

        asked, now, h = self._items(items), moment(state, seconds_of(at)), self.hyperparameters
        known = then(state, asked.columns.skill_ids, asked.fresh, now, h, asked.columns.item_index)
        memories = known.memories[asked.columns.item]
        return logits(known.vector, known.skills, asked.columns.skill, asked.start, asked.alike, memories, asked.difficulty, h.weakest)

    def interval_variance(self, items: Items, mean: Floats, variance: Floats) -> Floats:
        """(n_items,) the variance by which intervals are drawn, where `item_logits` said these: discriminations are unsure as well."""
        return self._items(items).interval_variance(mean, variance)

    def mastery(self, state: StateSpaceState, skills: Skills, at: datetime | None) -> Mastery:
        """P(success on the skill's typical item is at least MASTERED_AT) by ability and form in the skill; no other form, memory, guess."""
        asked = self._skills(skills)
        known = then(state, skills.skill_ids, asked.fresh, moment(state, seconds_of(at)), self.hyperparameters)
        mean, variance = known.abilities()
        logits = (mean - asked.typical) / attenuation(variance)
        low, high = interval(logits, variance)
        return Mastery(skills.skill_ids, p_mastered(logits, variance), expit(logits), low, high)

    def advance(self, state: StateSpaceState, to: datetime) -> StateSpaceState:
        """The state as of then. Forgetting is reckoned from each skill's last attempt when it is asked for."""
        return replace(state, as_of=max(to.timestamp(), state.as_of))

    def draw(self, state: StateSpaceState, items: Items, skills: Skills, *, n: int, at: datetime | None, rng: np.random.Generator) -> Draws:
        """n joint draws of the learner's abilities, forms, memory and of the items' difficulties."""
        asked, wanted, now = self._items(items), self._skills(skills), moment(state, seconds_of(at))
        everything, ground = self._whole_ground(tuple(dict.fromkeys((*asked.columns.skill_ids, *skills.skill_ids))))
        h = self.hyperparameters
        known = then(state, everything, ground.fresh, now, h, asked.columns.item_index)
        return draw_learner(known, asked, wanted, ground, h, seconds=now, n=n, rng=rng)

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): what one attempt teaches, and what of it lasts to the horizon."""
        typical = self.fitted.bank.typical(draws.skill_ids)
        return expected_gain(draws, self._items(items), typical, horizon, self.hyperparameters)

    def draw_skills(
        self, state: StateSpaceState, skills: Skills, *, n: int, at: datetime | None, horizon: timedelta, seed: int
    ) -> SkillDraws:
        """n joint draws of success on each skill's typical item, and what one attempt on it is worth."""
        asked, h, now = self._skills(skills), self.hyperparameters, moment(state, seconds_of(at))
        known = then(state, skills.skill_ids, asked.fresh, now, h)
        normals = normals_of(seed, n, n_normals(len(skills), self._fresh.shape[1] - SLOPE))
        return skill_draws(
            known.vector,
            known.skills,
            asked.ground,
            normals,
            now,
            horizon / timedelta(days=1),
            h,
        )

    def encode_state(self, state: StateSpaceState) -> dict[str, Any]:  # Any: JSON values
        """The state as JSON values, numbers packed bit for bit."""
        return encode_state(state)

    def decode_state(self, encoded: Mapping[str, Any]) -> StateSpaceState:  # Any: JSON values
        """What `encode_state` wrote."""
        return decode_state(encoded)

    def parameters(self) -> Parameters:
        """All that was fitted, and which hyperparameters the fit leaves alone."""
        return Parameters({"fixed": sorted(self.fixed)}, self.fitted.arrays())

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        return cls()._become(Fitted.from_arrays(parameters.arrays), frozenset(parameters.settings["fixed"]))

    def _asked_items(self, items: Items) -> AskedItems:
        if items.within is not None:
            whole, places = items.within
            return self._items(whole).take(places, self.fitted, self._fresh)
        return AskedItems.of(items, self.fitted, self._fresh)

    def _known_whole_ground(self, skill_ids: tuple[str, ...]) -> tuple[tuple[str, ...], Ground]:
        """These skills, then what they build on, with the ground of all."""
        whole = self.fitted.skills.with_those_before(skill_ids)
        return whole, self.fitted.skills.ground(whole, self._fresh, self.fitted.bank.typical(whole))

    def _asked_skills(self, skills: Skills) -> AskedSkills:
        return AskedSkills.of(skills, self.fitted, self._fresh)
