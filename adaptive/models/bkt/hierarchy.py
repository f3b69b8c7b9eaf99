"""The fitted hierarchy: skills, items and the spread of learners; how a table becomes one, and what it forecasts there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from adaptive.models.bkt.answers import Answers, likelihoods
from adaptive.models.bkt.em import filtered
from adaptive.models.bkt.filter import p_success
from adaptive.models.bkt.fit import BktSkills, day_zero_skills, fit_towards_centre, mean_loss
from adaptive.models.bkt.items import ItemEffects, guess_and_slip, stated_shifts
from adaptive.models.bkt.learners import NODE_WEIGHTS, NODES, node_logits
from adaptive.models.bkt.parameters import BktSettings
from adaptive.models.bkt.variational import Guesses, infer
from adaptive.models.columns import Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.models.means import shrunken_means
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Hierarchy", "day_zero_hierarchy", "fit_hierarchy", "hierarchy_log_loss"]

_DAY_ZERO_SPREAD: Final = 1.0
"""Spread of learners before any data, in logits: that of ability in the population."""


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """What was fitted, beside what the catalogue states."""

    skills: BktSkills
    items: ItemEffects
    learner_spread: float
    difficulties: Difficulties

    def first(self, skill_ids: tuple[str, ...]) -> Floats:
        """(n_skills, n_nodes) P(known at first) of these skills on each node of u."""
        p_init = self.skills.of(skill_ids).p_init
        return np.asarray(expit(node_logits(logit(p_init)[:, None], self.learner_spread, NODES)), dtype=np.float64)

    def guess_and_slip(self, item_ids: tuple[str, ...], item: Ints, skill_ids: tuple[str, ...], skill: Ints) -> tuple[Floats, Floats]:
        """Guess and slip of each pair of item and skill, codes into the ids; each (n_pairs,).

        An item without attempts is as the catalogue says it is beside its skills, or else as they are.
        """
        values = self.skills.of(skill_ids).take(skill)
        shift = self.items.items.look_up(self.items.shift, item_ids, default=np.nan)
        stated = stated_shifts(self.difficulties, item_ids, item, skill_ids, skill)
        log_gap = self.items.items.look_up(self.items.log_gap, item_ids, default=0.0)
        return guess_and_slip(values, np.where(np.isnan(shift), stated, shift)[item], log_gap[item])

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        spread = {"learner_spread": np.array(self.learner_spread)}
        return {**self.skills.arrays(), **self.items.arrays(), **self.difficulties.arrays(), **spread}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        skills, items = BktSkills.from_arrays(arrays), ItemEffects.from_arrays(arrays)
        return cls(skills, items, float(arrays["learner_spread"]), Difficulties.from_arrays(arrays))


def day_zero_hierarchy(difficulties: Difficulties, settings: BktSettings) -> Hierarchy:
    """Before any data: skills as in `bkt`, items as stated, learners as the population."""
    return Hierarchy(day_zero_skills(difficulties, settings), ItemEffects.none(), _DAY_ZERO_SPREAD, difficulties)


def fit_hierarchy(codes: Codes, difficulties: Difficulties, settings: BktSettings, *, seed: int) -> Hierarchy:
    """What the table's evidence asks for; day zero's where there is none."""
    if not codes.evidence.any():
        return day_zero_hierarchy(difficulties, settings)
    answers = Answers.of(codes)
    skill_ids = answers.entries.skill_ids
    fast, centre = fit_towards_centre(answers.sequences, skill_ids, difficulties, settings)
    stated = stated_shifts(difficulties, codes.item_ids, answers.item_of_pair, skill_ids, answers.skill_of_pair)
    guesses = Guesses(fast.values, centre.values, _shifts_of_means(codes, difficulties, answers), stated)
    found = infer(answers, guesses, settings, seed=seed)
    items = ItemEffects(Vocabulary(codes.item_ids), found.item_shift, found.item_log_gap)
    return Hierarchy(BktSkills(fast.skills, found.skills), items, found.learner_spread, difficulties)


def _shifts_of_means(codes: Codes, difficulties: Difficulties, answers: Answers) -> Floats:
    """(n_items,) by how much each item's mean success, with shrinkage, lies above its skills', in logits: near what is to be found."""
    means = shrunken_means(difficulties, codes)
    of_skill = means.skills.look_up(means.skill_logit, answers.entries.skill_ids, default=means.overall)
    n_skills = np.bincount(answers.item_of_pair, minlength=len(codes.item_ids))
    of_skills = np.bincount(answers.item_of_pair, of_skill[answers.skill_of_pair], minlength=len(codes.item_ids)) / n_skills
    return means.item_logit - of_skills


def hierarchy_log_loss(codes: Codes, fitted: Hierarchy) -> float:
    """Mean log loss of the forecasts before each attempt of the table, NaN without evidence.

    The filter runs over all sequences once a node; what the answers before an attempt say of u is a running sum by learner.
    """
    if not codes.evidence.any():
        return float("nan")
    answers = Answers.of(codes)
    success = _success_on_nodes(answers, codes.item_ids, fitted)  # (n_attempts, n_nodes)
    told = likelihoods(np.where(codes.evidence, codes.correct, np.nan)[:, None], success)
    before = np.cumsum(np.log(told), axis=0) - np.log(told)
    start = np.flatnonzero(np.diff(codes.learner, prepend=-1))  # rows are learner by learner
    before -= np.repeat(before[start], np.diff(np.append(start, len(before))), axis=0)
    posterior = softmax(np.log(NODE_WEIGHTS) + before, axis=1)
    p_correct = (posterior * success).sum(axis=1)
    return mean_loss(p_correct[codes.evidence], codes.correct[codes.evidence])


def _success_on_nodes(answers: Answers, item_ids: tuple[str, ...], fitted: Hierarchy) -> Floats:
    """(n_attempts, n_nodes) P(correct) before each attempt if u were the node: the mean over its skills."""
    sequences, entries = answers.sequences, answers.entries
    skill, ids = sequences.skill, entries.skill_ids
    of_pairs = fitted.guess_and_slip(item_ids, answers.item_of_pair, ids, answers.skill_of_pair)
    guess, slip = (of_pair[answers.pair] for of_pair in of_pairs)
    p_learn, first = fitted.skills.of(ids).p_learn[skill], fitted.first(ids)
    of_answers = likelihoods(answers.score, 1.0 - slip), likelihoods(answers.score, guess)
    row = entries.row[sequences.entry]
    on_nodes = [p_success(filtered(sequences, of_node[skill], p_learn, of_answers), guess, slip) for of_node in first.T]
    n_entries = np.bincount(row)
    return np.stack([np.bincount(row, success) / n_entries for success in on_nodes], axis=1)
