"""Bayesian knowledge tracing (Corbett & Anderson 1995): each skill is known or not, and practice makes it known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Self

import immutables
import numpy as np

from adaptive.catalog import Catalog
from adaptive.domain import Attempt
from adaptive.models.bkt.draws import draw_learner, expected_gain, skill_draws
from adaptive.models.bkt.filter import condition, forget, learn, likelihood, two_point_success
from adaptive.models.bkt.fit import BktSkills, day_zero_skills, fit_skills, mean_log_loss
from adaptive.models.bkt.parameters import PARAMETER_NAMES, BktParameters, BktSettings
from adaptive.models.bkt.sequences import SECONDS_A_DAY
from adaptive.models.bkt.worth import lasting_lift
from adaptive.models.columns import Cached, ItemColumns, seconds_of, skills_or_none
from adaptive.models.day_zero import Difficulties
from adaptive.models.normal_logit import attenuation, p_mastered
from adaptive.protocols import AbilityPrior, AttemptTable, Draws, Floats, Forecast, Items, Mastery, Parameters, SkillDraws, Skills

__all__ = ["Bkt", "BktState", "ForgettingBkt", "Knowledge", "placed_p_known"]

_PLACED_RANGE = (0.01, 0.99)
"""A score never makes P(known) more certain than this: some learners of every score know, and some do not."""


class Knowledge(NamedTuple):
    """P(known) after the last attempt on a skill, and when that was (None: unknown, so nothing is forgotten since)."""

    p_known: float
    last_seconds: float | None


@dataclass(frozen=True, slots=True)
class BktState:
    """Knowledge of the skills that were placed or attempted; the rest are as the parameters say."""

    skills: immutables.Map[str, Knowledge] = field(default_factory=immutables.Map)


class _Values(NamedTuple):
    """The parameters of one skill as plain numbers."""

    p_init: float
    p_learn: float
    guess: float
    slip: float
    forget_rate: float


class Bkt:
    """P(correct) = P(known) (1 - slip) + (1 - P(known)) guess; a multi-skill item has the mean over its skills.

    An attempt: forget over the time since the last one (`ForgettingBkt` only, and where both times are known), condition
    each of its skills on the answer as if it were alone, then learn. Exposure teaches without being evidence. Skills are
    independent; the 90 % intervals are those of the two-point posterior, so wide until P(known) leaves [.05, .95].
    A placement N(m, v) on the logit of success sets P(known) = P(x >= logit(MASTERED_AT)), within [.01, .99].

    Of product, minimum and mean over skills, and combinations as skills of their own, the mean forecast best:
    docs/decisions/0003-bkt-fit.md.

    >>> model = Bkt()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(after.skills["fractions"].p_known > 0.083)
    True
    """

    name: ClassVar[str] = "bkt"
    summary: ClassVar[str] = "Bayesian knowledge tracing: each skill is known or not, learned by practice, never forgotten"
    settings_of_class: ClassVar[BktSettings] = BktSettings()

    def __init__(self, catalog: Catalog | None = None, settings: BktSettings | None = None) -> None:
        chosen, difficulties = settings or self.settings_of_class, Difficulties.of(catalog)
        self._become(day_zero_skills(difficulties, chosen), difficulties, chosen)

    def _become(
        self, fitted: BktSkills, difficulties: Difficulties, settings: BktSettings, training_log_loss: float = float("nan")
    ) -> None:
        self.fitted, self.settings, self.training_log_loss = fitted, settings, training_log_loss
        self._difficulties = difficulties
        columns = zip(*(getattr(fitted.values, name).tolist() for name in PARAMETER_NAMES), strict=True)
        *by_skill, self._otherwise = (_Values(*values) for values in columns)
        self._values = dict(zip(fitted.skills.ids, by_skill, strict=True))
        self._items, self._skills = Cached(self._item_values), Cached(self._skill_values)

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:  # noqa: ARG002 - the starts are fixed
        """The parameters that EM finds for these attempts; without any evidence, those of day zero."""
        codes, fitted = attempts.codes(), type(self)(settings=self.settings)
        skills = fit_skills(codes, self._difficulties, self.settings)
        fitted._become(skills, self._difficulties, self.settings, mean_log_loss(codes, skills))
        return fitted

    def initial_state(self, prior: AbilityPrior | None = None) -> BktState:
        """P(known) of the placed skills."""
        if prior is None or not prior.skill_ids:
            return BktState()
        p_known = zip(prior.skill_ids, placed_p_known(prior).tolist(), strict=True)
        return BktState(immutables.Map({id_: Knowledge(p, None) for id_, p in p_known}))

    def update(self, state: BktState, attempt: Attempt) -> BktState:
        """Each skill of the attempt: forgotten in part, conditioned on evidence, then learned."""
        skills, seconds = state.skills, seconds_of(attempt.occurred_at)
        for skill_id in skills_or_none(attempt.skill_ids):
            values = self._values.get(skill_id, self._otherwise)
            p_known = _as_of(skills[skill_id], values, seconds) if skill_id in skills else values.p_init
            if attempt.is_evidence and attempt.correct is not None:
                if_known, if_unknown = likelihood(attempt.correct, 1.0 - values.slip), likelihood(attempt.correct, values.guess)
                p_known = condition(p_known, if_known, if_unknown)
            skills = skills.set(skill_id, Knowledge(learn(p_known, values.p_learn), seconds))
        return BktState(skills)

    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        """P(correct) of each item, with the ends of the two-point posterior of its skills."""
        columns, values = self._items(items)
        p_skill, low, high = two_point_success(self._p_known(state, columns.skill_ids, values, at), values.guess, values.slip)
        p_correct = columns.mean_over_skills(p_skill)
        return Forecast(p_correct, columns.mean_over_skills(low), columns.mean_over_skills(high), is_two_state=True)

    def mastery(self, state: BktState, skills: Skills, at: datetime | None) -> Mastery:
        """P(known) and the success that follows from it.

        The interval is that of two points, guess and 1 - slip. Where P(known) is at most .05 or at least .95 it holds one
        of them and the mean beside it, which is next to no width: it says nothing of how sure guess and slip are.
        """
        values = self._skills(skills)
        p_known = self._p_known(state, skills.skill_ids, values, at)
        return Mastery(skills.skill_ids, p_known, *two_point_success(p_known, values.guess, values.slip))

    def advance(self, state: BktState, to: datetime) -> BktState:
        """The state as of then: what is forgotten since each skill's last attempt. Unchanged where nothing is forgotten."""
        seconds = seconds_of(to)
        moved = {id_: self._advanced(id_, knowledge, seconds) for id_, knowledge in state.skills.items()}
        return BktState(immutables.Map(moved)) if self.settings.forgetting else state

    def draw(self, state: BktState, items: Items, skills: Skills, *, n: int, at: datetime | None, rng: np.random.Generator) -> Draws:
        """n joint draws; skills are independent given the history."""
        everything = Items((*items.item_ids, *skills.skill_ids), (*items.skill_ids, *((id_,) for id_ in skills.skill_ids)))
        columns, values = self._item_values(everything)
        p_known = self._p_known(state, columns.skill_ids, values, at)
        return draw_learner(columns, p_known, values, skills, n=n, rng=rng)

    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        """(n_draws, n_items): what one attempt teaches, and what of it lasts to the horizon."""
        values = self.fitted.of(draws.skill_ids)
        lift = lasting_lift(values, horizon.total_seconds() / SECONDS_A_DAY)
        return expected_gain(draws, values.p_learn, lift, self._items(items)[0])

    def draw_skills(self, state: BktState, skills: Skills, *, n: int, at: datetime | None, horizon: timedelta, seed: int) -> SkillDraws:
        """n joint draws of known or not, and what one attempt teaches."""
        values = self._skills(skills)
        p_known = self._p_known(state, skills.skill_ids, values, at)
        known = np.random.default_rng(seed).random((n, len(skills))) < p_known
        lift = lasting_lift(values, horizon.total_seconds() / SECONDS_A_DAY)
        return skill_draws(known.astype(np.float64), values, values.p_learn, lift)

    def encode_state(self, state: BktState) -> dict[str, Any]:  # Any: JSON values
        """P(known) and time of the last attempt by skill, ids in order."""
        return {"skills": {skill_id: list(state.skills[skill_id]) for skill_id in sorted(state.skills)}}

    def decode_state(self, encoded: Mapping[str, Any]) -> BktState:  # Any: JSON values
        """What `encode_state` wrote."""
        return BktState(immutables.Map({skill_id: Knowledge(*values) for skill_id, values in encoded["skills"].items()}))

    def parameters(self) -> Parameters:
        """The parameters of all skills, the stated difficulties, and the settings of the fit."""
        arrays = {**self.fitted.arrays(), **self._difficulties.arrays(), "training_log_loss": np.array(self.training_log_loss)}
        return Parameters(asdict(self.settings), arrays)

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        """What `parameters` wrote."""
        arrays, settings = parameters.arrays, BktSettings(**parameters.settings)
        fitted = cls(settings=settings)
        fitted._become(BktSkills.from_arrays(arrays), Difficulties.from_arrays(arrays), settings, float(arrays["training_log_loss"]))
        return fitted

    def _item_values(self, items: Items) -> tuple[ItemColumns, BktParameters]:
        columns = ItemColumns.of(items)
        return columns, self.fitted.of(columns.skill_ids)

    def _skill_values(self, skills: Skills) -> BktParameters:
        return self.fitted.of(skills.skill_ids)

    def _p_known(self, state: BktState, skill_ids: tuple[str, ...], values: BktParameters, at: datetime | None) -> Floats:
        """(n_skills,) P(known) as of then."""
        p_known, seconds = values.p_init.copy(), seconds_of(at)
        for code, skill_id in enumerate(skill_ids):
            if skill_id in state.skills:
                p_known[code] = _as_of(state.skills[skill_id], self._values.get(skill_id, self._otherwise), seconds)
        return p_known

    def _advanced(self, skill_id: str, knowledge: Knowledge, seconds: float | None) -> Knowledge:
        if seconds is None or knowledge.last_seconds is None or seconds <= knowledge.last_seconds:
            return knowledge
        return Knowledge(_as_of(knowledge, self._values.get(skill_id, self._otherwise), seconds), seconds)


class ForgettingBkt(Bkt):
    """`Bkt` with a rate of forgetting per skill and day, fitted where times are known; an unknown gap moves nothing.

    >>> from datetime import UTC
    >>> model, start = ForgettingBkt(), datetime(2026, 3, 1, tzinfo=UTC)
    >>> attempt = Attempt("a1", "ann", "q7", ("fractions",), correct=1.0, occurred_at=start)
    >>> state = model.update(model.initial_state(), attempt)
    >>> later = model.advance(state, start + timedelta(days=70))
    >>> round(later.skills["fractions"].p_known / state.skills["fractions"].p_known, 2)
    0.5
    """

    name: ClassVar[str] = "bkt_forgetting"
    summary: ClassVar[str] = "Bayesian knowledge tracing with forgetting at a rate per day, where times are known"
    settings_of_class: ClassVar[BktSettings] = BktSettings(forgetting=True)


def placed_p_known(prior: AbilityPrior) -> Floats:
    """(n_skills,) P(known) that a placement says: P(logit of success >= logit(MASTERED_AT)), within [.01, .99]."""
    variance = np.diag(prior.covariance)
    return np.clip(p_mastered(prior.mean / attenuation(variance), variance), *_PLACED_RANGE)


def _as_of(knowledge: Knowledge, values: _Values, seconds: float | None) -> float:
    """P(known) after the time since the last attempt."""
    if values.forget_rate == 0.0 or seconds is None or knowledge.last_seconds is None:
        return knowledge.p_known
    days = max(seconds - knowledge.last_seconds, 0.0) / SECONDS_A_DAY
    return float(forget(knowledge.p_known, values.forget_rate, days))
