"""One player, all learners of a seed, the whole timetable: what happened, and what the truth says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from adaptive.evaluation.laboratory.beliefs import coverage, zone_auc
from adaptive.evaluation.laboratory.chance import generator
from adaptive.evaluation.laboratory.family import Family, GainFamily, State
from adaptive.evaluation.laboratory.oracles import p_answered, picked, true_gain
from adaptive.evaluation.laboratory.players import BelievingPlayer, Player
from adaptive.evaluation.laboratory.timetable import RETENTION_DAYS, Timetable
from adaptive.evaluation.laboratory.world import Mask, World
from adaptive.evaluation.laboratory.wrong_edges import misled
from adaptive.protocols import Floats, Ints

__all__ = ["Classroom", "Played", "play"]

_HIT_SHARE: Final = 0.5
"""A recommended item hits the zone where its true gain is at least this share of the best (policy page)."""

_GAIN_EVERY, _TRIED_GAIN_EVERY = 10, 50
"""Steps between two looks at the true gain: where the family says it, and where every item has to be tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Classroom:
    """The learners of a seed and what happens to all players alike: who they are, when they practise, the luck of their answers.

    `world` is what models and policies see, `own_world` the family's own catalogue, which oracles and measures go by.
    `luck` (n_steps, n) uniform numbers: learner l answers right at step t where luck[t, l] is below P(correct).
    """

    family: Family
    world: World
    own_world: World
    learners: State
    timetable: Timetable
    luck: Floats
    seed: int

    @classmethod
    def of(cls, family: Family, *, n_learners: int, n_items: int, seed: int, wrong_edges: float = 0.0) -> Classroom:
        """The first `n_learners` are the same however many there are; of the prerequisites in `world` the share `wrong_edges` is wrong."""
        own = World.of(family)
        world = misled(own, wrong_edges, generator(seed, "wrong edges"))
        learners = family.learners(n_learners, generator(seed, "learners"))
        luck = generator(seed, "answers").random((n_learners, n_items)).T
        return cls(family, world, own, learners, Timetable.drawn(n_items, generator(seed, "timetable")), luck, seed)

    def __len__(self) -> int:
        return int(self.luck.shape[1])

    def first(self, n: int) -> Classroom:
        """The same with the first n learners alone."""
        return replace(self, learners=picked(self.learners, np.arange(min(n, len(self)))), luck=self.luck[:, :n])


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What happened to n learners in n_steps steps, and the truth about it.

    `item` and `correct` (n_steps, n); `success` (n_steps + 1, n, n_skills) true success before each step and after the last, `later`
    (n, n_skills) RETENTION_DAYS on; `declared` (n_steps, n, n_skills) what the player called mastered at its choice, None where it never
    does; `hit` (n_looks, n) 1 where the item's true gain was at least half the best, NaN where none was above 0.
    Of a player that has beliefs `coverage` and `zone_auc`, one number a look each (`beliefs`).
    """

    world: World
    item: Ints
    correct: Floats
    success: Floats
    later: Floats
    declared: Mask | None
    hit: Floats
    coverage: Floats
    zone_auc: Floats


def play(player: Player, classroom: Classroom, *, name: str) -> Played:
    """The player practises the classroom's learners. Its own chance goes by its `name`, so that no other player moves it."""
    family, world, n = classroom.family, classroom.own_world, len(classroom)
    own, gain_rng = generator(classroom.seed, "choices", name), generator(classroom.seed, "gain")
    world_rng = generator(classroom.seed, "learning")
    look_every = _GAIN_EVERY if isinstance(family, GainFamily) else _TRIED_GAIN_EVERY
    state = classroom.learners
    items, scores, success, declared, looks = [], [], [], [], _Looks(world)
    for step, moment in enumerate(classroom.timetable):
        if moment.rested_days:
            state = family.rest(state, moment.rested_days, world_rng)
        now = family.success(state)
        success.append(now.astype(np.float32))
        item = player.choose(moment.at, state, own)
        said = player.declared()
        if said is not None:
            declared.append(said.copy())
        if step % look_every == look_every // 2:
            looks.take(player, item, now, true_gain(family, state, gain_rng))
        correct = (classroom.luck[step] < p_answered(family, state, item)).astype(np.float64)
        state = family.practise(state, item, correct, world_rng)
        player.learn(item, correct, moment.at)
        items.append(item)
        scores.append(correct)
    success.append(family.success(state).astype(np.float32))
    later = family.success(family.rest(state, RETENTION_DAYS, world_rng))
    return Played(
        world=world,
        item=np.stack(items),
        correct=np.stack(scores),
        success=np.stack(success),
        later=later,
        declared=np.stack(declared) if declared else None,
        hit=np.stack(looks.hit) if looks.hit else np.zeros((0, n)),
        coverage=np.array(looks.coverage),
        zone_auc=np.array([auc for auc in looks.zone_auc if auc is not None]),
    )


@dataclass(eq=False)
class _Looks:
    """What the true gain is looked at for, now and then."""

    world: World
    hit: list[Floats] = field(default_factory=list)
    coverage: list[float] = field(default_factory=list)
    zone_auc: list[float | None] = field(default_factory=list)

    def take(self, player: Player, item: Ints, success: Floats, gain: Floats) -> None:
        """One look, at the items just chosen and at what the player believes."""
        self.hit.append(_hit(gain, item))
        if isinstance(player, BelievingPlayer):
            belief = player.believed()
            self.coverage.append(coverage(belief, success))
            self.zone_auc.append(zone_auc(belief, success, gain, self.world.links))


def _hit(gain: Floats, item: Ints) -> Floats:
    """(n,): whether the gain of the item (n,) is at least half the best of the row of `gain` (n, n_items)."""
    best = gain.max(axis=1)
    reached = gain[np.arange(len(item)), item] >= _HIT_SHARE * best
    return np.where(best > 0.0, reached, np.nan)
