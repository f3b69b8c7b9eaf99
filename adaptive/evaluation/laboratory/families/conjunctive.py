"""Family F: items of one to three skills that must all succeed, and a catalogue that is wrong about some links and edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from scipy.special import expit

from adaptive.evaluation.laboratory.families.drawn import fit_named
from adaptive.evaluation.laboratory.families.growth import decay_rate, readiness
from adaptive.evaluation.laboratory.families.worlds import SkillWorld, padded, weakest_of
from adaptive.evaluation.laboratory.family import State
from adaptive.evaluation.laboratory.wrong_edges import with_wrong_edges
from adaptive.protocols import Floats, Ints

__all__ = ["WRONG_EDGES", "WRONG_LINKS", "ConjunctiveFamily"]

WRONG_LINKS: Final = 0.10
WRONG_EDGES: Final = 0.15
"""Shares of the item-skill links and of the prerequisites that the catalogue has wrong (policy page)."""

_N_SKILLS_OF_ITEM: Final = (0.6, 0.3, 0.1)
"""Shares of items with one, two and three skills: ours, so that "and" matters; on ASSISTments they are .82, .16 and .02."""

_GAIN: Final = 0.5
"""As in family B, by a step that succeeds or fails in an item that is right."""

_DIFFICULTY: Final = (0.0, 1.0)
"""Mean difficulty of the first layer's skills and of the last one's, in logits."""

_MOST_RATE_SD: Final = 0.5


class ConjunctiveFamily:
    """P(correct) = product over the item's skills k of q_lik, q_lik = expit(base_lk + learned_lk - difficulty_k - e_i).

    Each skill is a step that succeeds by chance, and all must: noisy inputs, deterministic "and" (Junker & Sijtsma 2001) with abilities
    in place of attributes (multicomponent model, Embretson 1984). An attempt moves each of its skills: learned_lk += gain rate_l
    ready_lk 4 q (1 - q) (1 where the answer is right, `wrong` where it is wrong). Rest: learned_lk *= exp(-rate days).

    `true_item_skills`, `true_prerequisites` are what holds; in `item_skills` a tenth of the links names another skill, and in
    `prerequisites` 15 % of the edges are between skills that have none. Success on a skill is that of an item of it alone.

    >>> world = ConjunctiveFamily(np.random.default_rng(0), n_skills=15)
    >>> wrong = [told != true for told, true in zip(world.item_skills, world.true_item_skills)]
    >>> bool(0.1 < np.mean(wrong) < 0.25)
    True
    """

    name: ClassVar[str] = "conjunctive"
    item_skills: Sequence[Sequence[int]]
    prerequisites: Sequence[tuple[int, int]]

    def __init__(self, rng: np.random.Generator, n_skills: int | None = None) -> None:
        world, core, slopes = SkillWorld.drawn(rng, n_skills), fit_named("core"), fit_named("slopes_learners_items")
        self.true_item_skills, self.true_prerequisites = _item_skills(world, rng), world.prerequisites
        self.item_skills = _with_wrong_links(self.true_item_skills, world.n_skills, rng)
        self.prerequisites = with_wrong_edges(world.prerequisites, WRONG_EDGES, rng)
        self._n_skills, self._required = world.n_skills, world.required
        self._steps = padded(self.true_item_skills, world.n_skills)  # (n_items, 3)
        self._first_with_step = [int(np.argmax(steps < world.n_skills)) for steps in self._steps.T]  # from there on items have so many
        own = core.value("difficulty_skill_sd") * rng.standard_normal(world.n_skills)
        self._difficulty = _DIFFICULTY[0] + (_DIFFICULTY[1] - _DIFFICULTY[0]) * world.depth + own - own.mean()
        self._exp_offset = np.exp(core.value("difficulty_item_sd") * rng.standard_normal(len(world.item_skill)))
        self._ability_sd, self._skill_sd = core.value("ability_sd"), core.value("skill_sd")
        self._rate_sd = min(slopes.value("rate_sd") / slopes.value("mean_slope"), _MOST_RATE_SD)
        self._wrong = core.value("skill_form_wrong") / core.value("skill_form_right")
        self._decay = decay_rate()

    def learners(self, n: int, rng: np.random.Generator) -> State:
        """`base`, `learned` (n, n_skills) in logits, difficulty taken off the former; `rate` (n,) of mean 1."""
        ability = self._ability_sd * rng.standard_normal((n, 1))
        base = ability + self._skill_sd * rng.standard_normal((n, self._n_skills)) - self._difficulty
        rate = np.exp(self._rate_sd * rng.standard_normal(n) - 0.5 * self._rate_sd**2)
        return {"base": base, "learned": np.zeros_like(base), "rate": rate}

    def p_correct(self, state: State) -> Floats:
        """(n, n_items) the product over steps."""
        odds_against = np.exp(-state["base"] - state["learned"])  # (n, n_skills)
        product = self._one_over_q(odds_against, 0)
        for j, first in enumerate(self._first_with_step[1:], 1):
            product[:, first:] *= self._one_over_q(odds_against, j)
        return np.reciprocal(product, out=product)

    def p_answer(self, state: State, item: Ints) -> Floats:
        """(n,) of one item each."""
        product, everyone = np.ones(len(item)), np.arange(len(item))
        for skill in self._steps[item].T:
            there = np.flatnonzero(skill < self._n_skills)
            product[there] *= self._one_over_q_of(state, everyone[there], skill[there], item[there])
        return np.reciprocal(product, out=product)

    def success(self, state: State) -> Floats:
        """(n, n_skills) of an item of mean difficulty that has this skill alone."""
        return np.asarray(expit(state["base"] + state["learned"]), dtype=np.float64)

    def practise(self, state: State, item: Ints, correct: Floats, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Each step of the item grown by what it gives."""
        success, everyone, learned = self.success(state), np.arange(len(item)), state["learned"].copy()
        of_answer = _GAIN * state["rate"] * (self._wrong + (1.0 - self._wrong) * correct)
        for skill in self._steps[item].T:
            there = np.flatnonzero(skill < self._n_skills)
            rows, k = everyone[there], skill[there]
            q = 1.0 / self._one_over_q_of(state, rows, k, item[there])
            ready = readiness(weakest_of(self._required, success[there], k))
            learned[rows, k] += of_answer[there] * ready * 4.0 * q * (1.0 - q)
        return {**state, "learned": learned}

    def rest(self, state: State, days: float, rng: np.random.Generator) -> State:  # noqa: ARG002 - nothing is drawn
        """Decayed."""
        return {**state, "learned": state["learned"] * np.exp(-self._decay * days)}

    def gain(self, state: State, days: float) -> Floats:
        """(n, n_items): P(right) times what a right answer lifts, and the rest of it times what a wrong one does, over n_skills."""
        kept, p = np.exp(-self._decay * days), self.p_correct(state)
        full = 4.0 * kept * _GAIN * state["rate"][:, None] * readiness(weakest_of(self._required, self.success(state)))  # (n, n_skills)
        now, later = np.exp(-state["base"] - state["learned"]), np.exp(-state["base"] - kept * state["learned"])
        gain = np.zeros_like(p)
        for j, first in enumerate(self._first_with_step):
            k, q = self._steps[first:, j], 1.0 / self._one_over_q(now, j)
            grown, before = np.take(full, k, axis=1) * q * (1.0 - q), np.take(later, k, axis=1)
            right, wrong = (1.0 / (1.0 + before * np.exp(-share * grown)) for share in (1.0, self._wrong))
            gain[:, first:] += wrong + p[:, first:] * (right - wrong) - 1.0 / (1.0 + before)
        return np.asarray(gain / self._n_skills, dtype=np.float64)

    def _one_over_q_of(self, state: State, rows: Ints, skill: Ints, item: Ints) -> Floats:
        """(n_rows,) 1 / q of one step of an item, of these learners."""
        return np.asarray(1.0 + self._exp_offset[item] * np.exp(-state["base"][rows, skill] - state["learned"][rows, skill]))

    def _one_over_q(self, odds_against: Floats, step: int) -> Floats:
        """(n, items with so many steps) 1 / q of that step, from the odds against each skill's typical item, (n, n_skills)."""
        first = self._first_with_step[step]
        found: Floats = np.take(odds_against, self._steps[first:, step], axis=1)
        found *= self._exp_offset[first:]
        found += 1.0
        return found


def _item_skills(world: SkillWorld, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Each item's skill and, for some, others that it may meet, of its layer or an earlier one; items of one skill first."""
    n_more = rng.choice(len(_N_SKILLS_OF_ITEM), len(world.item_skill), p=_N_SKILLS_OF_ITEM)
    items = []
    for skill, more in zip(world.item_skill.tolist(), n_more.tolist(), strict=True):
        others = np.setdiff1d(np.flatnonzero(world.layer <= world.layer[skill]), [skill])
        items.append(tuple(sorted([skill, *rng.choice(others, min(more, len(others)), replace=False).tolist()])))
    return tuple(sorted(items, key=len))


def _with_wrong_links(item_skills: tuple[tuple[int, ...], ...], n_skills: int, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """The same with the stated share of links to another skill, one that the item has not."""
    links = [(i, k) for i, skills in enumerate(item_skills) for k in skills]
    told = [set(skills) for skills in item_skills]
    for at in rng.choice(len(links), round(WRONG_LINKS * len(links)), replace=False).tolist():
        i, k = links[at]
        others = np.setdiff1d(np.arange(n_skills), list(told[i] | set(item_skills[i])))
        told[i] = (told[i] - {k}) | {int(rng.choice(others))}
    return tuple(tuple(sorted(skills)) for skills in told)
