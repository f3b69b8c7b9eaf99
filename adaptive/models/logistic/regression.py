"""What the regressions share: a table as a sparse design, the weights that scikit-learn finds for it, and the part of them about items.

A design has dense columns, the last of them the catalogue's stated logit of the item (0 where unknown); one-hots of
items; one-hots of skills, each 1 / (number of the item's skills).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from adaptive.domain import Attempt
from adaptive.models.columns import Vocabulary, skills_or_none
from adaptive.models.day_zero import Difficulties
from adaptive.protocols import Floats, Ints

__all__ = ["Design", "ItemWeights", "design_of", "fit_columns", "item_columns", "log_loss", "named_item_weights"]

_PENALTY: Final = 1.0
"""L2 penalty on each weight: a N(0, 1) prior, the spread of item difficulties in logits that Rasch scaling assumes."""

_PRIOR_ATTEMPTS: Final = 50.0
"""Attempts that the day-zero model counts for (Bedrick, Christensen & Johnson 1996: priors as imagined data)."""

_PRIOR_ROWS: Final = 1000
"""Rows of the table over which these imagined attempts are spread."""

_VOCABULARIES: Final = ("items", "skills")
_NUMBERS: Final = ("bias", "stated")

StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True, eq=False)
class ItemWeights:
    """What a regression fitted of items and skills, by vocabulary.

    `stated` weighs the catalogue's logit; `typical_item` is the mean effect of the skill's items, attempt by attempt.
    """

    bias: float
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
        numbers = {each.name: np.asarray(getattr(self, each.name)) for each in fields(self) if each.name not in _VOCABULARIES}
        return {**numbers, **{name: getattr(self, name).array() for name in _VOCABULARIES}}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        values: dict[str, Any] = {each.name: arrays[each.name] for each in fields(cls)}  # Any: one type per field, restored below
        vocabularies = {name: Vocabulary.of_array(values[name]) for name in _VOCABULARIES}
        return cls(**{**values, **vocabularies, **{name: float(values[name]) for name in _NUMBERS}})


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A table as regression rows, one per piece of evidence: `dense` (n, n_dense), and the codes of items and skills."""

    dense: Floats
    score: Floats
    items: Vocabulary
    item: Ints
    skills: Vocabulary
    skill: Ints
    skill_start: Ints

    def matrix(self) -> sparse.csr_matrix:
        """(n, n_dense + n_items + n_skills) the columns named at the head of this module."""
        n, lengths = len(self.score), np.diff(self.skill_start)
        one_hot = sparse.csr_matrix((np.ones(n), self.item, np.arange(n + 1)), shape=(n, len(self.items)))
        share = np.repeat(1.0 / lengths, lengths)
        shares = sparse.csr_matrix((share, self.skill, self.skill_start), shape=(n, len(self.skills)))
        return sparse.hstack([sparse.csr_matrix(self.dense), one_hot, shares]).tocsr()


def design_of(
    walks: Iterable[Iterable[tuple[StateT, Attempt]]],
    difficulties: Difficulties,
    row: Callable[[StateT, Attempt, tuple[str, ...]], tuple[float, ...]],
) -> Design:
    """The evidence of these walks; `row` gives the dense columns of an attempt but the last, from the state before it."""
    item_codes: dict[str, int] = {}
    skill_codes: dict[str, int] = {}
    of_learner, score = array("d"), array("d")  # arrays of numbers: lists of them would take four times the memory
    item, skill, start = array("q"), array("q"), array("q", [0])
    for state, attempt in ((state, attempt) for steps in walks for state, attempt in steps if attempt.is_evidence):
        skill_ids = skills_or_none(attempt.skill_ids)
        of_learner.extend(row(state, attempt, skill_ids))
        score.append(attempt.correct if attempt.correct is not None else np.nan)
        item.append(item_codes.setdefault(attempt.item_id, len(item_codes)))
        skill.extend(skill_codes.setdefault(skill_id, len(skill_codes)) for skill_id in skill_ids)
        start.append(len(skill))
    items, skills = Vocabulary(item_codes), Vocabulary(skill_codes)
    stated = np.nan_to_num(difficulties.item_logits(item_codes))[np.array(item, dtype=np.int64)]
    dense = np.column_stack([np.array(of_learner).reshape(len(score), -1 if score else 0), stated])
    return Design(dense, np.array(score), items, np.array(item), skills, np.array(skill), np.array(start))


def fit_columns(matrix: sparse.csr_matrix, score: Floats, day_zero: Floats) -> tuple[float, Floats]:
    """Bias and weights that minimise log loss + |weights|^2 / 2 on the rows and the imagined attempts of `day_zero`'s weights."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - half a second that serving need not wait for

    imagined = np.unique(np.linspace(0, len(score) - 1, _PRIOR_ROWS).astype(np.int64))
    expected = expit(matrix[imagined] @ day_zero)
    rows = np.concatenate([np.arange(len(score)), imagined])
    scores = np.concatenate([score, expected])
    weight = np.concatenate([np.ones(len(score)), np.full(len(imagined), _PRIOR_ATTEMPTS / len(imagined))])

    right, wrong = scores > 0.0, scores < 1.0  # a fraction is both, with its share of the weight
    labels = np.concatenate([np.ones(int(right.sum())), np.zeros(int(wrong.sum()))])
    shares = np.concatenate([(weight * scores)[right], (weight * (1.0 - scores))[wrong]])
    regression = LogisticRegression(C=1.0 / _PENALTY, solver="newton-cg", tol=1e-5, max_iter=200)
    regression.fit(matrix[np.concatenate([rows[right], rows[wrong]])], labels, sample_weight=shares)
    return float(regression.intercept_[0]), regression.coef_[0]


def log_loss(bias: float, columns: Floats, matrix: sparse.csr_matrix, score: Floats) -> float:
    """Mean log loss of these weights of the columns."""
    logits = bias + matrix @ columns
    return float(np.mean(np.logaddexp(0.0, logits) - score * logits))


def item_columns(weights: ItemWeights, design: Design) -> tuple[Floats, Floats]:
    """The weights of the design's items and of its skills, 0 where unknown."""
    item_effect = weights.items.look_up(weights.item_effect, design.items.ids, default=0.0)
    return item_effect, weights.skills.look_up(weights.skill_effect, design.skills.ids, default=0.0)


def named_item_weights(bias: float, columns: Floats, design: Design) -> ItemWeights:
    """The weights from the stated logit on, named: `columns` is (1 + n_items + n_skills,)."""
    stated, item_effect, skill_effect = np.split(columns, np.cumsum([1, len(design.items)]))
    row = np.repeat(np.arange(len(design.score)), np.diff(design.skill_start))
    of_row = item_effect[design.item] + stated[0] * design.dense[:, -1]
    skill_attempts = np.bincount(design.skill, minlength=len(design.skills)).astype(np.float64)
    return ItemWeights(
        bias=bias,
        stated=float(stated[0]),
        items=design.items,
        item_effect=item_effect,
        item_attempts=np.bincount(design.item, minlength=len(design.items)).astype(np.float64),
        skills=design.skills,
        skill_effect=skill_effect,
        skill_attempts=skill_attempts,
        typical_item=np.bincount(design.skill, of_row[row], minlength=len(design.skills)) / skill_attempts,
    )
