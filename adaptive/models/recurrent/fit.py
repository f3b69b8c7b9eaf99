"""The networks of an ensemble, each trained apart from some learners, and how their residuals are combined."""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from adaptive.models.columns import Vocabulary, skill_entries
from adaptive.models.fitting import FitObserver
from adaptive.models.recurrent.checkpoints import Checkpoints, Task, Trained, fit_identity
from adaptive.models.recurrent.device import device_of
from adaptive.models.recurrent.ensemble import CORE_ALONE, Combination, Ensemble
from adaptive.models.recurrent.examples import Examples, learner_groups, of_learners
from adaptive.models.recurrent.inputs import Scales
from adaptive.models.recurrent.settings import NetworkSettings
from adaptive.models.recurrent.training import residuals_of, train
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["combine", "cross_fitted", "fit_ensemble", "log_loss"]

_N_GROUPS: Final = 10
"""Groups of learners: the core's items for one are fitted on the other nine."""

_N_APART: Final = 3
"""Networks that are trained apart from a share of the learners, to say how members are combined and when they stop."""

_FEWEST_LEARNERS: Final = 20
"""Below this the core stands alone: two held-out learners cannot say when to stop."""


def fit_ensemble(
    core: StateSpaceIrt, codes: Codes, settings: NetworkSettings, *, n_members: int, seed: int, observer: FitObserver
) -> Ensemble:
    """`n_members` networks. One alone holds out a tenth of the learners, by which it stops early.

    For several, three networks are first trained, each apart from a third of the learners: their forecasts of those say
    how the residual is best combined with the core, and their best epochs when to stop. The members are then trained on
    all learners for so long, and differ by their seeds.
    """
    device_of(settings.device)
    if len(codes.learner_ids) < _FEWEST_LEARNERS or not codes.evidence.any():
        return Ensemble()
    group = learner_groups(len(codes.learner_ids), _N_GROUPS, np.random.default_rng((seed, 0)))
    examples = cross_fitted(core, codes, group)
    scales = Scales.of(examples.inputs)
    learn = partial(train, settings=settings, checkpoints=Checkpoints(observer, fit_identity(codes, settings, seed)))
    trained, combination = _trained(examples.scaled(scales), learn, settings, n_members=n_members, seed=seed)
    return Ensemble(tuple(network.weights for network in trained), scales, examples.items, examples.skills, combination)


class _Learn(Protocol):
    """`train` with the settings and checkpoints of one fit."""

    def __call__(self, examples: Examples, held_out: NDArray[np.bool_], *, task: Task) -> Trained: ...


def _trained(
    examples: Examples, learn: _Learn, settings: NetworkSettings, *, n_members: int, seed: int
) -> tuple[list[Trained], Combination]:
    if n_members == 1:
        return [learn(examples, examples.group == 0, task=Task("network", (seed, 0)))], CORE_ALONE
    apart = [learn(examples, examples.group % _N_APART == k, task=Task(f"network apart {k + 1}", (seed, k))) for k in range(_N_APART)]
    n_epochs, none = round(float(np.mean([network.n_epochs for network in apart]))), np.zeros(len(examples.item), np.bool_)
    tasks = [Task(f"network {k + 1} of {n_members}", (seed, _N_APART + k), n_epochs) for k in range(n_members)]
    return [learn(examples, none, task=task) for task in tasks], combine(examples, apart, settings)


def log_loss(core: StateSpaceIrt, ensemble: Ensemble, codes: Codes, settings: NetworkSettings) -> float:
    """Mean log loss of the whole model on the table, NaN where nothing is scored."""
    examples = Examples.of(codes, lambda _: core, np.zeros(len(codes.learner_ids), np.int64), ensemble.items, ensemble.skills)
    scaled, every = examples.scaled(ensemble.scales), np.ones(len(examples.item), np.bool_)
    residual = [residuals_of(member, scaled, every, settings) for member in ensemble.members] or [np.zeros(len(every))]
    is_scored = ~np.isnan(examples.score)
    if not is_scored.any():
        return float("nan")
    logits = ensemble.combination.logits(examples.core, np.mean(residual, axis=0))[is_scored]
    return float(np.mean(np.logaddexp(0.0, logits) - examples.score[is_scored] * logits))


def combine(examples: Examples, trained: list[Trained], settings: NetworkSettings) -> Combination:
    """The combination that minimises log loss on forecasts of learners that the forecasting member never saw."""
    residual = np.full(len(examples.item), np.nan)
    for number, network in enumerate(trained):
        rows = examples.group % len(trained) == number
        residual[rows] = residuals_of(network.weights, examples, rows, settings)[rows]
    at = ~np.isnan(examples.score)
    columns = np.column_stack([np.ones(int(at.sum())), examples.core[at], residual[at]])
    score = examples.score[at]
    start = np.array(CORE_ALONE)
    found = minimize(_loss_and_slope, start, args=(columns, score, start), jac=True, method="L-BFGS-B")
    return Combination(*found.x.tolist())


_START_COUNT: Final = 25.0
"""Attempts for which each weight's starting value counts: a table of a few hundred attempts moves it little."""


def _loss_and_slope(weights: Floats, columns: Floats, score: Floats, start: Floats) -> tuple[float, Floats]:
    logits, away = columns @ weights, weights - start
    loss = np.sum(np.logaddexp(0.0, logits) - score * logits) + 0.5 * _START_COUNT * float(away @ away)
    slope = columns.T @ (1.0 / (1.0 + np.exp(-logits)) - score) + _START_COUNT * away
    return float(loss) / len(score), slope / len(score)


def cross_fitted(core: StateSpaceIrt, codes: Codes, group: Ints) -> Examples:
    """The table as networks train on it: each learner (n_learners,) forecast with items fitted on the other groups.

    A network must learn the core's errors as it will meet them, on learners whose answers the items do not hold. The price: an
    item's difficulty then differs from group to group by what each group answered, so whoever could tell the item exactly
    (a free intercept, an embedding) would read the group's own answers off the difference. `Network` gives it neither.
    """
    met, entries = np.unique(codes.item), skill_entries(codes)
    items = Vocabulary(codes.item_ids[code] for code in met.tolist())
    skills = Vocabulary(entries.skill_ids[code] for code in np.unique(entries.skill).tolist())
    return Examples.of(codes, lambda number: core.fit_items(of_learners(codes, group != number)), group, items, skills)
