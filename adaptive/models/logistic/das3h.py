"""DAS3H: logistic regression on practice of each skill in time windows (Choffin, Popineau, Bourda & Vie 2019)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from math import log1p
from operator import mul
from typing import Any, ClassVar, Final

import immutables
import numpy as np
from scipy import sparse

from adaptive.domain import Attempt
from adaptive.models.columns import Vocabulary, seconds_of
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.base import Regression, unsure_of
from adaptive.models.logistic.effects import Effects
from adaptive.models.logistic.fit import mean_features
from adaptive.models.logistic.regression import Design, ItemWeights, design_of, fit_columns, item_columns, log_loss, named_item_weights
from adaptive.models.logistic.windows import (
    UNPRACTISED,
    WINDOW_FEATURES,
    Das3hState,
    Practice,
    remember_times,
    window_features,
)
from adaptive.models.placed import Placed
from adaptive.protocols import AbilityPrior, Floats

__all__ = ["Das3h", "WindowWeights"]

_DEVIATION_SD: Final = 0.2
"""Standard deviation of a skill's window weights around the shared ones, where that of the shared ones around 0 is 1. Held-out
training learners: .3 against .1 gives AUC +.0013 on Statics 2011, +.0006 on ASSISTments 2009 and -.0006 on cloze."""

_N_WINDOW: Final = len(WINDOW_FEATURES)
_N_TOTAL: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class WindowWeights(ItemWeights):
    """What the regression fitted: `total` (2,) weighs log counts of wins and losses in all, `shared` (10,) WINDOW_FEATURES.

    `deviation` (n_skills, 10) is what each skill adds to `shared`, an unknown skill nothing; `item` (10,) weighs those of the item.
    """

    total: Floats
    shared: Floats
    item: Floats
    deviation: Floats


def _day_zero() -> WindowWeights:
    """Before any data: difficulties as stated, and what fits on ASSISTments 2009 and Statics 2011 have in common, made smaller."""
    shared = dict.fromkeys(WINDOW_FEATURES, 0.0) | {"log_wins_all": 0.4, "log_answers_all": -0.25}
    nothing = Vocabulary([])
    empty = np.zeros(0)
    return WindowWeights(
        bias=0.0,
        stated=1.0,
        items=nothing,
        item_effect=empty,
        item_attempts=empty,
        skills=nothing,
        skill_effect=empty,
        skill_attempts=empty,
        typical_item=empty,
        total=np.array([0.6, -0.55]),
        shared=np.array([shared[name] for name in WINDOW_FEATURES]),
        item=np.zeros(_N_WINDOW),
        deviation=np.zeros((0, _N_WINDOW)),
    )


class Das3h(Regression[Das3hState, WindowWeights]):
    """What was practised within the last hour, day, week, month and ever, as logit p (Choffin et al. 2019, equations 3 and 4).

    logit p = bias + item + mean over skills s(skill_s + sum over windows w of theta_sw log(1 + wins_sw) + phi_sw log(1 + answers_sw))
              + the same of the item, with one theta_w and phi_w for all items + a log(1 + wins) + b log(1 + losses)

    In four things it differs from the paper. There, learners have an intercept each; learners here were never seen, so sums of
    all their scores and missing scores stand for ability, as in PFA (Pavlik, Cen & Koedinger 2009). theta_s and phi_s are
    free in the paper; here they are shared weights, N(0, 1), plus a skill's deviation, N(0, .2^2), so that rare and unknown skills
    have them too. Items have windows as in DASH (Lindsey, Shroyer, Pashler & Mozer 2014), its forerunner: on the cloze set AUC is .842
    with them and .801 without. Skills of an item count by their mean, not their sum, as in `Logistic`.

    Where an attempt has no time, or it is not known when one asks, only the windows of all count, and these are features of
    the fit like the others: a model fitted without times ignores times, and one fitted with them expects them. A window of time counts at
    most the latest MOST_TIMES_SKILL answers on a skill and MOST_TIMES_ITEM on an item, which bounds the state; items are the
    500 met last. Exposure (study rows, hints, retries) changes nothing: counted beside answers it forecast cloze no better.

    >>> from adaptive.protocols import Items
    >>> model = Das3h()
    >>> after = model.update(model.initial_state(), Attempt("a1", "ann", "q7", ("fractions",), correct=1.0))
    >>> bool(model.predict(after, Items(("q8",), (("fractions",),)), None).p_correct[0] > 0.5)
    True
    """

    name: ClassVar[str] = "das3h"
    summary: ClassVar[str] = "logistic regression on practice of each skill within an hour, day, week, month and ever (DAS3H)"
    day_zero_weights: ClassVar[WindowWeights] = _day_zero()
    why_correct_can_lower_mastery: ClassVar[str] = (
        "regression weights are free in sign, and a right answer is an answer too: in a window where answers weigh more than wins it costs"
    )

    def _become(self, effects: Effects[WindowWeights], training_log_loss: float) -> None:
        super()._become(effects, training_log_loss)
        weights = effects.weights
        self._total_weights, self._shared, self._item_weights = weights.total.tolist(), weights.shared.tolist(), weights.item.tolist()
        self._by_skill = dict(zip(weights.skills.ids, (weights.shared + weights.deviation).tolist(), strict=True))

    def initial_state(self, prior: AbilityPrior | None = None) -> Das3hState:
        """No attempts, and the placement."""
        return Das3hState(placed=Placed.of(prior))

    def encode_state(self, state: Das3hState) -> dict[str, Any]:  # Any: JSON values
        """Counts, and practice as lists, ids in order."""
        return {
            "total": [state.n_answers, state.wins, state.losses],
            "skills": {skill_id: _encoded(state.skills[skill_id]) for skill_id in sorted(state.skills)},
            "items": {item_id: _encoded(state.items[item_id]) for item_id in sorted(state.items)},
            "placed": state.placed.encode(),
        }

    def decode_state(self, encoded: Mapping[str, Any]) -> Das3hState:  # Any: JSON values
        """What `encode_state` wrote."""
        skills, items = (immutables.Map({id_: _decoded(*of) for id_, of in encoded[name].items()}) for name in ("skills", "items"))
        n_answers, wins, losses = encoded["total"]
        return Das3hState(n_answers, wins, losses, skills, items, Placed.decode(encoded["placed"]))

    def _remember(self, state: Das3hState, attempt: Attempt) -> Das3hState:
        return remember_times(state, attempt)

    def _fitted_weights(
        self, walks: Iterable[Iterable[tuple[Das3hState, Attempt]]], difficulties: Difficulties
    ) -> tuple[WindowWeights, float] | None:
        rows = _Rows()
        design = design_of(walks, difficulties, rows)
        if len(design.score) == 0:
            return None
        matrix = sparse.hstack([design.matrix(), _by_skill(design, np.array(rows.of_skills).reshape(-1, _N_WINDOW))]).tocsr()
        bias, columns = fit_columns(matrix, design.score, _day_zero_columns(design))
        weights = _named(bias, columns, design)
        return weights, log_loss(bias, columns, matrix, design.score)

    def _of_skills(self, state: Das3hState, skill_ids: tuple[str, ...], seconds: float | None) -> tuple[list[float], list[float]]:
        in_all = sum(map(mul, self._total_weights, _in_all(state)))
        logits, variances = [], []
        for skill_id in skill_ids:
            practice = state.skills.get(skill_id, UNPRACTISED)
            weights = self._by_skill.get(skill_id, self._shared)
            logits.append(in_all + sum(map(mul, weights, window_features(practice, seconds))))
            variances.append(unsure_of(state.wins + state.losses, practice.answers))
        return logits, variances

    def _of_item(self, state: Das3hState, item_id: str, seconds: float | None) -> float:
        of_item: float = sum(map(mul, self._item_weights, window_features(state.items[item_id], seconds)))
        return of_item


class _Rows:
    """The dense columns of an attempt; on the way, the window features of each of its skills are kept in `of_skills`."""

    def __init__(self) -> None:
        self.of_skills = array("d")

    def __call__(self, state: Das3hState, attempt: Attempt, skill_ids: tuple[str, ...]) -> tuple[float, ...]:
        seconds = seconds_of(attempt.occurred_at)
        by_skill = [window_features(state.skills.get(skill_id, UNPRACTISED), seconds) for skill_id in skill_ids]
        for found in by_skill:
            self.of_skills.extend(found)
        of_item = window_features(state.items.get(attempt.item_id, UNPRACTISED), seconds)
        return _in_all(state) + mean_features(by_skill) + of_item


def _in_all(state: Das3hState) -> tuple[float, float]:
    return log1p(state.wins), log1p(state.losses)


def _by_skill(design: Design, of_skills: Floats) -> sparse.csr_matrix:
    """(n, 10 n_skills) each skill's own copy of the window features; scaled so that one penalty holds deviations closer."""
    lengths = np.diff(design.skill_start)
    entries = of_skills * (_DEVIATION_SD / np.repeat(lengths, lengths))[:, None]
    columns = design.skill[:, None] * _N_WINDOW + np.arange(_N_WINDOW)
    shape = (len(design.score), len(design.skills) * _N_WINDOW)
    found = sparse.csr_matrix((entries.ravel(), columns.ravel(), design.skill_start * _N_WINDOW), shape=shape)
    found.eliminate_zeros()
    return found


def _day_zero_columns(design: Design) -> Floats:
    weights = Das3h.day_zero_weights
    of_items = np.concatenate([[weights.stated], *item_columns(weights, design)])
    return np.concatenate([weights.total, weights.shared, weights.item, of_items, np.zeros(len(design.skills) * _N_WINDOW)])


def _named(bias: float, columns: Floats, design: Design) -> WindowWeights:
    lengths = (_N_TOTAL, _N_WINDOW, _N_WINDOW, 1 + len(design.items) + len(design.skills))
    total, shared, item, of_items, deviation = np.split(columns, np.cumsum(lengths))
    named = named_item_weights(bias, of_items, design)
    return WindowWeights(
        **{each.name: getattr(named, each.name) for each in fields(named)},
        total=total,
        shared=shared,
        item=item,
        deviation=_DEVIATION_SD * deviation.reshape(-1, _N_WINDOW),
    )


def _encoded(practice: Practice) -> list[Any]:  # Any: JSON values
    return [practice.wins, practice.answers, practice.last_step, [list(moment) for moment in practice.moments]]


def _decoded(wins: float, answers: int, last_step: int, moments: list[tuple[float, float, int]]) -> Practice:
    return Practice(wins, answers, last_step, tuple((seconds, before, n) for seconds, before, n in moments))
