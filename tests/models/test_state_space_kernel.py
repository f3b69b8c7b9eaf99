"""The compiled formula against the same lines in plain Python, and against filters written the slow way."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from adaptive.domain import READY_AT
from adaptive.models.state_space import DAY_ZERO, OFF, Hyperparameters, evidence, kernel, memory, soft_minimum, teaching
from adaptive.models.state_space.arrays import (
    HOUR,
    MOST_MEMORIES,
    Difficulty,
    Ground,
    Rows,
    Scratch,
    Sums,
    Trace,
    fresh_learner,
    fresh_memory,
)
from adaptive.models.state_space.expit_mixture import SHARES, STEEPNESS, mean_expit
from adaptive.protocols import Floats

N_SKILLS, N_ITEMS, N_FACTORS = 4, 12, 2

TIMELESS = ("skill_forgetting", "skill_form_forgetting", "memory_forgetting", "form_forgetting", "memory_step_decay")


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    """The files of the kernel executed without its compiler, under other names."""
    numba.config.DISABLE_JIT = True
    try:
        of_evidence, of_memory, of_blend, of_teaching, of_kernel = (
            executed(str(module.__file__)) for module in (evidence, memory, soft_minimum, teaching, kernel)
        )
    finally:
        numba.config.DISABLE_JIT = False
    of_kernel.evidence = of_evidence.evidence  # type: ignore[attr-defined]  # in the place of the compiled one
    of_teaching.kept_after = of_memory.kept_after  # type: ignore[attr-defined]
    of_kernel.teach = of_teaching.teach  # type: ignore[attr-defined]
    for name in ("age_memory", "by_outcome", "kept_after", "met_before", "remember", "still_there"):
        setattr(of_kernel, name, getattr(of_memory, name))
    for name in ("blend", "expect", "towards"):
        setattr(of_kernel, name, getattr(of_blend, name))
    return of_kernel


def executed(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_rows(rng: np.random.Generator, n: int, *, n_items: int = N_ITEMS, most_skills: int = 3) -> Rows:
    """Two learners, every kind of row: exposure, fractions, unknown times, one to three skills."""
    skills = [rng.permutation(N_SKILLS)[: rng.integers(1, most_skills + 1)] for _ in range(n)]
    score = rng.choice([0.0, 1.0, 0.4, np.nan], size=n)
    seconds = np.where(rng.random(n) < 0.8, np.cumsum(rng.exponential(scale=3000.0, size=n)), np.nan)
    start = np.concatenate([[0], np.cumsum([len(run) for run in skills])]).astype(np.int64)
    learner = (np.arange(n) >= n // 2).astype(np.int64)
    return Rows(learner, rng.integers(n_items, size=n), np.concatenate(skills).astype(np.int64), start, score, seconds)


def random_items(rng: np.random.Generator, n: int, guess: float) -> Difficulty:
    variance, steep_variance = rng.uniform(0.0, 1.0, size=n), rng.uniform(0.0, 0.2, size=n)
    covariance = rng.uniform(-1.0, 1.0, size=n) * np.sqrt(variance * steep_variance)
    return Difficulty(rng.normal(size=n), variance, rng.uniform(0.5, 2.0, size=n), steep_variance, covariance, np.full(n, guess))


def fresh_rows(h: Hyperparameters, rng: np.random.Generator, n_factors: int = N_FACTORS) -> Floats:
    rows = np.zeros((N_SKILLS, 6 + n_factors))
    rows[:, 1], rows[:, 3], rows[:, 5] = h.skill_sd**2, h.skill_form_sd**2, -np.inf
    rows[:, 6:] = rng.normal(size=(N_SKILLS, n_factors))
    return rows


def related(fresh: Floats, rng: np.random.Generator) -> Ground:
    """The second skill builds on the first, the third on both; typical items and rates at random."""
    edges = np.array([0, 0, 1]), np.array([0, 0, 1, 3, 3]), np.array([1.0, 0.5, 0.8])
    return Ground(fresh, *edges, rng.normal(size=N_SKILLS), np.exp(0.3 * rng.normal(size=N_SKILLS)))


def unrelated(fresh: Floats) -> Ground:
    nothing = np.zeros(0, dtype=np.int64)
    return Ground(fresh, nothing, np.zeros(len(fresh) + 1, dtype=np.int64), np.zeros(0), np.zeros(len(fresh)), np.ones(len(fresh)))


@pytest.mark.parametrize("guess", [0.0, 0.25])
def test_compiled_and_plain_tables_agree(plain: ModuleType, guess: float) -> None:
    """To 1e-9: the compiler may fuse a multiplication with an addition, and sums then differ in their last digits."""
    rng = np.random.default_rng(0)
    rows, ground, h = random_rows(rng, 400), related(fresh_rows(DAY_ZERO, rng), rng), DAY_ZERO._replace(gate=1.7)
    items, newcomer = random_items(rng, 400, guess), fresh_learner(N_FACTORS, h)
    outcomes = []
    for module in (kernel, plain):
        trace, sums = Trace.of(400), Sums.of(N_ITEMS)
        module.table(rows, items, ground, newcomer, h, trace, sums)
        outcomes.append((*trace, *sums))
    for compiled, slow in zip(*outcomes, strict=True):
        np.testing.assert_allclose(compiled, slow, rtol=1e-9, atol=1e-9)
    assert np.ptp(outcomes[0][0]) > 0.3


def test_compiled_and_plain_tables_forget_the_same_items(plain: ModuleType) -> None:
    rng, n = np.random.default_rng(1), 2 * MOST_MEMORIES + 200
    rows = random_rows(rng, n, n_items=n)._replace(item=np.concatenate([np.arange(n - 60), np.arange(60)]), learner=np.zeros(n, np.int64))
    h, items = DAY_ZERO._replace(memory_right=1.0, memory_step_decay=0.0), random_items(rng, n, 0.0)
    ground, logits = related(fresh_rows(h, rng), rng), []
    for module in (kernel, plain):
        trace = Trace.of(n)
        module.table(rows, items, ground, fresh_learner(N_FACTORS, h), h, trace, Sums.of(n))
        logits.append(trace.logit)
    np.testing.assert_allclose(logits[0], logits[1], rtol=0, atol=1e-9)


def test_compiled_and_plain_answers_agree(plain: ModuleType) -> None:
    rng = np.random.default_rng(2)
    h, fresh = DAY_ZERO, fresh_rows(DAY_ZERO, rng)
    skills, learner = fresh.copy(), fresh_learner(N_FACTORS, h)
    skills[:, 0], skills[:, 5], learner[3] = rng.normal(size=N_SKILLS), 1000.0, 1000.0
    memories = np.tile(fresh_memory(h), (5, 1))
    memories[:, 0], memories[:, 3] = rng.normal(size=5), 500.0
    memories[:, 4] = rng.normal(size=5)
    found = []
    for module in (kernel, plain):
        vector, rows, met = learner.copy(), skills.copy(), memories.copy()
        module.age(vector, rows, fresh, met, 9e5, h)
        skill, start = np.array([0, 1, 2, 3, 0, 2], dtype=np.int64), np.array([0, 1, 3, 4, 5, 6], dtype=np.int64)
        items = random_items(np.random.default_rng(3), 5, 0.1)
        of_items = module.logits(vector, rows, skill, start, np.arange(len(start) - 1), met, items, h.weakest)
        of_items = (*of_items, module.success(*of_items, items.guess))
        found.append([vector, rows, met, *of_items])
    assert not np.allclose(found[0][1], skills)
    for compiled, slow in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, slow, rtol=1e-9, atol=1e-9)


class Dense:
    """One covariance matrix over (u, every skill, every skill's form, form of the hour, every memory): the filter the slow way.

    Forms and memories are kept apart from the rest after each answer, as the model says; the rest is exact. The last of u is the rate
    of learning, by which what is gained varies.
    """

    def __init__(self, h: Hyperparameters, ground: Ground) -> None:
        fresh = ground.fresh
        self.h, self.ground, self.r = h, ground, fresh.shape[1] - 6
        slopes = fresh[:, 6:]
        lasting = np.block([[np.eye(self.r), slopes.T], [slopes, slopes @ slopes.T + np.diag(fresh[:, 1])]])
        passing = [*fresh[:, 3], h.form_sd**2, *np.full(N_ITEMS, h.memory_sd**2)]
        self.n_lasting = len(lasting)
        self.mean, self.cov = np.zeros(self.n_lasting + len(passing)), np.diag([*np.zeros(self.n_lasting), *passing])
        self.cov[: self.n_lasting, : self.n_lasting] = lasting
        self.practised, self.left_in_mind, self.met_at = np.zeros(N_SKILLS), np.zeros(N_ITEMS), np.full(N_ITEMS, -np.inf)
        self.practised_at = np.full(N_SKILLS, -np.inf)

    def step(self, skill: int, item: int, score: float, seconds: float, known: tuple[float, ...]) -> tuple[float, float]:
        """Mean and variance of the logit before the answer."""
        difficulty, unsure, steepness, *_ = known
        places = [self.r + skill, self.n_lasting + skill, self.n_lasting + N_SKILLS, self.n_lasting + N_SKILLS + 1 + item]
        on = np.zeros(len(self.mean))
        on[places] = steepness
        since = seconds - self.met_at[item]
        share = 1.0 / (1.0 + since / self.h.recent_scale) if np.isfinite(since) else 0.0
        logit = on @ self.mean - steepness * (difficulty - share * self.left_in_mind[item])
        variance = on @ self.cov @ on + steepness**2 * unsure
        taught = self._taught(skill, float(logit), float(variance))
        if not np.isnan(score):
            slope, curvature = exact_derivatives(logit, variance, score)
            towards = self.cov @ on
            self.mean = self.mean + towards * slope
            self.cov = self.cov - np.outer(towards, towards) * curvature
            self.cov[self.n_lasting :, :] = np.diag(np.diag(self.cov))[self.n_lasting :, :]
            self.cov[: self.n_lasting, self.n_lasting :] = 0.0
        self._evolve(places, score, seconds, taught, 1.0 - self.h.spacing * share)
        self.left_in_mind[item] = by_outcome(score, self.h.recent_right, self.h.recent_wrong, self.h.recent_exposure)
        self.met_at[item] = -np.inf if np.isnan(seconds) else seconds
        return float(logit), float(variance)

    def _taught(self, skill: int, logit: float, variance: float) -> float:
        """The share of a gain at its best, by the skill's rate, challenge, and readiness at the mean abilities."""
        h, ground, root = self.h, self.ground, np.sqrt(1.0 + np.pi / 8.0 * variance)
        p = expit(logit / root)
        weakest = 1.0
        for e in range(ground.start[skill], ground.start[skill + 1]):
            k, on = ground.before[e], np.zeros(len(self.mean))
            on[[self.r + k, self.n_lasting + k]] = 1.0
            weakest = min(weakest, 1.0 - ground.weight[e] * (1.0 - expit(on @ self.mean - ground.typical[k])))
        ready = min(weakest / READY_AT, 1.0) ** h.gate
        return float(ground.rate[skill] * ready * (1.0 - h.challenge + h.challenge * 4.0 * p * (1.0 - p) / root))

    def _evolve(self, places: list[int], score: float, seconds: float, taught: float, spaced: float) -> None:
        h, (ability, form, hour, memory) = self.h, places
        skill, since = ability - self.r, seconds - self.practised_at[ability - self.r]
        self.practised[skill] += 1
        self.practised_at[skill] = -np.inf if np.isnan(seconds) else seconds
        share = 1.0 / (1.0 + h.saturation * self.practised[skill])
        massed = h.massing / (1.0 + since / HOUR) if np.isfinite(since) else 0.0
        gained = by_outcome(score, h.gain_right, h.gain_wrong, h.gain_exposure) * share * taught * (1.0 - massed)
        moved = np.eye(len(self.mean))
        moved[ability, self.r - 1] += gained * h.rate_sd
        self.mean = moved @ self.mean
        self.mean[ability] += gained
        self.cov = moved @ self.cov @ moved.T
        self.cov[ability, ability] += h.gain_sd**2 * share
        for place, kept, sd in ((form, h.skill_form_kept, h.skill_form_sd), (hour, h.form_kept, h.form_sd)):
            self.mean[place] *= kept
            self.cov[place, place] = kept**2 * self.cov[place, place] + (1 - kept**2) * sd**2
        self.mean[form] += taught * by_outcome(score, h.skill_form_right, h.skill_form_wrong, h.skill_form_exposure)
        self.mean[memory] += spaced * by_outcome(score, h.memory_right, h.memory_wrong, h.memory_exposure)
        self.cov[memory, memory] += h.memory_gain_sd**2


def by_outcome(score: float, right: float, wrong: float, exposure: float) -> float:
    return exposure if np.isnan(score) else score * right + (1 - score) * wrong


def rough_derivatives(mean: float, variance: float, score: float) -> tuple[float, float]:
    """Slope and negated curvature of the log likelihood, by finite differences."""

    def log_z(at: float) -> float:
        p = float(mean_expit(np.array([at]), np.array([variance]))[0])
        q = float(mean_expit(np.array([-at]), np.array([variance]))[0])
        return float(score * np.log(p) + (1 - score) * np.log(q))

    d = 1e-4
    low, mid, high = log_z(mean - d), log_z(mean), log_z(mean + d)
    return (high - low) / (2 * d), -(high - 2 * mid + low) / d**2


def exact_derivatives(mean: float, variance: float, score: float) -> tuple[float, float]:
    """The same in closed form, vectorised over the mixture."""
    shares, steepness = np.array(SHARES), np.array(STEEPNESS)
    steep = steepness / np.sqrt(1 + steepness**2 * variance)
    density = shares * steep * np.exp(-0.5 * (steep * mean) ** 2) / np.sqrt(2 * np.pi)
    p = mean_expit(np.array([mean, -mean]), np.full(2, variance))
    first, second = density.sum(), -(density * steep**2 * mean).sum()
    slope = score * first / p[0] - (1 - score) * first / p[1]
    return slope, score * ((first / p[0]) ** 2 - second / p[0]) + (1 - score) * ((first / p[1]) ** 2 + second / p[1])


@given(st.floats(-6, 6), st.floats(0.05, 9), st.sampled_from([0.0, 0.3, 1.0]))
def test_the_oracle_differentiates_rightly(mean: float, variance: float, score: float) -> None:
    """To 1e-6 (slope) and 1e-4 (curvature): rounding over the step, and over its square."""
    near, exact = rough_derivatives(mean, variance, score), exact_derivatives(mean, variance, score)
    assert near[0] == pytest.approx(exact[0], abs=1e-6)
    assert near[1] == pytest.approx(exact[1], abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_filter_is_a_dense_filter_where_items_have_one_skill(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 150
    h = DAY_ZERO._replace(**dict.fromkeys(TIMELESS, 0.0), gain_right=0.5, gain_wrong=0.3, rate_sd=0.8, challenge=0.6, massing=0.5, gate=1.4)
    rows = random_rows(rng, n, most_skills=1)._replace(learner=np.zeros(n, np.int64))
    items, ground = random_items(rng, n, 0.0), related(fresh_rows(h, rng), rng)
    trace = Trace.of(n)
    kernel.table(rows, items, ground, fresh_learner(N_FACTORS, h), h, trace, Sums.of(N_ITEMS))
    dense = Dense(h, ground)
    known = np.stack(items, axis=1).tolist()
    slow = [dense.step(int(rows.skill[i]), int(rows.item[i]), rows.score[i], rows.seconds[i], tuple(known[i])) for i in range(n)]
    np.testing.assert_allclose(trace.logit, [logit for logit, _ in slow], rtol=0, atol=1e-9)
    np.testing.assert_allclose(trace.variance, [variance for _, variance in slow], rtol=0, atol=1e-9)


def test_items_alike_in_skills_are_forecast_as_one_by_one() -> None:
    """To the bit, whether met or not, and whatever their place."""
    rng, h = np.random.default_rng(4), DAY_ZERO._replace(weakest=3.0)
    skills, learner = fresh_rows(h, rng), fresh_learner(N_FACTORS, h)
    memories = np.tile(fresh_memory(h), (6, 1))
    memories[[1, 3, 5], 4] = rng.normal(size=3)
    skill, start = np.array([0, 1, 2, 0, 1, 2, 1, 2, 1], dtype=np.int64), np.array([0, 2, 3, 5, 6, 8, 9], dtype=np.int64)
    items, alike = random_items(rng, 6, 0.1), np.array([0, 1, 0, 1, 4, 5])
    apart, shared = (kernel.logits(learner, skills, skill, start, each, memories, items, h.weakest) for each in (np.arange(6), alike))
    np.testing.assert_array_equal(shared, apart)
    assert len(np.unique(shared[0])) == 6


def test_two_skills_of_an_item_keep_their_margins() -> None:
    """One answer on a compensatory item: each skill's mean and variance are those of the joint posterior, to 1e-9."""
    h = OFF._replace(ability_sd=0.0, skill_sd=1.0)
    fresh = np.array([[0.3, 0.7, 0.0, 0.0, 0.0, -np.inf, 0.5], [-0.2, 1.1, 0.0, 0.0, 0.0, -np.inf, 0.8]])
    skills, learner, which = fresh.copy(), fresh_learner(1, h), np.arange(2)
    seen = (0, 1.0, np.nan, 0.4, 0.0, 1.3, 0.0)
    kernel.step(learner, skills, which, unrelated(fresh), np.array([fresh_memory(h)]), seen, Scratch.of(2, 1), h)
    covariance = np.outer([0.5, 0.8], [0.5, 0.8]) + np.diag([0.7, 1.1])
    on = 1.3 * np.array([0.5, 0.5])
    logit, variance = on @ np.array([0.3, -0.2]) - 1.3 * 0.4, on @ covariance @ on
    slope, curvature = exact_derivatives(float(logit), float(variance), 1.0)
    mean = np.array([0.3, -0.2]) + covariance @ on * slope
    left = covariance - np.outer(covariance @ on, covariance @ on) * curvature
    u, p = learner[4], learner[5]
    np.testing.assert_allclose(skills[:, 0] + skills[:, 6] * u, mean, atol=1e-9)
    np.testing.assert_allclose(skills[:, 1] + skills[:, 6] ** 2 * p, np.diag(left), atol=1e-9)
