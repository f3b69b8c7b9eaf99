"""Which model to serve: the one that forecasts learners best whom it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable, Fold, learner_folds
from adaptive.models import build_model, forecast
from adaptive.protocols import Floats

__all__ = ["Choice", "chosen"]

_FOLDS = 5
"""One of five is held out: fitted on 80 % of learners."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best model's `name`, and the mean log loss of each on the learners held out."""

    name: str
    log_loss: Mapping[str, float]


def chosen(names: Sequence[str], attempts: AttemptTable, catalog: Catalog | None, *, seed: int = 0) -> Choice:
    """The model of least log loss on a fifth of the learners, each fitted on the others; the first of equals. One seed, one answer.

    Raises UnknownName, and InvalidInput for fewer than five learners.

    >>> from adaptive.domain import Attempt
    >>> table = AttemptTable.from_attempts(
    ...     Attempt(f"{name}{i}", name, "q1", ("sums",), float(name in "abcdefgh"), sequence=i) for name in "abcdefghij" for i in range(9)
    ... )
    >>> chosen(("baseline", "logistic"), table, None).name
    'logistic'
    """
    fold = learner_folds(attempts, _FOLDS, seed)[0]
    of_names = map(partial(_log_loss, fold=fold, catalog=catalog, seed=seed), names)
    log_loss = dict(zip(names, of_names, strict=True))
    return Choice(min(log_loss, key=log_loss.__getitem__), log_loss)


def _log_loss(name: str, *, fold: Fold, catalog: Catalog | None, seed: int) -> float:
    model = build_model(name, catalog).fit(fold.train, seed=seed)
    p_correct: Floats = np.concatenate([forecast(model, history) for _, history in fold.test.histories()])
    is_evidence, score = ~np.isnan(p_correct), fold.test.codes().correct
    p_correct, score = p_correct[is_evidence], score[is_evidence]
    return float(-np.mean(score * np.log(p_correct) + (1.0 - score) * np.log1p(-p_correct)))
