"""A table as the network is trained on it: the core's honest forecasts, features and context of every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaptive.models.columns import ItemColumns, Vocabulary, skill_entries
from adaptive.models.recurrent.inputs import N_INPUTS, Scales, core_facts, core_inputs
from adaptive.models.recurrent.trail import FRESH_TRAIL, N_FEATURES, Asked
from adaptive.models.state_space import StateSpaceIrt
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Examples", "learner_groups", "of_learners"]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows in history order, (n,) each unless said.

    `core` is the logit of the core's P(correct), `inputs` (n, N_INPUTS) are not scaled, `group` is the learner's group: the
    core of a row's logit was fitted on the other groups, or on all learners where there is one.
    `item` and `skill` are places in `items` and `skills`, one beyond the last for those unknown.
    """

    learner: Ints
    item: Ints
    skill: Ints
    skill_start: Ints
    score: Floats
    core: Floats
    inputs: Floats
    context: NDArray[np.float32]
    group: Ints
    items: Vocabulary
    skills: Vocabulary

    @classmethod
    def of(cls, codes: Codes, cores: Callable[[int], StateSpaceIrt], group: Ints, items: Vocabulary, skills: Vocabulary) -> Self:
        """The rows of `codes`, each learner (n_learners,) seen by the core of their `group`."""
        of_core, entries = np.zeros((len(codes.item), N_INPUTS - N_FEATURES)), skill_entries(codes)
        start = np.searchsorted(entries.row, np.arange(len(codes.item) + 1))
        columns = ItemColumns(
            codes.item_ids, entries.skill_ids, codes.item, entries.skill, start[:-1], np.diff(start).astype(np.float64), {}
        )
        for number in np.unique(group):
            rows = group[codes.learner] == number
            of_core[rows] = _of_core(cores(int(number)), of_learners(codes, group == number))
        score = np.where(codes.evidence, codes.correct, np.nan)
        features, context = _features(codes, columns, start, score, expit(of_core[:, 0]))
        return cls(
            learner=codes.learner,
            item=_known(items, columns.item_ids)[columns.item],
            skill=_known(skills, columns.skill_ids)[columns.skill],
            skill_start=start,
            score=score,
            core=of_core[:, 0],
            inputs=np.column_stack([features, of_core]),
            context=context,
            group=group[codes.learner],
            items=items,
            skills=skills,
        )

    def scaled(self, scales: Scales) -> Self:
        """With inputs standardised."""
        return replace(self, inputs=scales.scaled(self.inputs))

    @property
    def answer(self) -> Floats:
        """(n, 2) signed score and residual; 0 where there is no evidence."""
        signed, residual = 2.0 * self.score - 1.0, self.score - expit(self.core)
        return np.asarray(np.nan_to_num(np.column_stack([signed, residual])), dtype=np.float64)


def of_learners(codes: Codes, is_chosen: NDArray[np.bool_]) -> Codes:
    """The rows of these learners, (n_learners,); codes stay as they are."""
    chosen = np.flatnonzero(is_chosen[codes.learner])
    length = np.diff(codes.skill_start)[chosen]
    start = np.concatenate([[0], np.cumsum(length)])
    entry = np.repeat(codes.skill_start[chosen] - start[:-1], length) + np.arange(length.sum())
    return replace(
        codes,
        learner=codes.learner[chosen],
        item=codes.item[chosen],
        skill=codes.skill[entry],
        skill_start=start,
        correct=codes.correct[chosen],
        seconds=codes.seconds[chosen],
        evidence=codes.evidence[chosen],
    )


def learner_groups(n_learners: int, n_groups: int, rng: np.random.Generator) -> Ints:
    """(n_learners,) a group each, of equal sizes but for one.

    >>> np.bincount(learner_groups(10, 3, np.random.default_rng(0)))
    array([4, 3, 3])
    """
    group = np.empty(n_learners, dtype=np.int64)
    group[rng.permutation(n_learners)] = np.arange(n_learners) % n_groups
    return group


def _of_core(core: StateSpaceIrt, codes: Codes) -> Floats:
    """(n, 5) attenuated logit, standard deviation, difficulty, log discrimination, log variance of the difficulty."""
    found, entries = core.table_logits(codes), skill_entries(codes)
    start = np.searchsorted(entries.row, np.arange(len(codes.item)))
    n_skills = np.diff(np.append(start, len(entries.row))).astype(np.float64)
    columns = ItemColumns(codes.item_ids, entries.skill_ids, codes.item, entries.skill, start, n_skills, {})
    return core_inputs(found.mean, found.variance, core_facts(core, columns))


def _features(codes: Codes, columns: ItemColumns, start: Ints, score: Floats, p_core: Floats) -> tuple[Floats, NDArray[np.float32]]:
    from adaptive.models.recurrent.kernel import table  # noqa: PLC0415 - numba takes half a second to load

    fresh, n_items = np.array(FRESH_TRAIL), len(columns.item_ids)
    features, context = table(codes.learner, Asked(codes.item, columns.skill, start), score, codes.seconds, p_core, fresh, n_items)
    return features, context


def _known(vocabulary: Vocabulary, ids: tuple[str, ...]) -> Ints:
    codes = vocabulary.codes(ids)
    return np.where(codes < 0, len(vocabulary), codes)
