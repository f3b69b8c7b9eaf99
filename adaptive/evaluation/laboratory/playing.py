"""One player, all learners of a seed, the whole timetable: what happened, and what the truth says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.family import Family, GainFamily, State
from adaptive.evaluation.laboratory.oracles import picked, true_gain
from adaptive.evaluation.laboratory.players import Player
from adaptive.evaluation.laboratory.timetable import RETENTION_DAYS, Timetable
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.protocols import Floats, Ints

__all__ = ["Classroom", "Played", "play"]

_HIT_SHARE: Final = 0.5
"""A recommended item hits the zone where its true gain is at least this share of the best (policy page)."""

_GAIN_EVERY, _TRIED_GAIN_EVERY = 10, 50
"""Steps between two looks at the true gain: where the family says it, and where every item has to be tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Classroom:
    """The learners of a seed and what happens to all players alike: who they are, when they practise, the luck of their answers.

    `luck` (n_steps, n) uniform numbers: learner l answers right at step t where luck[t, l] is below P(correct).
    """

    family: Family
    world: World
    learners: State
    timetable: Timetable
    luck: Floats
    seed: int

    @classmethod
    def of(cls, family: Family, world: World, *, n_learners: int, n_items: int, seed: int) -> Classroom:
        """The first `n_learners` are the same however many there are."""
        learners = family.learners(n_learners, generator(seed, "learners"))
        luck = generator(seed, "answers").random((n_learners, n_items)).T
        return cls(family, world, learners, Timetable.drawn(n_items, generator(seed, "timetable")), luck, seed)

    def __len__(self) -> int:
        return int(self.luck.shape[1])

    def first(self, n: int) -> Classroom:
        """The same with the first n learners alone."""
        learners = picked(self.learners, np.arange(min(n, len(self))))
        return Classroom(self.family, self.world, learners, self.timetable, self.luck[:, :n], self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What happened to n learners in n_steps steps, and the truth about it.

    `item` and `correct` (n_steps, n); `success` (n_steps + 1, n, n_skills) true success before each step and after the last, `later`
    (n, n_skills) RETENTION_DAYS on; `declared` (n_steps, n, n_skills) what the player called mastered at its choice, None where it never
    does; `hit` (n_looks, n) 1 where the item's true gain was at least half the best, NaN where none was above 0.
    """

    world: World
    item: Ints
    correct: Floats
    success: Floats
    later: Floats
    declared: Mask | None
    hit: Floats


def play(player: Player, classroom: Classroom, *, name: str) -> Played:
    """The player practises the classroom's learners. Its own chance goes by its `name`, so that no other player moves it."""
    family, world, n = classroom.family, classroom.world, len(classroom)
    own, gain_rng = generator(classroom.seed, "choices", name), generator(classroom.seed, "gain")
    world_rng = generator(classroom.seed, "learning")
    look_every = _GAIN_EVERY if isinstance(family, GainFamily) else _TRIED_GAIN_EVERY
    state, everyone = classroom.learners, np.arange(n)
    items, scores, success, declared, hits = [], [], [], [], []
    for step, moment in enumerate(classroom.timetable):
        if moment.rested_days:
            state = family.rest(state, moment.rested_days, world_rng)
        success.append(family.success(state).astype(np.float32))
        item = player.choose(moment.at, state, own)
        said = player.declared()
        if said is not None:
            declared.append(said.copy())
        if step % look_every == look_every // 2:
            hits.append(_hit(true_gain(family, state, gain_rng), item))
        correct = (classroom.luck[step] < family.p_correct(state)[everyone, item]).astype(np.float64)
        state = family.practise(state, item, correct, world_rng)
        player.learn(item, correct, moment.at)
        items.append(item)
        scores.append(correct)
    success.append(family.success(state).astype(np.float32))
    later = family.success(family.rest(state, RETENTION_DAYS, world_rng))
    hit = np.stack(hits) if hits else np.zeros((0, n))
    return Played(world, np.stack(items), np.stack(scores), np.stack(success), later, np.stack(declared) if declared else None, hit)


def _hit(gain: Floats, item: Ints) -> Floats:
    """(n,): whether the gain of the item (n,) is at least half the best of the row of `gain` (n, n_items)."""
    best = gain.max(axis=1)
    reached = gain[np.arange(len(item)), item] >= _HIT_SHARE * best
    return np.where(best > 0.0, reached, np.nan)
