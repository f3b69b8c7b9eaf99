"""The fitted hierarchy: skills, items and the spread of learners; how a table becomes one, and what it forecasts there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from adaptive.catalog import Catalog
from adaptive.models.bkt.answers import Answers
from adaptive.models.bkt.fit import BktSkills, day_zero_skills, fit_towards_centre, mean_loss
from adaptive.models.bkt.items import ItemEffects, guess_and_slip, stated_shifts
from adaptive.models.bkt.learners import NODES, node_logits
from adaptive.models.bkt.parameters import BktSettings
from adaptive.models.bkt.prerequisites import OPEN, Gates, Prerequisites
from adaptive.models.bkt.replaying import replayed
from adaptive.models.bkt.side_by_side import Asked
from adaptive.models.bkt.variational import Found, Guesses, infer
from adaptive.models.columns import Vocabulary
from adaptive.models.day_zero import Difficulties
from adaptive.models.means import shrunken_means
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["Hierarchy", "Stated", "day_zero_hierarchy", "fit_hierarchy", "hierarchy_log_loss"]

_DAY_ZERO_SPREAD: Final = 1.0
"""Spread of learners before any data, in logits: that of ability in the population."""


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """What the catalogue states."""

    difficulties: Difficulties
    prerequisites: Prerequisites

    @classmethod
    def of(cls, catalog: Catalog | None) -> Self:
        """Nothing without a catalogue."""
        return cls(Difficulties.of(catalog), Prerequisites.of(catalog))


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """What was fitted, beside what the catalogue states."""

    skills: BktSkills
    items: ItemEffects
    learner_spread: float
    gates: Gates
    stated: Stated

    def asked(self, skill_ids: tuple[str, ...]) -> Asked:
        """These skills, first, with what they stand on where that makes a difference."""
        closure = (Prerequisites() if self.gates == OPEN else self.stated.prerequisites).closure(skill_ids)
        return Asked(closure, self.skills.of(closure.skill_ids), self.first(closure.skill_ids), self.gates)

    def first(self, skill_ids: tuple[str, ...]) -> Floats:
        """(n_skills, n_nodes) P(known at first) of these skills on each node of u, where all that they stand on is known."""
        p_init = self.skills.of(skill_ids).p_init
        return np.asarray(expit(node_logits(logit(p_init)[:, None], self.learner_spread, NODES)), dtype=np.float64)

    def guess_and_slip(self, item_ids: tuple[str, ...], item: Ints, skill_ids: tuple[str, ...], skill: Ints) -> tuple[Floats, Floats]:
        """Guess and slip of each pair of item and skill, codes into the ids; each (n_pairs,).

        An item without attempts is as the catalogue says it is beside its skills, or else as they are.
        """
        values = self.skills.of(skill_ids).take(skill)
        shift = self.items.items.look_up(self.items.shift, item_ids, default=np.nan)
        stated = stated_shifts(self.stated.difficulties, item_ids, item, skill_ids, skill)
        log_gap = self.items.items.look_up(self.items.log_gap, item_ids, default=0.0)
        return guess_and_slip(values, np.where(np.isnan(shift), stated, shift)[item], log_gap[item])

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: numbers and bytes
        """For the model's folder."""
        own = {"learner_spread": np.array(self.learner_spread), "gates": np.array(self.gates)}
        return {
            **self.skills.arrays(),
            **self.items.arrays(),
            **self.stated.difficulties.arrays(),
            **self.stated.prerequisites.arrays(),
            **own,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:  # Any: numbers and bytes
        """What `arrays` wrote."""
        skills, items = BktSkills.from_arrays(arrays), ItemEffects.from_arrays(arrays)
        stated = Stated(Difficulties.from_arrays(arrays), Prerequisites.from_arrays(arrays))
        return cls(skills, items, float(arrays["learner_spread"]), Gates(*arrays["gates"].tolist()), stated)


def day_zero_hierarchy(stated: Stated, settings: BktSettings) -> Hierarchy:
    """Before any data: skills as in `bkt`, items as stated, learners as the population; nothing is forgotten, and nothing gates."""
    skills = day_zero_skills(stated.difficulties, replace(settings, forgetting=False))
    return Hierarchy(skills, ItemEffects.none(), _DAY_ZERO_SPREAD, OPEN, stated)


def fit_hierarchy(codes: Codes, stated: Stated, settings: BktSettings, *, seed: int) -> Hierarchy:
    """What the table's evidence asks for; day zero's where there is none.

    Rates of forgetting are fitted where attempts on a skill lie apart in time, gates where an attempted skill has prerequisites.
    """
    if not codes.evidence.any():
        return day_zero_hierarchy(stated, settings)
    answers, difficulties = Answers.of(codes), stated.difficulties
    skill_ids = answers.entries.skill_ids
    settings = replace(settings, forgetting=settings.forgetting and bool(answers.sequences.days.any()))
    fast, centre = fit_towards_centre(answers.sequences, skill_ids, difficulties, settings)
    stated_shift = stated_shifts(difficulties, codes.item_ids, answers.item_of_pair, skill_ids, answers.skill_of_pair)
    guesses = Guesses(fast.values, centre.values, _shifts_of_means(codes, difficulties, answers), stated_shift)

    def hierarchy(found: Found) -> Hierarchy:
        items = ItemEffects(Vocabulary(codes.item_ids), found.item_shift, found.item_log_gap)
        return Hierarchy(BktSkills(fast.skills, found.skills), items, found.learner_spread, found.gates, stated)

    def missing(found: Found) -> Floats:
        return replayed(codes, answers, hierarchy(found)).missing

    has_gates = bool(stated.prerequisites.closure(skill_ids).levels)
    return hierarchy(infer(answers, guesses, settings, missing if has_gates else None, seed=seed))


def _shifts_of_means(codes: Codes, difficulties: Difficulties, answers: Answers) -> Floats:
    """(n_items,) by how much each item's mean success, with shrinkage, lies above its skills', in logits: near what is to be found."""
    means = shrunken_means(difficulties, codes)
    of_skill = means.skills.look_up(means.skill_logit, answers.entries.skill_ids, default=means.overall)
    n_skills = np.bincount(answers.item_of_pair, minlength=len(codes.item_ids))
    of_skills = np.bincount(answers.item_of_pair, of_skill[answers.skill_of_pair], minlength=len(codes.item_ids)) / n_skills
    return means.item_logit - of_skills


def hierarchy_log_loss(codes: Codes, fitted: Hierarchy) -> float:
    """Mean log loss of the forecasts before each attempt of the table, NaN without evidence."""
    if not codes.evidence.any():
        return float("nan")
    p_correct = replayed(codes, Answers.of(codes), fitted).p_correct
    return mean_loss(p_correct[codes.evidence], codes.correct[codes.evidence])
