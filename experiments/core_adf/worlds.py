"""Small worlds in which inference can be exact: learners of the core, known items, no guessing, and what each was asked and answered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from adaptive.models.state_space.hyperparameters import DAY_ZERO, OFF, Hyperparameters
from adaptive.models.state_space.simulate import soft_minimum
from adaptive.protocols import Floats, Ints

__all__ = ["WORLDS", "Particles", "Questions", "World"]


@dataclass(frozen=True, slots=True)
class World:
    """A learner model with `n_skills` skills; `share_of_pairs` of the items exercise two of them. No times: ageing is linear and exact."""

    hyperparameters: Hyperparameters
    n_skills: int
    n_answers: int = 40
    n_items: int = 20
    share_of_pairs: float = 0.0
    difficulty_sd: float = 1.0

    @property
    def is_static(self) -> bool:
        """Nothing moves but the posterior, and each item has one skill or there are two: quadrature is exact then."""
        h, is_small = self.hyperparameters, self.share_of_pairs == 0.0 or self.n_skills == 2
        return is_small and h == OFF._replace(ability_sd=h.ability_sd, skill_sd=h.skill_sd, weakest=h.weakest)


CLOZE = Hyperparameters(
    ability_sd=2.07, skill_sd=0.34, form_sd=0.30, form_kept=0.966, skill_form_sd=0.27, skill_form_kept=0.79,
    gain_right=1.58, gain_wrong=2.18, gain_sd=1.48, saturation=0.01,
    memory_sd=0.10, memory_right=4.40, memory_wrong=2.45, memory_gain_sd=1.85, memory_step_decay=0.16, guess=0.0,
    rate_sd=0.0, challenge=0.0,
)  # fmt: skip
"""As found on fold 0 of cloze, before rates of learning and challenge: the widest posteriors of the three sets."""

ASSISTMENTS = Hyperparameters(
    ability_sd=0.96, skill_sd=0.15, form_sd=0.55, form_kept=0.925, skill_form_sd=0.45, skill_form_kept=0.77,
    gain_right=1.12, gain_wrong=0.33, gain_sd=0.57, saturation=2.0, weakest=11.7,
    memory_sd=0.05, memory_right=0.37, memory_wrong=-0.08, memory_gain_sd=0.10, memory_step_decay=0.05, guess=0.0,
    rate_sd=0.0, challenge=0.0,
)  # fmt: skip
"""As found on fold 1 of ASSISTments 2009, before rates of learning and challenge."""

_START = DAY_ZERO._replace(guess=0.0)

WORLDS = {
    "1 skill, static": World(OFF, 1),
    "1 skill, static, sd 2": World(OFF._replace(ability_sd=2.0), 1),
    "2 skills, static": World(OFF._replace(ability_sd=0.95, skill_sd=0.6), 2),
    "4 skills, static": World(OFF._replace(ability_sd=0.95, skill_sd=0.6), 4),
    "4 skills, day zero": World(_START, 4),
    "4 skills, ASSISTments": World(ASSISTMENTS, 4),
    "4 skills, cloze": World(CLOZE, 4, difficulty_sd=2.0),
    "4 skills, day zero, pairs averaged": World(_START._replace(weakest=0.0), 4, share_of_pairs=0.5),
    "4 skills, day zero, pairs": World(_START, 4, share_of_pairs=0.5),
    "4 skills, ASSISTments, pairs": World(ASSISTMENTS, 4, share_of_pairs=0.5),
    "2 skills, static, pairs": World(OFF._replace(ability_sd=0.95, skill_sd=0.6, weakest=3.0), 2, share_of_pairs=0.5),
    "2 skills, static, pairs, weakest 12": World(OFF._replace(ability_sd=0.95, skill_sd=0.6, weakest=12.0), 2, share_of_pairs=0.5),
}


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What one learner was asked and answered, (n_answers,) each; `skills` are of each item and `difficulty` (n_items,) is known."""

    item: Ints
    score: Floats
    skills: tuple[Ints, ...]
    difficulty: Floats

    @classmethod
    def drawn(cls, world: World, rng: np.random.Generator) -> Questions:
        """A learner of the world, answering as its model says."""
        n_of_item = 1 + (rng.random(world.n_items) < world.share_of_pairs)
        skills = tuple(np.sort(rng.choice(world.n_skills, n, replace=False)) for n in n_of_item)
        difficulty = world.difficulty_sd * rng.normal(size=world.n_items)
        learner, item = Particles.drawn(world, 1, rng), rng.integers(world.n_items, size=world.n_answers)
        score = np.zeros(world.n_answers)
        for n, j in enumerate(item):
            score[n] = rng.random() < learner.p_correct(int(j), skills[j], float(difficulty[j]))[0]
            learner.evolve(int(j), skills[j], float(score[n]))
        return cls(item, score, skills, difficulty)


@dataclass(slots=True, eq=False)
class Particles:
    """n true learners at once, as the model says they move; `ability` and `form` are (n, n_skills), memories by item (n,)."""

    h: Hyperparameters
    rng: np.random.Generator
    ability: Floats
    form: Floats
    general: Floats
    practised: Ints
    rate: Floats
    taught: Floats = field(default_factory=lambda: np.ones((0, 0)))
    """Share of a gain at its best that the attempt at hand brings each of its skills, (n, n_skills of the item): its challenge."""
    memories: dict[int, Floats] = field(default_factory=dict)
    met: dict[int, int] = field(default_factory=dict)
    n_attempts: int = 0

    @classmethod
    def drawn(cls, world: World, n: int, rng: np.random.Generator) -> Particles:
        """From the population."""
        h, size = world.hyperparameters, (n, world.n_skills)
        shared = h.ability_sd * rng.normal(size=(n, 1))
        return cls(
            h,
            rng,
            ability=shared + h.skill_sd * rng.normal(size=size),
            form=h.skill_form_sd * rng.normal(size=size),
            general=h.form_sd * rng.normal(size=n),
            practised=np.zeros(world.n_skills, dtype=np.int64),
            rate=1.0 + h.rate_sd * rng.normal(size=n),
        )

    def p_correct(self, item: int, skills: Ints, difficulty: float) -> Floats:
        """(n,) chance of success now; an item met before is remembered less by each attempt since."""
        h = self.h
        if item not in self.memories:
            self.memories[item] = h.memory_sd * self.rng.normal(size=len(self.general))
        else:
            kept = max(self.n_attempts - self.met[item], 1) ** -h.memory_step_decay
            self.memories[item] = self._wandered(self.memories[item], kept, h.memory_sd)
        of_skills = self.ability[:, skills] + self.form[:, skills]
        beside = self.general + self.memories[item] - difficulty
        logit = soft_minimum(of_skills, h.weakest) + beside
        of_skill = 1.0 / (1.0 + np.exp(-of_skills - beside[:, None]))
        self.taught = 1.0 - h.challenge + h.challenge * 4.0 * of_skill * (1.0 - of_skill)
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float64)

    def evolve(self, item: int, skills: Ints, score: float) -> None:
        """What the answered attempt teaches, and what wanders."""
        h, rng, n = self.h, self.rng, len(self.general)
        self.general = self._wandered(self.general, h.form_kept, h.form_sd)
        for k, taught in zip(skills, self.taught.T, strict=True):
            self.practised[k] += 1
            share = 1.0 / (1.0 + h.saturation * self.practised[k])
            gain = h.gain_right * score + h.gain_wrong * (1.0 - score)
            self.ability[:, k] += gain * self.rate * share * taught + h.gain_sd * np.sqrt(share) * rng.normal(size=n)
            lift = h.skill_form_right * score + h.skill_form_wrong * (1.0 - score)
            self.form[:, k] = self._wandered(self.form[:, k], h.skill_form_kept, h.skill_form_sd) + lift * taught
        gain = h.memory_right * score + h.memory_wrong * (1.0 - score)
        self.memories[item] = self.memories[item] + gain + h.memory_gain_sd * rng.normal(size=n)
        self.met[item] = self.n_attempts
        self.n_attempts += 1

    def keep(self, chosen: Ints) -> None:
        """Only these particles, some of them several times."""
        self.ability, self.form, self.general = self.ability[chosen], self.form[chosen], self.general[chosen]
        self.rate = self.rate[chosen]
        self.memories = {item: values[chosen] for item, values in self.memories.items()}

    def _wandered(self, values: Floats, kept: float, sd: float) -> Floats:
        return kept * values + np.sqrt(max(1.0 - kept * kept, 0.0)) * sd * self.rng.normal(size=values.shape)
