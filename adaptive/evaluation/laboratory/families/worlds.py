"""What the families share: skills in layers with prerequisites, and items of one skill each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np

from adaptive.errors import InvalidInput, Problem
from adaptive.protocols import Floats, Ints

__all__ = ["SkillWorld", "p_of_item", "p_of_items", "padded", "required_of", "weakest_of"]

FEWEST_SKILLS, MOST_SKILLS, BY_DEFAULT = 6, 200, (15, 40)
"""Bounds of a world, and between what its number of skills is drawn (policy page: 15 to 200 skills)."""
ITEMS_A_SKILL: Final = (10, 50)
"""Policy page."""
SKILLS_A_LAYER: Final = 5
MOST_PREREQUISITES: Final = 3
SHARE_FROM_LAST_LAYER: Final = 0.8
"""Prerequisites come from the layer before, or else from any earlier one. Ours, as the shape of curricula in data/graph suggests."""


@dataclass(frozen=True)
class SkillWorld:
    """Skills from the first layer to the last, so that every prerequisite comes before what builds on it.

    `layer` (n_skills,) ascends from 0; `item_skill` (n_items,) ascends. Raises InvalidInput for a number of skills out of bounds.

    >>> world = SkillWorld.drawn(np.random.default_rng(0), n_skills=20)
    >>> world.n_skills, all(before < after for before, after in world.prerequisites)
    (20, True)
    """

    layer: Ints
    prerequisites: tuple[tuple[int, int], ...]
    item_skill: Ints

    @classmethod
    def drawn(cls, rng: np.random.Generator, n_skills: int | None = None) -> Self:
        """One world; without a number of skills that is drawn too, from 15 to 40."""
        n = int(rng.integers(BY_DEFAULT[0], BY_DEFAULT[1] + 1)) if n_skills is None else n_skills
        if not FEWEST_SKILLS <= n <= MOST_SKILLS:
            rule = f"a world has {FEWEST_SKILLS} to {MOST_SKILLS} skills"
            raise InvalidInput("world", [Problem("n_skills", rule, str(n), "ask for a number in between")])
        n_layers = max(2, round(n / SKILLS_A_LAYER))
        layer = np.sort(np.concatenate([np.arange(n_layers), rng.integers(0, n_layers, n - n_layers)]))
        edges = tuple(edge for skill in np.flatnonzero(layer > 0).tolist() for edge in _edges_into(skill, layer, rng))
        item_skill = np.repeat(np.arange(n), rng.integers(ITEMS_A_SKILL[0], ITEMS_A_SKILL[1] + 1, n))
        return cls(layer, edges, item_skill)

    @property
    def n_skills(self) -> int:
        """How many skills there are."""
        return len(self.layer)

    @cached_property
    def item_skills(self) -> tuple[tuple[int, ...], ...]:
        """As a catalogue has them."""
        return tuple((int(skill),) for skill in self.item_skill)

    @cached_property
    def depth(self) -> Floats:
        """(n_skills,) 0 for the first layer to 1 for the last."""
        return np.asarray(self.layer / self.layer[-1], dtype=np.float64)

    @cached_property
    def required(self) -> Ints:
        """(n_skills, most prerequisites of a skill), filled up with n_skills."""
        return required_of(self.prerequisites, self.n_skills)

    def weakest(self, success: Floats, skill: Ints | None = None) -> Floats:
        """The least success on what a skill builds on, 1 where that is nothing: (n, n_skills), or (n,) for a skill of each learner."""
        return weakest_of(self.required, success, skill)

    def centred(self, of_items: Floats) -> Floats:
        """(n_items,) the same with mean 0 in each skill, so that 0 is its typical item."""
        means = np.bincount(self.item_skill, of_items) / np.bincount(self.item_skill)
        return np.asarray(of_items - means[self.item_skill], dtype=np.float64)


def required_of(prerequisites: Sequence[tuple[int, int]], n_skills: int) -> Ints:
    """(n_skills, most prerequisites of a skill), filled up with n_skills."""
    into: list[list[int]] = [[] for _ in range(n_skills)]
    for before, after in prerequisites:
        into[after].append(before)
    return padded(into, n_skills)


def padded(lists: Sequence[Sequence[int]], empty: int) -> Ints:
    """The lists as rows, (n_lists, greatest length and at least 1), filled up with `empty`."""
    most = max(1, *map(len, lists))
    return np.array([[*values, *[empty] * (most - len(values))] for values in lists], dtype=np.int64)


def weakest_of(required: Ints, success: Floats, skill: Ints | None = None) -> Floats:
    """`SkillWorld.weakest` for these prerequisites."""
    known: Floats = np.concatenate([success, np.ones((len(success), 1))], axis=1)
    if skill is not None:
        return np.asarray(known[np.arange(len(skill))[:, None], required[skill]].min(axis=1), dtype=np.float64)
    least: Floats = known[:, required[:, 0]]
    for column in required.T[1:]:
        np.minimum(least, known[:, column], out=least)
    return least


def p_of_items(logit_skill: Floats, item_skill: Ints, exp_difficulty: Floats) -> Floats:
    """(n, n_items) expit(logit_skill of the item's skill - difficulty), with one exponential a skill instead of one an item."""
    odds_against = np.take(np.exp(-logit_skill), item_skill, axis=1)
    odds_against *= exp_difficulty
    odds_against += 1.0
    found: Floats = np.reciprocal(odds_against, out=odds_against)
    return found


def p_of_item(logit_skill: Floats, skill: Ints, exp_difficulty: Floats) -> Floats:
    """(n,) the same of one item a learner, by its skill (n,) and difficulty (n,)."""
    odds_against = np.exp(-logit_skill[np.arange(len(skill)), skill])
    odds_against *= exp_difficulty
    odds_against += 1.0
    found: Floats = np.reciprocal(odds_against, out=odds_against)
    return found


def _edges_into(skill: int, layer: Ints, rng: np.random.Generator) -> list[tuple[int, int]]:
    last, earlier = np.flatnonzero(layer == layer[skill] - 1), np.flatnonzero(layer < layer[skill])
    chosen = {int(rng.choice(last))}
    for _ in range(int(rng.integers(0, MOST_PREREQUISITES))):
        chosen.add(int(rng.choice(last if rng.random() < SHARE_FROM_LAST_LAYER else earlier)))
    return [(before, skill) for before in sorted(chosen)]
