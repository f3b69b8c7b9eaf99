"""Classes drawn from the core itself: who was asked what and when, a truth that is not day zero, and the answers that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from adaptive.catalog import Catalog, mathematics_catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models.columns import Vocabulary
from adaptive.models.state_space import StateSpaceIrt
from adaptive.models.state_space.hyperparameters import DAY_ZERO, Hyperparameters
from adaptive.models.state_space.parameters import Bank, Fitted, Spreads
from adaptive.models.state_space.simulate import Simulated, simulate
from adaptive.protocols import Codes, Floats, Ints

__all__ = ["WORLDS", "Class", "World", "drawn_class"]

TRUTH = DAY_ZERO._replace(
    ability_sd=1.2, skill_sd=0.7, form_sd=0.35, skill_form_sd=0.35, gain_right=0.2, gain_wrong=0.1, skill_forgetting=0.05, weakest=2.0
)
"""Away from day zero, so that finding it again takes the data."""


@dataclass(frozen=True, slots=True)
class World:
    """Learners, items a skill (`n_items` in all), and `share_of_pairs` of items that exercise two skills."""

    hyperparameters: Hyperparameters = TRUTH
    n_skills: int = 12
    n_items: int = 300
    share_of_pairs: float = 0.0
    has_catalog: bool = False

    @property
    def catalog(self) -> Catalog | None:
        """Skills alone, as the mathematics catalogue relates them: items are drawn, not stated."""
        return replace(mathematics_catalog(), items=()) if self.has_catalog else None

    @property
    def skill_ids(self) -> tuple[str, ...]:
        known = () if self.catalog is None else self.catalog.skill_columns.skill_ids
        return known or tuple(f"skill-{k:02}" for k in range(self.n_skills))


WORLDS = {
    "12 skills": World(),
    "12 skills, pairs": World(share_of_pairs=0.3),
    "40 skills of a catalogue": World(TRUTH._replace(ability_sd=0.9, skill_sd=1.0, structure_share=0.8), n_items=400, has_catalog=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """Codes with answers and what is behind them; `typical` (n_skills,) is the mean difficulty of each skill's items."""

    codes: Codes
    truth: Simulated
    fitted: Fitted
    typical: Floats

    def rows_of(self, learners: range) -> AttemptTable:
        """These learners' attempts as a table."""
        first, last = np.searchsorted(self.codes.learner, [learners.start, learners.stop])
        return AttemptTable.from_attempts(_attempts(self.codes, np.arange(first, last)))

    def skills_of_items(self) -> tuple[tuple[str, ...], ...]:
        """Of each item by its first row, in the order of `codes`; none for one that was never met."""
        found: dict[int, tuple[str, ...]] = {}
        for i, (start, stop) in enumerate(pairwise(self.codes.skill_start.tolist())):
            if (j := int(self.codes.item[i])) not in found:
                found[j] = tuple(self.codes.skill_ids[k] for k in self.codes.skill[start:stop])
        return tuple(found.get(j, ()) for j in range(len(self.codes.item_ids)))

    def entries_of(self, learner: int) -> range:
        """The learner's rows."""
        first, last = np.searchsorted(self.codes.learner, [learner, learner + 1]).tolist()
        return range(first, last)


def drawn_class(world: World, n_learners: int, seed: int) -> Class:
    """Learners with 30 to 90 attempts each, in blocks of a skill, sessions of 20 attempts, one to four days apart."""
    rng = np.random.default_rng(seed)
    codes = _asked(world, n_learners, rng)
    prior = StateSpaceIrt(world.catalog, hyperparameters=world.hyperparameters).fitted
    spreads, skill_ids = Spreads(item=1.0, skill=0.5, discrimination=0.06), world.skill_ids
    shift = np.sqrt(spreads.skill) * rng.normal(size=len(skill_ids))
    none = np.zeros(0)
    of_skills = Vocabulary(skill_ids), shift, np.zeros(len(shift))
    known_shift = Bank(Vocabulary([]), none, none, none, none, none, *of_skills, spreads, prior.bank.stated)
    fitted = replace(prior, bank=known_shift)
    truth = simulate(fitted, codes, rng)
    return Class(replace(codes, correct=truth.correct), truth, fitted, _typical(codes, truth.difficulty))


def _typical(codes: Codes, difficulty: Floats) -> Floats:
    """(n_skills,) mean difficulty over the items met with each skill, an item of two skills counting half; 0 for skills not met."""
    _, first = np.unique(codes.item, return_index=True)
    total, count = np.zeros((2, len(codes.skill_ids)))
    for i in first:
        skills = codes.skill[codes.skill_start[i] : codes.skill_start[i + 1]]
        np.add.at(total, skills, difficulty[codes.item[i]] / len(skills))
        np.add.at(count, skills, 1.0 / len(skills))
    return np.divide(total, count, out=np.zeros(len(total)), where=count > 0)


def _asked(world: World, n_learners: int, rng: np.random.Generator) -> Codes:
    n_skills = len(world.skill_ids)
    first = np.arange(world.n_items) % n_skills
    second = np.where(rng.random(world.n_items) < world.share_of_pairs, (first + rng.integers(1, n_skills, world.n_items)) % n_skills, -1)
    popularity = np.exp(0.8 * rng.normal(size=world.n_items))
    of_skill = [np.flatnonzero(first == k) for k in range(n_skills)]
    length = rng.integers(30, 91, n_learners)
    item: list[Ints] = []
    seconds: list[Floats] = []
    for n in length:
        blocks = rng.integers(n_skills, size=n // 5 + 1)
        skill = np.repeat(blocks, 5)[:n]
        item.append(np.array([rng.choice(of_skill[k], p=popularity[of_skill[k]] / popularity[of_skill[k]].sum()) for k in skill]))
        pause = np.where(np.arange(n) % 20 == 0, 86400.0 * rng.integers(1, 5, n), 60.0 * rng.random(n) + 10.0)
        seconds.append(1.7e9 + np.cumsum(np.round(pause)))
    items = np.concatenate(item)
    pairs = [(int(first[j]), int(second[j])) for j in items]
    skills = [sorted(k for k in pair if k >= 0) for pair in pairs]
    return Codes(
        learner_ids=tuple(f"learner-{n:04}" for n in range(n_learners)),
        item_ids=tuple(f"item-{j:03}" for j in range(world.n_items)),
        skill_ids=world.skill_ids,
        learner=np.repeat(np.arange(n_learners), length),
        item=items,
        skill=np.concatenate([np.array(of_row, dtype=np.int64) for of_row in skills]),
        skill_start=np.concatenate([[0], np.cumsum([len(of_row) for of_row in skills])]),
        correct=np.zeros(len(items)),
        seconds=np.concatenate(seconds),
        evidence=np.ones(len(items), dtype=bool),
    )


def _attempts(codes: Codes, rows: Ints) -> Iterator[Attempt]:
    ends = list(pairwise(codes.skill_start.tolist()))
    for i in rows.tolist():
        start, stop = ends[i]
        yield Attempt(
            f"a{i}",
            codes.learner_ids[codes.learner[i]],
            codes.item_ids[codes.item[i]],
            tuple(codes.skill_ids[k] for k in codes.skill[start:stop]),
            correct=float(codes.correct[i]),
            occurred_at=datetime.fromtimestamp(float(codes.seconds[i]), UTC),
        )
