"""Learners who practise and learn: what is shown now changes what they can do, and are shown, later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, softmax

from adaptive.evaluation.off_policy import Choices
from adaptive.protocols import Floats, Ints

FLOOR = 0.10


@dataclass(frozen=True)
class Practice:
    """Five days of four items, over six skills; both policies know each P(correct) to within some noise.

    An attempt raises its skill by up to `gain` logits, most where P(correct) is near .6; a night takes `loss` of what was gained. The
    reward is the next answer on the same skill at least a day later, by the log's own policy: not seen where none comes.
    """

    n_skills: int = 6
    n_days: int = 5
    per_day: int = 4
    gain: float = 0.6
    loss: float = 0.1
    noise: float = 0.4
    logged_aim: float = 0.75
    target_aim: float = 0.55
    width: float = 0.15

    @property
    def n_steps(self) -> int:
        return self.n_days * self.per_day


@dataclass(frozen=True)
class Run:
    """Every step of every learner, (n_learners, n_steps) and, of distributions and features, with skills and features behind."""

    skill: Ints
    correct: Floats
    p_logged: Floats
    p_target: Floats
    features: Floats


def play(practice: Practice, n: int, rng: np.random.Generator, *, deviate_at: Ints | None = None) -> Run:
    """n learners by the log's policy; at step `deviate_at` (n,) the target's choice is taken once instead."""
    start = rng.normal(-0.5, 1.0, (n, 1)) + rng.normal(0.0, 0.7, (n, practice.n_skills))
    learned, rows = np.zeros_like(start), np.arange(n)
    steps = []
    for step in range(practice.n_steps):
        if step and step % practice.per_day == 0:
            learned *= 1.0 - practice.loss
        p = expit(start + learned)
        seen = expit(start + learned + rng.normal(0.0, practice.noise, p.shape))
        logged, target = (_policy(seen, aim, practice.width) for aim in (practice.logged_aim, practice.target_aim))
        by = logged if deviate_at is None else np.where((deviate_at == step)[:, None], target, logged)
        skill = np.minimum(np.sum(np.cumsum(by, axis=1) < rng.random((n, 1)), axis=1), practice.n_skills - 1)
        correct = (rng.random(n) < p[rows, skill]).astype(np.float64)
        learned[rows, skill] += practice.gain * np.exp(-0.5 * ((p[rows, skill] - 0.6) / 0.2) ** 2)
        features = np.stack([seen, seen**2, np.full_like(seen, step / practice.n_steps)], axis=-1)
        steps.append((skill, correct, logged, target, features))
    return Run(*(np.stack(column, axis=1) for column in zip(*steps, strict=True)))


def rewards(practice: Practice, run: Run) -> Floats:
    """(n_learners, n_steps): the next answer on the same skill on a later day, NaN where there is none."""
    found = np.full(run.skill.shape, np.nan)
    day = np.arange(practice.n_steps) // practice.per_day
    for step in range(practice.n_steps):
        for later in reversed(range(step + 1, practice.n_steps)):
            if day[later] > day[step]:
                found[:, step] = np.where(run.skill[:, later] == run.skill[:, step], run.correct[:, later], found[:, step])
    return found


def draw_practice(practice: Practice, n: int, rng: np.random.Generator) -> tuple[Choices, Floats]:
    """The decisions of n learners as a log, and their rewards."""
    run = play(practice, n, rng)
    flat = [column.reshape(n * practice.n_steps, *column.shape[2:]) for column in (run.skill, run.p_logged, run.p_target, run.features)]
    skill, p_logged, p_target, features = flat
    rows = np.arange(len(skill))
    choices = Choices(
        learner=np.repeat(np.arange(n), practice.n_steps),
        propensity=p_logged[rows, skill],
        p_target=p_target[rows, skill],
        unsupported=np.zeros(len(rows)),
        features=features[rows, skill],
        target_features=np.einsum("na,naf->nf", p_target, features),
    )
    return choices, rewards(practice, run).reshape(-1)


def deviation_value(practice: Practice, rng: np.random.Generator, *, n_learners: int) -> tuple[float, float]:
    """Mean reward, where seen, of one choice by the target at a step drawn evenly, then practice as in the log; and its standard error."""
    seen: list[Floats] = []
    for _ in range(20):
        at = rng.integers(practice.n_steps, size=n_learners // 20)
        found = rewards(practice, play(practice, len(at), rng, deviate_at=at))[np.arange(len(at)), at]
        seen.append(found[~np.isnan(found)])
    all_seen = np.concatenate(seen)
    return float(all_seen.mean()), float(all_seen.std() / np.sqrt(len(all_seen)))


def _policy(p_correct: Floats, aim: float, width: float) -> Floats:
    wanted: Floats = softmax(-0.5 * ((p_correct - aim) / width) ** 2, axis=1)
    return (1.0 - FLOOR) * wanted + FLOOR / p_correct.shape[1]
