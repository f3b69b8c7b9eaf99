"""Learners drawn from the model itself: outcomes for given histories, with everything behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

import numpy as np
from scipy.special import expit

from adaptive.domain import READY_AT
from adaptive.models.columns import ItemColumns
from adaptive.models.state_space.arrays import HOUR, SLOPE, Ground
from adaptive.models.state_space.draws import drawn_items
from adaptive.models.state_space.hyperparameters import Hyperparameters
from adaptive.models.state_space.parameters import Bank, Fitted
from adaptive.models.state_space.table import TableRows
from adaptive.protocols import Codes, Floats

__all__ = ["Simulated", "simulate", "soft_minimum"]


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Drawn outcomes and what is behind them.

    `correct`, `p_correct` and `logit` (n_rows,), `correct` NaN where the row is no evidence; `difficulty` and
    `discrimination` (n_items,); `factors` (n_learners, n_factors). `ability` (n_entries,) is ability with its form before each
    row in each of its skills, in the order of the table's skills.
    """

    correct: Floats
    p_correct: Floats
    logit: Floats
    difficulty: Floats
    discrimination: Floats
    factors: Floats
    ability: Floats


def simulate(fitted: Fitted, codes: Codes, rng: np.random.Generator) -> Simulated:
    """Outcomes of these attempts by learners, skills and items drawn as the model says they are.

    Only the outcomes of `codes` are not looked at. Items that the bank knows are drawn from their posterior, others from the
    prior of their skills.
    """
    table, h = TableRows.of(codes), fitted.hyperparameters
    rows = table.rows
    difficulty, discrimination = _items(fitted, table, rng)
    whole = fitted.skills.with_those_before(table.columns.skill_ids)
    ground = fitted.skills.ground(whole, fitted.skills.fresh(h), fitted.bank.typical(whole))
    factors = rng.normal(size=(len(codes.learner_ids), ground.fresh.shape[1] - SLOPE))
    guess = fitted.bank.guesses(table.columns, h)
    correct, logit, ability = np.full(len(rows.item), np.nan), np.zeros(len(rows.item)), np.zeros(len(rows.skill))
    learner, now = _Learner(h, ground, factors[0] if len(factors) else np.zeros(0), rng), -1
    for i, j in enumerate(rows.item.tolist()):
        if rows.learner[i] != now:
            now = rows.learner[i]
            learner = _Learner(h, ground, factors[now], rng)
        which = rows.skill[rows.start[i] : rows.start[i + 1]].tolist()
        learner.age(which, j, float(rows.seconds[i]))
        of_skills = np.array([learner.skills[k].ability + learner.skills[k].form for k in which])
        ability[rows.start[i] : rows.start[i + 1]] = of_skills
        brought = float(soft_minimum(of_skills, h.weakest))
        logit[i] = discrimination[j] * (brought + learner.beyond(j) - difficulty[j])
        if codes.evidence[i]:
            correct[i] = float(rng.random() < guess[i] + (1.0 - guess[i]) * expit(logit[i]))
        learner.evolve(which, j, correct[i], float(rows.seconds[i]), expit(logit[i] + discrimination[j] * (of_skills - brought)))
    p_correct = guess + (1.0 - guess) * expit(logit)
    return Simulated(correct, p_correct, logit, difficulty, discrimination, factors, ability)


def soft_minimum(ability: Floats, weakest: float) -> Floats:
    """(...,) what abilities (..., n_skills) bring to an item: their mean with weights that fall as exp(-weakest ability).

    >>> float(soft_minimum(np.array([0.0, 1.0]), 2.0).round(3))
    0.119
    """
    weights = np.exp(-weakest * (ability - ability.min(axis=-1, keepdims=True)))
    return np.asarray((weights * ability).sum(axis=-1) / weights.sum(axis=-1), dtype=np.float64)


def _items(fitted: Fitted, table: TableRows, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Difficulty and discrimination of the table's items, (n_items,) each; 0 and 1 for those that no row has."""
    bank, columns = fitted.bank, table.first_rows()
    known = bank.of(columns, 0.0)
    is_new = bank.items.codes(columns.item_ids)[columns.item] < 0
    of_known = rng.normal(size=len(known.mean))
    shift = columns.mean_over_skills(_shifts(fitted, columns, rng))
    of_new = bank.offsets(columns) + shift + _families(bank, columns, shift, rng)
    of_new = of_new + sqrt(bank.spreads.item) * rng.normal(size=len(of_new))
    steeper = rng.normal(size=len(of_new))
    drawn, drawn_steepness = drawn_items(known, of_known, steeper)
    steepness = np.exp(sqrt(bank.spreads.discrimination) * steeper)
    difficulty, discrimination = np.zeros(len(columns.item_ids)), np.ones(len(columns.item_ids))
    difficulty[columns.item] = np.where(is_new, of_new, drawn)
    discrimination[columns.item] = np.where(is_new, steepness, drawn_steepness)
    return difficulty, discrimination


def _shifts(fitted: Fitted, columns: ItemColumns, rng: np.random.Generator) -> Floats:
    bank = fitted.bank
    mean = bank.skills.look_up(bank.shift, columns.skill_ids, default=bank.spreads.overall)
    variance = bank.skills.look_up(bank.shift_variance, columns.skill_ids, default=bank.spreads.skill)
    return np.asarray(mean + np.sqrt(variance) * rng.normal(size=len(mean)), dtype=np.float64)


def _families(bank: Bank, columns: ItemColumns, shift: Floats, rng: np.random.Generator) -> Floats:
    """(n_items,) drawn effects of the items' families given the drawn shift of their skills; an item without one has its own."""
    effect, variance, left = bank.families_of(columns)
    if bank.spreads.family == 0.0:
        return effect
    expected = columns.mean_over_skills(bank.skills.look_up(bank.shift, columns.skill_ids, default=bank.spreads.overall))
    family, n_families = bank.kinds.families_of(columns.item_ids)[columns.item], len(bank.kinds.families)
    group = np.where(family < 0, n_families + np.arange(len(family)), family)
    noise = rng.normal(size=n_families + len(family))[group]
    return np.asarray(effect - (1.0 - left) * (shift - expected) + np.sqrt(variance) * noise, dtype=np.float64)


@dataclass(slots=True)
class _Skill:
    ability: float
    expected: float
    sd: float
    form: float
    n_practised: int = 0
    last: float = float("nan")
    seen: float = float("nan")
    """When it was practised last, and as of when ability and form are."""


@dataclass(slots=True)
class _Memory:
    value: float
    step: int
    last: float = float("nan")
    recent: float = 0.0
    share: float = 0.0
    """What is left in mind of the last meeting, and what share of it that is."""


@dataclass(slots=True)
class _Learner:
    """One learner's true state, moved as the model says."""

    h: Hyperparameters
    ground: Ground
    factors: Floats
    rng: np.random.Generator
    skills: dict[int, _Skill] = field(default_factory=dict)
    memories: dict[int, _Memory] = field(default_factory=dict)
    form: float = 0.0
    n_attempts: int = 0
    last: float = float("nan")

    def age(self, which: list[int], item: int, seconds: float) -> None:
        """What the time since took from skills, memory and form; what is met first is drawn."""
        h = self.h
        kept = self._kept(self.last, seconds, h.form_forgetting) if self.n_attempts else 0.0
        self.form = self._towards(0.0, self.form, kept, h.form_sd)
        for k in (*which, *(before for each in which for before in self._before(each))):
            skill = self.skills.get(k)
            kept, form_kept = (self._kept_since(skill, seconds, e) if skill else 0.0 for e in (h.skill_forgetting, h.skill_form_forgetting))
            if skill is None:
                fresh = self.ground.fresh[k]
                expected = float(fresh[0] + fresh[SLOPE:] @ self.factors)
                skill = self.skills[k] = _Skill(expected, expected, sqrt(fresh[1]), 0.0)
            skill.ability = self._towards(skill.expected, skill.ability, kept, skill.sd)
            skill.form = self._towards(0.0, skill.form, form_kept, h.skill_form_sd)
            skill.seen = skill.seen if seconds <= skill.seen or np.isnan(seconds) else seconds
        memory = self.memories.get(item)
        by_time = self._kept(memory.last, seconds, h.memory_forgetting) if memory else 0.0
        kept = by_time * self._step_kept(memory) if memory else 0.0
        memory = memory or self.memories.setdefault(item, _Memory(0.0, self.n_attempts))
        memory.value = self._towards(0.0, memory.value, kept, h.memory_sd)
        memory.share = 1.0 / (1.0 + max(seconds - memory.last, 0.0) / h.recent_scale) if np.isfinite(seconds - memory.last) else 0.0
        memory.recent *= memory.share

    def beyond(self, item: int) -> float:
        """What comes on top of the item's skills: the form of the hour, and what is made of the item."""
        memory = self.memories[item]
        return self.form + memory.value + memory.recent

    def evolve(self, which: list[int], item: int, score: float, seconds: float, p_of_skill: Floats) -> None:
        """What the attempt teaches by its challenge in each skill (n_skills,), what it leaves in mind, and what wanders."""
        h = self.h
        outcome = "exposure" if np.isnan(score) else "right" if score == 1.0 else "wrong"
        gain, lift, meeting, recent = (getattr(h, f"{name}_{outcome}") for name in ("gain", "skill_form", "memory", "recent"))
        rate = 1.0 + h.rate_sd * float(self.factors[-1])
        taught = [
            self.ground.rate[k] * self._ready(k) ** h.gate * (1.0 - h.challenge + h.challenge * 4.0 * p * (1.0 - p))
            for k, p in zip(which, p_of_skill, strict=True)
        ]
        self.form = self._towards(0.0, self.form, h.form_kept, h.form_sd)
        for k, part in zip(which, taught, strict=True):
            skill = self.skills[k]
            skill.n_practised += 1
            share = 1.0 / (1.0 + h.saturation * skill.n_practised)
            massed = h.massing / (1.0 + max(seconds - skill.last, 0.0) / HOUR) if np.isfinite(seconds - skill.last) else 0.0
            skill.ability += gain * rate * share * part * (1.0 - massed) + h.gain_sd * sqrt(share) * self.rng.normal()
            skill.form = self._towards(0.0, skill.form, h.skill_form_kept, h.skill_form_sd) + lift * part
            skill.last = skill.seen = seconds
        memory = self.memories[item]
        memory.value += (1.0 - h.spacing * memory.share) * meeting + h.memory_gain_sd * self.rng.normal()
        memory.recent, memory.step, memory.last = recent, self.n_attempts, seconds
        self.n_attempts, self.last = self.n_attempts + 1, seconds

    def _before(self, k: int) -> list[int]:
        return [int(j) for j in self.ground.before[self.ground.start[k] : self.ground.start[k + 1]]]

    def _ready(self, k: int) -> float:
        """Readiness of what the skill builds on, by its true success then."""
        weakest = 1.0
        for weight, j in zip(self.ground.weight[self.ground.start[k] :], self._before(k), strict=False):
            above = self.skills[j].ability + self.skills[j].form - self.ground.typical[j]
            weakest = min(weakest, 1.0 - weight * (1.0 - float(expit(above))))
        return min(weakest / READY_AT, 1.0)

    def _kept_since(self, skill: _Skill, seconds: float, exponent: float) -> float:
        """Of what was left when the skill was seen: forgetting goes by the time since its last practice, whoever looks in between."""
        return min(self._kept(skill.last, seconds, exponent) / self._kept(skill.last, skill.seen, exponent), 1.0)

    def _kept(self, last: float, seconds: float, exponent: float) -> float:
        """1 where a time is unknown."""
        return float((1.0 + (seconds - last) / self.h.time_scale) ** -exponent) if seconds > last else 1.0

    def _step_kept(self, memory: _Memory) -> float:
        return float(max(self.n_attempts - memory.step, 1) ** -self.h.memory_step_decay)

    def _towards(self, centre: float, value: float, kept: float, sd: float) -> float:
        """One step of a stationary first-order autoregression with this sd."""
        return centre + kept * (value - centre) + sqrt(max(1.0 - kept * kept, 0.0)) * sd * float(self.rng.normal())
