"""The posterior of a learner's abilities after each answer: exactly, by particles, and by the model's own filter."""

from __future__ import annotations

from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
from scipy.special import expit, log_expit
from worlds import Particles, Questions, World

from adaptive.models.columns import Vocabulary
from adaptive.models.state_space import kernel
from adaptive.models.state_space.arrays import SLOPE, Scratch, fresh_learner, fresh_memory
from adaptive.models.state_space.asked import LearnerThen
from adaptive.models.state_space.parameters import SkillTable
from adaptive.models.state_space.simulate import soft_minimum
from adaptive.protocols import Floats

__all__ = ["MOMENTS", "Posterior", "by_filter", "by_particles", "by_quadrature"]

N_NODES = 41
"""Gauss-Hermite nodes of the filter with moments by quadrature."""

_GRID = np.linspace(-6.0, 6.0, 241)
"""Standard normal units of the dense grids, a twentieth apart."""

_MASS = np.exp(-0.5 * _GRID**2) / np.exp(-0.5 * _GRID**2).sum()


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Mean and sd of the lasting abilities after each answer, (n_answers, n_skills), and P(correct) before it, (n_answers,)."""

    mean: Floats
    sd: Floats
    p_correct: Floats

    @classmethod
    def of(cls, world: World) -> Posterior:
        """Room for one learner."""
        size = (world.n_answers, world.n_skills)
        return cls(np.zeros(size), np.zeros(size), np.zeros(world.n_answers))


def by_quadrature(world: World, asked: Questions) -> Posterior:
    """Exact in a static world: given the shared ability the skills are independent, so that two dimensions are enough."""
    if world.share_of_pairs:
        return _in_the_plane(world, asked)
    h, found = world.hyperparameters, Posterior.of(world)
    shared = h.ability_sd * _GRID
    ability = shared[:, None] + (h.skill_sd * _GRID if h.skill_sd else np.zeros(1))  # (n_shared, n_own)
    mass = _MASS if h.skill_sd else np.ones(1)
    log_likelihood = np.zeros((world.n_skills, *ability.shape))
    for n, (j, score) in enumerate(zip(asked.item, asked.score, strict=True)):
        k, logit = asked.skills[j][0], ability - asked.difficulty[j]
        found.p_correct[n] = (expit(logit) * _joint(log_likelihood, mass)[k]).sum()
        log_likelihood[k] += log_expit(logit if score else -logit)
        joint = _joint(log_likelihood, mass)
        found.mean[n] = (joint * ability).sum(axis=(1, 2))
        found.sd[n] = np.sqrt((joint * ability**2).sum(axis=(1, 2)) - found.mean[n] ** 2)
    return found


def _joint(log_likelihood: Floats, mass: Floats) -> Floats:
    """(n_skills, n_shared, n_own) posterior mass of the shared ability and each skill's own."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=(1, 2), keepdims=True))
    of_skill = likelihood @ mass  # (n_skills, n_shared)
    others = np.stack([np.prod(np.delete(of_skill, k, axis=0), axis=0) for k in range(len(of_skill))])
    joint = _MASS[:, None] * others[..., None] * likelihood * mass
    return joint / joint.sum(axis=(1, 2), keepdims=True)


def _in_the_plane(world: World, asked: Questions) -> Posterior:
    """Two skills and items of both: mean and half difference of the abilities are independent."""
    h, found = world.hyperparameters, Posterior.of(world)
    mean, half = np.hypot(h.ability_sd, h.skill_sd / np.sqrt(2.0)) * _GRID[:, None], h.skill_sd / np.sqrt(2.0) * _GRID
    ability = np.stack([mean + half, mean - half], axis=-1)  # (n_mean, n_half, 2)
    mass = np.outer(_MASS, _MASS)
    for n, (j, score) in enumerate(zip(asked.item, asked.score, strict=True)):
        p_correct = expit(soft_minimum(ability[..., asked.skills[j]], h.weakest) - asked.difficulty[j])
        found.p_correct[n] = (mass * p_correct).sum()
        mass = mass * (p_correct if score else 1.0 - p_correct)
        mass /= mass.sum()
        found.mean[n] = np.einsum("ab,abk->k", mass, ability)
        found.sd[n] = np.sqrt(np.einsum("ab,abk->k", mass, ability**2) - found.mean[n] ** 2)
    return found


def by_particles(world: World, asked: Questions, n: int, rng: np.random.Generator) -> Posterior:
    """A bootstrap particle filter with n particles, resampled systematically where half of them carry the weight."""
    particles, weight, found = Particles.drawn(world, n, rng), np.full(n, 1.0 / n), Posterior.of(world)
    for i, (j, score) in enumerate(zip(asked.item.tolist(), asked.score.tolist(), strict=True)):
        p_correct = particles.p_correct(j, asked.skills[j], float(asked.difficulty[j]))
        found.p_correct[i] = weight @ p_correct
        weight = weight * (p_correct if score else 1.0 - p_correct)
        weight /= weight.sum()
        particles.evolve(j, asked.skills[j], score)
        found.mean[i] = weight @ particles.ability
        found.sd[i] = np.sqrt(weight @ particles.ability**2 - found.mean[i] ** 2)
        if 1.0 / (weight @ weight) < n / 2:
            places = (np.arange(n) + rng.random()) / n
            particles.keep(np.minimum(np.searchsorted(np.cumsum(weight), places), n - 1))
            weight = np.full(n, 1.0 / n)
    return found


def by_filter(world: World, asked: Questions, moments: str) -> Posterior:
    """The model's filter, with its moments as they are or by one of the other MOMENTS in their place."""
    if MOMENTS[moments] is None:
        return _filtered(world, asked, kernel.step)
    with patch.object(kernel, "evidence", MOMENTS[moments]):
        return _filtered(world, asked, kernel.step.py_func)


def _filtered(world: World, asked: Questions, step) -> Posterior:  # type: ignore[no-untyped-def]
    h, found = world.hyperparameters, Posterior.of(world)
    ids, ones, edges = tuple(map(str, range(world.n_skills))), np.ones(world.n_skills), np.zeros(0, dtype=np.int64)
    skill_table = SkillTable(Vocabulary(ids), ones, np.zeros((len(ids), 0)), edges, edges, np.zeros(0), ones)
    ground = skill_table.ground(ids, skill_table.fresh(h), np.zeros(len(ids)))
    fresh = ground.fresh
    learner, skills, memories = fresh_learner(fresh.shape[1] - SLOPE, h), fresh.copy(), np.array([fresh_memory(h)] * world.n_items)
    scratch = Scratch.of(len(ids), fresh.shape[1] - SLOPE)
    for n, (j, score) in enumerate(zip(asked.item.tolist(), asked.score.tolist(), strict=True)):
        attempt = (j, score, np.nan, float(asked.difficulty[j]), 0.0, 1.0, 0.0)
        found.p_correct[n] = step(learner, skills, asked.skills[j], ground, memories, attempt, scratch, h)[0]
        lasting = skills.copy()
        lasting[:, 2:4] = 0.0  # without the form of the skill, as the exact posteriors here are
        found.mean[n], variance = LearnerThen(learner, lasting, memories).abilities()
        found.sd[n] = np.sqrt(variance)
    return found


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(N_NODES)


def _evidence_by_quadrature(mean: float, variance: float, guess: float, score: float) -> tuple[float, float, float]:
    """As the kernel's, with E expit(x) by quadrature; no guessing."""
    if guess:
        raise ValueError(f"These worlds have no guessing. Got guess {guess}; use the kernel's own moments.")
    success = expit(mean + np.sqrt(variance) * _NODES)
    weights = _WEIGHTS / _WEIGHTS.sum()
    p_correct = float(weights @ success)
    first, second = weights @ (success * (1.0 - success)), weights @ (success * (1.0 - success) * (1.0 - 2.0 * success))
    sign, p_score = (1.0, p_correct) if score else (-1.0, 1.0 - p_correct)
    slope = sign * first / p_score
    return p_correct, float(slope), float(slope**2 - sign * second / p_score)


def _evidence_by_mackay(mean: float, variance: float, guess: float, score: float) -> tuple[float, float, float]:
    """As the kernel's, with E expit(x) = expit(mean / sqrt(1 + pi variance / 8)) (MacKay 1992); no guessing."""
    if guess:
        raise ValueError(f"These worlds have no guessing. Got guess {guess}; use the kernel's own moments.")
    steep = 1.0 / np.sqrt(1.0 + np.pi / 8.0 * variance)
    success = float(expit(steep * mean))
    return success, steep * (score - success), steep * steep * success * (1.0 - success)


MOMENTS = {"as shipped": None, "Gauss-Hermite": _evidence_by_quadrature, "MacKay": _evidence_by_mackay}
"""Ways to P(correct) and its slopes under a normal logit; None is the kernel's own."""
