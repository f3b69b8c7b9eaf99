"""The regression behind `Logistic`: the table as a sparse design, and the weights that scikit-learn finds for it.

Columns: the record's features in all, mean over the item's skills, and of the item; the catalogue's stated logit of
the item (0 where unknown); one-hots of items; one-hots of skills, each 1 / (number of the item's skills).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from adaptive.domain import Attempt
from adaptive.models.columns import Vocabulary, seconds_of, skills_or_none
from adaptive.models.day_zero import Difficulties
from adaptive.models.logistic.features import EMPTY, FEATURES, LogisticState, features
from adaptive.protocols import Floats, Ints

__all__ = ["DAY_ZERO_WEIGHTS", "Design", "Weights", "design_of", "fit_weights", "log_loss"]

_PENALTY: Final = 1.0
"""L2 penalty on each weight: a N(0, 1) prior, the spread of item difficulties in logits that Rasch scaling assumes."""

_PRIOR_ATTEMPTS: Final = 50.0
"""Attempts that the day-zero model counts for (Bedrick, Christensen & Johnson 1996: priors as imagined data)."""

_PRIOR_ROWS: Final = 1000
"""Rows of the table over which these imagined attempts are spread."""


_VOCABULARIES: Final = ("items", "skills")


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What the regression fitted: `total`, `skill` and `item` weigh FEATURES, each (9,); the rest by vocabulary.

    `stated` weighs the catalogue's logit; `typical_item` is the mean effect of the skill's items, attempt by attempt.
    """

    bias: float
    total: Floats
    skill: Floats
    item: Floats
    stated: float
    items: Vocabulary
    item_effect: Floats
    item_attempts: Floats
    skills: Vocabulary
    skill_effect: Floats
    skill_attempts: Floats
    typical_item: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        numbers = {name: np.asarray(getattr(self, name)) for name in self.__slots__ if name not in _VOCABULARIES}
        return {**numbers, **{name: getattr(self, name).array() for name in _VOCABULARIES}}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Weights:  # Any: numbers and bytes
        """What `arrays` wrote."""
        values: dict[str, Any] = {name: arrays[name] for name in cls.__slots__}  # Any: one type per field, restored below
        vocabularies = {name: Vocabulary.of_array(values[name]) for name in _VOCABULARIES}
        return cls(**{**values, **vocabularies, "bias": float(values["bias"]), "stated": float(values["stated"])})


def _weights_of(**named: float) -> Floats:
    return np.array([named.get(name, 0.0) for name in FEATURES])


DAY_ZERO_WEIGHTS: Final = Weights(
    bias=0.0,
    total=_weights_of(log_wins=0.45, log_losses=-0.4, slow=0.8),
    skill=_weights_of(log_wins=0.25, log_losses=-0.2, fast=0.2, slow=0.2),
    item=_weights_of(),
    stated=1.0,
    items=Vocabulary([]),
    item_effect=np.zeros(0),
    item_attempts=np.zeros(0),
    skills=Vocabulary([]),
    skill_effect=np.zeros(0),
    skill_attempts=np.zeros(0),
    typical_item=np.zeros(0),
)
"""Before any data: difficulties as stated, and what is common to fits on ASSISTments 2009 and Statics 2011, rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A table as regression rows, one per piece of evidence: `dense` (n, 28), and the codes of items and skills."""

    dense: Floats
    score: Floats
    items: Vocabulary
    item: Ints
    skills: Vocabulary
    skill: Ints
    skill_start: Ints

    def matrix(self) -> sparse.csr_matrix:
        """(n, 28 + n_items + n_skills) the columns named at the head of this module."""
        n, lengths = len(self.score), np.diff(self.skill_start)
        one_hot = sparse.csr_matrix((np.ones(n), self.item, np.arange(n + 1)), shape=(n, len(self.items)))
        share = np.repeat(1.0 / lengths, lengths)
        shares = sparse.csr_matrix((share, self.skill, self.skill_start), shape=(n, len(self.skills)))
        return sparse.hstack([sparse.csr_matrix(self.dense), one_hot, shares]).tocsr()


def design_of(walks: Iterable[Iterable[tuple[LogisticState, Attempt]]], difficulties: Difficulties) -> Design:
    """The evidence of these walks; each row sees the state before its attempt."""
    item_codes: dict[str, int] = {}
    skill_codes: dict[str, int] = {}
    of_learner, score = array("d"), array("d")  # arrays of numbers: lists of them would take four times the memory
    item, skill, start = array("q"), array("q"), array("q", [0])
    for state, attempt in _evidence(walks):
        skill_ids = skills_or_none(attempt.skill_ids)
        of_learner.extend(_row(state, attempt, skill_ids))
        score.append(attempt.correct if attempt.correct is not None else np.nan)
        item.append(item_codes.setdefault(attempt.item_id, len(item_codes)))
        skill.extend(skill_codes.setdefault(skill_id, len(skill_codes)) for skill_id in skill_ids)
        start.append(len(skill))
    items, skills = Vocabulary(item_codes), Vocabulary(skill_codes)
    stated = np.nan_to_num(difficulties.item_logits(item_codes))[np.array(item)]
    dense = np.column_stack([np.array(of_learner).reshape(-1, 3 * len(FEATURES)), stated])
    return Design(dense, np.array(score), items, np.array(item), skills, np.array(skill), np.array(start))


def fit_weights(design: Design) -> Weights:
    """The weights that minimise log loss + |weights|^2 / 2 on the table and the day-zero model's imagined attempts."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that serving need not wait for

    matrix = design.matrix()
    imagined = np.unique(np.linspace(0, len(design.score) - 1, _PRIOR_ROWS).astype(np.int64))
    expected = expit(matrix[imagined] @ _column_weights(DAY_ZERO_WEIGHTS, design))
    rows = np.concatenate([np.arange(len(design.score)), imagined])
    score = np.concatenate([design.score, expected])
    weight = np.concatenate([np.ones(len(design.score)), np.full(len(imagined), _PRIOR_ATTEMPTS / len(imagined))])

    right, wrong = score > 0.0, score < 1.0  # a fraction is both, with its share of the weight
    labels = np.concatenate([np.ones(int(right.sum())), np.zeros(int(wrong.sum()))])
    shares = np.concatenate([(weight * score)[right], (weight * (1.0 - score))[wrong]])
    regression = LogisticRegression(C=1.0 / _PENALTY, solver="newton-cg", tol=1e-5, max_iter=200)
    regression.fit(matrix[np.concatenate([rows[right], rows[wrong]])], labels, sample_weight=shares)
    return _named_weights(float(regression.intercept_[0]), regression.coef_[0], design)


def log_loss(weights: Weights, design: Design) -> float:
    """Mean log loss of the weights on the table."""
    logits = weights.bias + design.matrix() @ _column_weights(weights, design)
    return float(np.mean(np.logaddexp(0.0, logits) - design.score * logits))


def _evidence(walks: Iterable[Iterable[tuple[LogisticState, Attempt]]]) -> Iterator[tuple[LogisticState, Attempt]]:
    return ((state, attempt) for steps in walks for state, attempt in steps if attempt.is_evidence)


def _row(state: LogisticState, attempt: Attempt, skill_ids: tuple[str, ...]) -> tuple[float, ...]:
    step, seconds = state.n_attempts, seconds_of(attempt.occurred_at)
    by_skill = [features(state.skills.get(skill_id, EMPTY), step, seconds) for skill_id in skill_ids]
    mean = by_skill[0] if len(by_skill) == 1 else tuple(sum(values) / len(by_skill) for values in zip(*by_skill, strict=True))
    return features(state.total, step, seconds) + mean + features(state.items.get(attempt.item_id, EMPTY), step, seconds)


def _column_weights(weights: Weights, design: Design) -> Floats:
    item_effect = weights.items.look_up(weights.item_effect, design.items.ids, default=0.0)
    skill_effect = weights.skills.look_up(weights.skill_effect, design.skills.ids, default=0.0)
    return np.concatenate([weights.total, weights.skill, weights.item, [weights.stated], item_effect, skill_effect])


def _named_weights(bias: float, columns: NDArray[np.float64], design: Design) -> Weights:
    n = len(FEATURES)
    total, skill, item, stated, item_effect, skill_effect = np.split(columns, np.cumsum([n, n, n, 1, len(design.items)]))
    row = np.repeat(np.arange(len(design.score)), np.diff(design.skill_start))
    of_row = item_effect[design.item] + stated[0] * design.dense[:, -1]
    skill_attempts = np.bincount(design.skill, minlength=len(design.skills)).astype(np.float64)
    return Weights(
        bias=bias,
        total=total,
        skill=skill,
        item=item,
        stated=float(stated[0]),
        items=design.items,
        item_effect=item_effect,
        item_attempts=np.bincount(design.item, minlength=len(design.items)).astype(np.float64),
        skills=design.skills,
        skill_effect=skill_effect,
        skill_attempts=skill_attempts,
        typical_item=np.bincount(design.skill, of_row[row], minlength=len(design.skills)) / skill_attempts,
    )
