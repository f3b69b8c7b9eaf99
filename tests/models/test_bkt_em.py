"""The filter and the EM counts against an enumeration of every hidden path."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.models.bkt.em import Prior, expect, fit_em, log_prior, maximise
from adaptive.models.bkt.filter import condition, forget, learn, likelihood, p_success
from adaptive.models.bkt.parameters import DAY_ZERO, PARAMETER_NAMES, BktParameters, BktSettings
from adaptive.models.bkt.sequences import SECONDS_A_DAY, Sequences, pack
from adaptive.models.columns import skill_entries
from adaptive.protocols import Codes

EXACT = 1e-5
"""The filter keeps a doubt of 1e-12, which the paths do not; where only 1e-6 of doubt is left, that moves odds by 1e-6."""


@dataclass(frozen=True)
class OneSkill:
    p_init: float = 0.3
    p_learn: float = 0.2
    guess: float = 0.25
    slip: float = 0.1
    forget_rate: float = 0.0

    def as_parameters(self, n_skills: int = 1) -> BktParameters:
        return BktParameters(*(np.full(n_skills, getattr(self, name)) for name in PARAMETER_NAMES))


@dataclass
class Step:
    """One attempt: its score (None: exposure) and the days before it."""

    score: float | None
    days: float = 0.0


@dataclass
class PathCounts:
    """What all hidden paths of a sequence say, weighted by their probability given the answers."""

    log_likelihood: float
    p_known: list[float]
    init: float
    learned: float
    could_learn: float
    guessed: float
    unknown_scored: float
    slipped: float
    known_scored: float
    forgotten: float
    could_forget: float


def enumerate_paths(skill: OneSkill, steps: list[Step]) -> PathCounts:
    """Sum over all paths (known before step t, known after learning at step t), the slow way."""
    totals, known_before = np.zeros(9), np.zeros(len(steps))
    likelihood_of_all = 0.0
    for path in product([False, True], repeat=2 * len(steps) - 1):
        before, after = path[0::2], path[1::2]
        p = skill.p_init if before[0] else 1 - skill.p_init
        counts = np.zeros(9)
        counts[0] = before[0]
        for t, step in enumerate(steps):
            if step.score is not None:
                p_right = 1 - skill.slip if before[t] else skill.guess
                p *= p_right if step.score == 1 else 1 - p_right
                counts[3:7] += [
                    (not before[t]) * step.score,
                    not before[t],
                    before[t] * (1 - step.score),
                    before[t],
                ]
            if t + 1 == len(steps):
                break
            p_learned = 1.0 if before[t] else skill.p_learn
            p *= p_learned if after[t] else 1 - p_learned
            counts[1:3] += [(not before[t]) and after[t], not before[t]]
            kept = np.exp(-skill.forget_rate * steps[t + 1].days) if after[t] else 0.0
            p *= kept if before[t + 1] else 1 - kept
            counts[7:9] += [after[t] and not before[t + 1], after[t]]
        likelihood_of_all += p
        totals += p * counts
    for t in range(len(steps)):
        known_before[t] = _p_known_before(skill, steps[: t + 1])
    totals /= likelihood_of_all
    return PathCounts(float(np.log(likelihood_of_all)), known_before.tolist(), *totals)


def _p_known_before(skill: OneSkill, steps: list[Step]) -> float:
    """P(known before the last step | the answers before it): paths over `before` alone, the last answer unseen."""
    joint = np.zeros(2)
    for path in product([0, 1], repeat=len(steps)):
        p = skill.p_init if path[0] else 1 - skill.p_init
        for t in range(len(steps) - 1):
            score = steps[t].score
            if score is not None:
                p_right = 1 - skill.slip if path[t] else skill.guess
                p *= p_right if score == 1 else 1 - p_right
            p_after = 1.0 if path[t] else skill.p_learn
            p_next = p_after * np.exp(-skill.forget_rate * steps[t + 1].days)
            p *= p_next if path[t + 1] else 1 - p_next
        joint[path[-1]] += p
    return float(joint[1] / joint.sum())


def table_of(histories: list[list[Step]], skill_of: list[int] | None = None) -> Codes:
    """Each history is one learner on one skill; times start at 0."""
    skill_of = skill_of or [0] * len(histories)
    steps = [step for history in histories for step in history]
    learner = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    return Codes(
        learner_ids=tuple(f"l{i}" for i in range(len(histories))),
        item_ids=("q",),
        skill_ids=tuple(f"s{i}" for i in range(max(skill_of) + 1)),
        learner=learner,
        item=np.zeros(len(steps), dtype=np.int64),
        skill=np.array(skill_of, dtype=np.int64)[learner],
        skill_start=np.arange(len(steps) + 1),
        correct=np.array([np.nan if step.score is None else step.score for step in steps]),
        seconds=np.concatenate([np.cumsum([step.days for step in history]) * SECONDS_A_DAY for history in histories]),
        evidence=np.array([step.score is not None for step in steps]),
    )


def sequences_of(histories: list[list[Step]], skill_of: list[int] | None = None) -> Sequences:
    codes = table_of(histories, skill_of)
    return pack(codes, skill_entries(codes))


steps = st.builds(Step, score=st.sampled_from([0.0, 1.0, None]), days=st.sampled_from([0.0, 0.5, 3.0]))
skills = st.builds(
    OneSkill,
    p_init=st.floats(0.05, 0.95),
    p_learn=st.floats(0.01, 0.5),
    guess=st.floats(0.05, 0.5),
    slip=st.floats(0.05, 0.49),
    forget_rate=st.sampled_from([0.0, 0.2]),
)


@given(skills, st.lists(steps, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_pass_equals_an_enumeration_of_all_hidden_paths(skill: OneSkill, history: list[Step]) -> None:
    paths, expected = enumerate_paths(skill, history), expect(sequences_of([history]), skill.as_parameters())
    assert expected.log_likelihood[0] == pytest.approx(paths.log_likelihood, abs=EXACT)
    assert expected.p_known == pytest.approx(paths.p_known, abs=EXACT)
    assert expected.init[0][0] == pytest.approx(paths.init, abs=EXACT)
    found = [float(x[0]) for pair in (expected.learned, expected.guessed, expected.slipped) for x in pair]
    true = [paths.learned, paths.could_learn, paths.guessed, paths.unknown_scored, paths.slipped, paths.known_scored]
    assert found == pytest.approx(true, abs=EXACT)


@given(skills.map(lambda skill: OneSkill(forget_rate=0.3, p_learn=skill.p_learn)), st.lists(steps, min_size=2, max_size=5))
@settings(max_examples=30, deadline=None)
def test_forgettings_equal_an_enumeration_of_all_hidden_paths(skill: OneSkill, history: list[Step]) -> None:
    times, _ = expect(sequences_of([history]), skill.as_parameters()).forgotten
    assert times[0] == pytest.approx(enumerate_paths(skill, history).forgotten, abs=EXACT)


@given(skills, st.lists(steps, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_step_by_step_filter_equals_an_enumeration_of_all_hidden_paths(skill: OneSkill, history: list[Step]) -> None:
    p_known = skill.p_init
    for t, step in enumerate(history):
        if t:
            p_known = float(forget(p_known, skill.forget_rate, step.days))
        assert p_known == pytest.approx(_p_known_before(skill, history[: t + 1]), abs=EXACT)
        if step.score is not None:
            p_known = condition(p_known, likelihood(step.score, 1 - skill.slip), likelihood(step.score, skill.guess))
        p_known = learn(p_known, skill.p_learn)


@given(st.lists(st.lists(steps, min_size=1, max_size=6), min_size=1, max_size=8), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_packing_many_sequences_changes_nothing(histories: list[list[Step]], n_skills: int) -> None:
    skill_of = [i % n_skills for i in range(len(histories))]
    parameters = OneSkill(forget_rate=0.1).as_parameters(n_skills)
    sequences = sequences_of(histories, skill_of)
    together = expect(sequences, parameters)
    alone = [expect(sequences_of([history]), OneSkill(forget_rate=0.1).as_parameters()) for history in histories]
    by_entry = np.empty(len(together.p_known))
    by_entry[sequences.entry] = together.p_known
    assert by_entry == pytest.approx(np.concatenate([expected.p_known for expected in alone]), abs=1e-12)
    for skill in range(n_skills):
        own = [expected for expected, of in zip(alone, skill_of, strict=True) if of == skill]
        assert together.log_likelihood[skill] == pytest.approx(sum(float(e.log_likelihood[0]) for e in own), abs=1e-9)
        assert together.learned[0][skill] == pytest.approx(sum(float(e.learned[0][0]) for e in own), abs=1e-9)


@given(st.lists(st.lists(steps, min_size=1, max_size=8), min_size=2, max_size=10), st.booleans(), st.sampled_from([0.0, 5.0]))
@settings(max_examples=40, deadline=None)
def test_no_round_lowers_the_objective(histories: list[list[Step]], forgetting: bool, shrinkage: float) -> None:
    sequences = sequences_of(histories)
    chosen, prior = BktSettings(forgetting=forgetting), Prior(DAY_ZERO, shrinkage)
    now = OneSkill(forget_rate=0.05 if forgetting else 0.0).as_parameters()
    before = -np.inf
    for _ in range(6):
        expected = expect(sequences, now)
        objective = float((expected.log_likelihood + log_prior(now, prior, chosen))[0])
        assert objective >= before - 1e-6, "EM raises likelihood times prior, but for the filter's doubt"
        before, now = objective, maximise(expected, now, prior, chosen)


@given(st.lists(st.lists(steps, min_size=1, max_size=8), min_size=1, max_size=10))
@settings(max_examples=30, deadline=None)
def test_fits_stay_within_the_bounds_that_keep_mastery_from_falling(histories: list[list[Step]]) -> None:
    fitted = fit_em(sequences_of(histories), Prior(DAY_ZERO, 0.0), BktSettings(n_iterations=30))
    assert fitted.guess[0] <= 0.5
    assert fitted.slip[0] <= BktSettings().slip_max
    for name in PARAMETER_NAMES[:4]:
        assert 0.0 < getattr(fitted, name)[0] < 1.0


def drawn(skill: OneSkill, n_learners: int, n_steps: int, rng: np.random.Generator, days: float = 0.0) -> list[list[Step]]:
    known = rng.random(n_learners) < skill.p_init
    histories: list[list[Step]] = [[] for _ in range(n_learners)]
    for step in range(n_steps):
        gap = days if step else 0.0
        known &= rng.random(n_learners) < np.exp(-skill.forget_rate * gap)
        right = rng.random(n_learners) < np.where(known, 1 - skill.slip, skill.guess)
        for history, score in zip(histories, right, strict=True):
            history.append(Step(float(score), gap))
        known |= rng.random(n_learners) < skill.p_learn
    return histories


def test_parameters_of_drawn_data_are_recovered() -> None:
    """4,000 learners x 8 answers: standard errors are below .012, so .05 is four of them and more."""
    true = OneSkill(p_init=0.35, p_learn=0.15, guess=0.2, slip=0.1)
    fitted = fit_em(sequences_of(drawn(true, 4000, 8, np.random.default_rng(3))), Prior(DAY_ZERO, 0.0), BktSettings())
    for name in PARAMETER_NAMES[:4]:
        assert getattr(fitted, name)[0] == pytest.approx(getattr(true, name), abs=0.05), name


def test_a_rate_of_forgetting_is_recovered() -> None:
    """2,000 learners x 10 answers two days apart: the rate's standard error is below .01 a day."""
    true = OneSkill(p_init=0.5, p_learn=0.3, guess=0.15, slip=0.05, forget_rate=0.08)
    histories = drawn(true, 2000, 10, np.random.default_rng(4), days=2.0)
    fitted = fit_em(sequences_of(histories), Prior(DAY_ZERO, 0.0), BktSettings(forgetting=True, tolerance=1e-8, n_iterations=500))
    assert fitted.forget_rate[0] == pytest.approx(0.08, abs=0.03)


def test_the_best_start_is_chosen_skill_by_skill() -> None:
    """Two skills of opposite kinds, fitted together, end where each ends alone."""
    rng = np.random.default_rng(5)
    early, late = (drawn(OneSkill(p_init=p), 400, 6, rng) for p in (0.9, 0.05))
    settings_ = BktSettings(tolerance=1e-9, n_iterations=400)
    together = fit_em(sequences_of(early + late, [0] * 400 + [1] * 400), Prior(DAY_ZERO.take(np.zeros(2, dtype=np.int64)), 5.0), settings_)
    for skill, histories in enumerate((early, late)):
        alone = fit_em(sequences_of(histories), Prior(DAY_ZERO, 5.0), settings_)
        assert together.p_init[skill] == pytest.approx(alone.p_init[0], abs=0.01)


def test_starts_can_be_given_skill_by_skill() -> None:
    """A start from which nothing is known nor learned for many rounds; beside it a good one, for the second skill only."""
    histories = drawn(OneSkill(p_init=0.2, p_learn=0.3), 300, 6, np.random.default_rng(6))
    sequences = sequences_of(histories + histories, [0] * 300 + [1] * 300)
    prior = Prior(DAY_ZERO.take(np.zeros(2, dtype=np.int64)), 0.0)
    settings_ = BktSettings(least=1e-9, n_trial_rounds=3, n_iterations=1, tolerance=1e-9)
    poor, mixed = (1e-9, 1e-9, 0.4, 0.1), (np.array([1e-9, 0.3]), np.array([1e-9, 0.2]), np.array([0.4, 0.2]), np.array([0.1, 0.1]))
    only_poor = expect(sequences, fit_em(sequences, prior, settings_, [poor])).log_likelihood
    both = expect(sequences, fit_em(sequences, prior, settings_, [poor, mixed])).log_likelihood
    assert both[0] == pytest.approx(only_poor[0], abs=1e-6)
    assert both[1] > only_poor[1] + 5.0


def test_success_mixes_guess_and_slip() -> None:
    np.testing.assert_allclose(p_success(np.array([0.0, 1.0]), np.array([0.2, 0.2]), np.array([0.1, 0.1])), [0.2, 0.9])


def test_an_empty_table_packs_to_nothing() -> None:
    codes = table_of([[Step(1.0)]])
    empty = Codes(
        learner_ids=(), item_ids=(), skill_ids=(), learner=codes.learner[:0], item=codes.item[:0], skill=codes.skill[:0],
        skill_start=np.zeros(1, dtype=np.int64), correct=codes.correct[:0], seconds=codes.seconds[:0], evidence=codes.evidence[:0],
    )  # fmt: skip
    sequences = pack(empty, skill_entries(empty))
    assert sequences.n_sequences == 0
    assert len(sequences.entry) == 0
