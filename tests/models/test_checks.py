from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import count
from typing import Any, Self

import numpy as np
import pytest

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models import MODELS, build_model
from adaptive.models.bkt import Bkt, BktState, ForgettingBkt, Knowledge
from adaptive.models.checks import CHECKS, ContractBroken, Subject, check_model
from adaptive.models.checks.data import PlainData, flipped, tiny_attempts
from adaptive.protocols import AbilityPrior, Draws, Floats, Forecast, Items, Parameters, SkillDraws, Skills
from adaptive.protocols import AttemptTable as Attempts


@cache
def subject_of(name: str) -> Subject:
    return Subject.of(partial(build_model, name))


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", MODELS)
def test_every_model_passes_every_check(name: str, check: str) -> None:
    CHECKS[check](subject_of(name))


class Mutates(Bkt):
    def update(self, state: BktState, attempt: Attempt) -> BktState:
        object.__setattr__(state, "skills", super().update(state, attempt).skills)
        return BktState(state.skills)


class LosesStates(Bkt):
    def encode_state(self, state: BktState) -> dict[str, Any]:
        return {"skills": {id_: [round(known.p_known, 3), known.last_seconds] for id_, known in state.skills.items()}}


class MemoryBkt(Bkt):
    """Keeps what it saw on itself, which no model may."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.seen: list[Attempt] = []

    def update(self, state: BktState, attempt: Attempt) -> BktState:
        self.seen.append(attempt)
        return super().update(state, attempt)


class CountsCalls(MemoryBkt):
    def update(self, state: BktState, attempt: Attempt) -> BktState:
        after = super().update(state, attempt)
        return BktState(after.skills.set("calls", Knowledge(1.0 / len(self.seen), None)))


class RemembersOutcomes(MemoryBkt):
    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        right = np.mean([1.0 if attempt.correct else 0.0 for attempt in self.seen] or [0.5])
        p_correct = np.full(len(items), 0.1 + 0.8 * right)
        return Forecast(p_correct, p_correct, p_correct)


class IsCertain(Bkt):
    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        sound = super().predict(state, items, at)
        return Forecast(np.where(sound.p_correct > 0.5, 1.0, sound.p_correct), sound.low, np.ones(len(items)))


class MissesItsMean(Bkt):
    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        sound = super().predict(state, items, at)
        return Forecast(sound.p_correct, sound.p_correct + 1e-3, sound.high)


class StumblesOnUnknown(Bkt):
    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        sound = super().predict(state, items, at)
        known = np.array([item_id.startswith("q") for item_id in items.item_ids])
        return Forecast(np.where(known, sound.p_correct, np.nan), sound.low, sound.high)


class FlattersItself(Bkt):
    def fit(self, attempts: Attempts, *, seed: int = 0) -> Self:
        fitted = super().fit(attempts, seed=seed)
        fitted.training_log_loss -= 1e-6
        return fitted


class IgnoresItsSeed(Bkt):
    def fit(self, attempts: Attempts, *, seed: int = 0) -> Self:
        fitted = super().fit(attempts, seed=seed)
        fitted.training_log_loss = float(np.random.default_rng().random())
        return fitted


class ForgetsOnSaving(Bkt):
    @classmethod
    def from_parameters(cls, parameters: Parameters) -> Self:
        return cls()


class PunishesSuccess(Bkt):
    def update(self, state: BktState, attempt: Attempt) -> BktState:
        return super().update(state, flipped(attempt) if attempt.is_evidence else attempt)


class IgnoresPlacements(Bkt):
    def initial_state(self, prior: AbilityPrior | None = None) -> BktState:
        return super().initial_state()


class KeepsHistory(Bkt):
    serial = count()

    def update(self, state: BktState, attempt: Attempt) -> BktState:
        return BktState(super().update(state, attempt).skills.set(f"attempt {next(self.serial)}", Knowledge(0.5, None)))


class KeepsItems(Bkt):
    def update(self, state: BktState, attempt: Attempt) -> BktState:
        return BktState(super().update(state, attempt).skills.set(f"item {attempt.item_id}", Knowledge(0.5, None)))


class IsPsychic(Bkt):
    """Knows the outcomes that the shuffled check deals to its learners, in the order in which it is asked."""

    def fit(self, attempts: Attempts, *, seed: int = 0) -> Self:
        fitted, rng = super().fit(attempts, seed=seed), np.random.default_rng(1)
        histories = tiny_attempts(rng, PlainData(n_learners=160, plain=True))
        outcomes = rng.permutation([float(attempt.correct or 0.0) for history in histories for attempt in history])
        fitted.outcomes = iter(outcomes[len(outcomes) // 2 :])  # type: ignore[attr-defined]  # a toy
        return fitted

    def predict(self, state: BktState, items: Items, at: datetime | None) -> Forecast:
        p_correct = np.array([0.4 + 0.2 * next(self.outcomes)])  # type: ignore[attr-defined]  # a toy
        return Forecast(p_correct, p_correct, p_correct)


class LearnsTheOpposite(Bkt):
    def fit(self, attempts: Attempts, *, seed: int = 0) -> Self:
        turned = [flipped(attempt) if attempt.is_evidence else attempt for _, history in attempts.histories() for attempt in history]
        return super().fit(AttemptTable.from_attempts(turned), seed=seed)


class DrawsOne(Bkt):
    def draw(self, state: BktState, items: Items, skills: Skills, **how: Any) -> Draws:  # Any: as the model has them
        return super().draw(state, items, skills, **{**how, "n": 1})


class DrawsTheHopeful(Bkt):
    def draw(self, state: BktState, items: Items, skills: Skills, **how: Any) -> Draws:  # Any: as the model has them
        drawn = super().draw(state, items, skills, **how)
        return replace(drawn, skill_success=0.9 * drawn.skill_success + 0.1)


class DrawsAnew(Bkt):
    def draw(self, state: BktState, items: Items, skills: Skills, **how: Any) -> Draws:  # Any: as the model has them
        return super().draw(state, items, skills, **{**how, "rng": np.random.default_rng()})


class StartsOver(ForgettingBkt):
    def advance(self, state: BktState, to: datetime) -> BktState:
        return self.initial_state()


class ForgetsEachTime(ForgettingBkt):
    def _advanced(self, skill_id: str, knowledge: Knowledge, seconds: float | None) -> Knowledge:
        return Knowledge(0.9 * knowledge.p_known, seconds)


class GainsOnce(Bkt):
    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        return super().expected_gain(draws, items, horizon)[0]


class Unteaches(Bkt):
    def expected_gain(self, draws: Draws, items: Items, horizon: timedelta) -> Floats:
        return super().expected_gain(draws, items, horizon) - 0.01


class UnteachesSkills(Bkt):
    def draw_skills(self, state: BktState, skills: Skills, **how: Any) -> SkillDraws:  # Any: as the model has them
        drawn = super().draw_skills(state, skills, **how)
        return drawn._replace(gain=drawn.gain - 0.01)


class TeachesTooMuch(Bkt):
    def draw_skills(self, state: BktState, skills: Skills, **how: Any) -> SkillDraws:  # Any: as the model has them
        return super().draw_skills(state, skills, **how)._replace(lesson=(1.0, 0.5))


class ReadsNoSeed(Bkt):
    def draw_skills(self, state: BktState, skills: Skills, **how: Any) -> SkillDraws:  # Any: as the model has them
        return super().draw_skills(state, skills, **{**how, "seed": int(np.random.default_rng().integers(1 << 30))})


BROKEN: list[tuple[Callable[[], Bkt], str, str]] = [
    (Mutates, "update_is_pure", "leave its input unchanged"),
    (CountsCalls, "update_is_pure", "depend on its arguments alone"),
    (LosesStates, "states_can_be_written", "give back the state"),
    (CountsCalls, "replay_can_be_resumed", "in two parts"),
    (IsCertain, "forecasts_are_probabilities", r"lie in \(0, 1\)"),
    (MissesItsMean, "forecasts_are_probabilities", "hold its mean"),
    (StumblesOnUnknown, "unknown_ids_work", r"lie in \(0, 1\)"),
    (RemembersOutcomes, "later_attempts_change_no_earlier_forecast", "must not know what comes"),
    (RemembersOutcomes, "learners_are_apart", "each other's forecasts"),
    (CountsCalls, "learners_are_apart", "each other's states"),
    (FlattersItself, "training_loss_is_forecast_loss", "must equal forecast loss"),
    (IgnoresItsSeed, "one_seed_gives_one_fit", "training_log_loss differs"),
    (ForgetsOnSaving, "save_and_load", "must forecast the same"),
    (PunishesSuccess, "correct_answers_never_lower_mastery", "must not lower mastery"),
    (IgnoresPlacements, "higher_placements_give_higher_mastery", "higher placement"),
    (KeepsHistory, "cost_is_independent_of_history_length", "must not grow"),
    (KeepsItems, "cost_is_independent_of_history_length", "must not grow"),
    (IsPsychic, "shuffled_labels_give_no_skill", r"must give AUC \.50"),
    (LearnsTheOpposite, "own_data_is_recovered", "must recover itself"),
    (DrawsOne, "draws_are_of_the_forecast_learner", "a row a draw"),
    (DrawsTheHopeful, "draws_are_of_the_forecast_learner", "the stated mean"),
    (DrawsAnew, "draws_are_of_the_forecast_learner", "one seed must give one draw"),
    (StartsOver, "advancing_is_asking_later", "must answer as the one before"),
    (ForgetsEachTime, "advancing_is_asking_later", "by no time must change nothing"),
    (UnteachesSkills, "draws_of_skills_are_of_the_learner", "not below 0"),
    (TeachesTooMuch, "draws_of_skills_are_of_the_learner", "be 1 at best"),
    (ReadsNoSeed, "draws_of_skills_are_of_the_learner", "one seed must give one draw"),
    (GainsOnce, "expected_gain_is_a_gain", "a column an item"),
    (Unteaches, "expected_gain_is_a_gain", "not below 0"),
]


@pytest.mark.parametrize(("build", "check", "message"), BROKEN)
def test_every_check_can_fail(build: Callable[[], Bkt], check: str, message: str) -> None:
    with pytest.raises(ContractBroken, match=message):
        CHECKS[check](Subject.of(build))


def test_every_check_is_seen_to_fail() -> None:
    assert {check for _, check, _ in BROKEN} == CHECKS.keys()


def test_check_model_runs_all_checks() -> None:
    with pytest.raises(ContractBroken, match="must forecast the same"):
        check_model(ForgetsOnSaving)


def test_a_declared_reason_excuses_a_model_from_the_mastery_check() -> None:
    class Declares(PunishesSuccess):
        why_correct_can_lower_mastery = "an example"

    CHECKS["correct_answers_never_lower_mastery"](Subject.of(Declares))


def test_generated_attempts_are_of_every_kind() -> None:
    attempts = [attempt for history in tiny_attempts(np.random.default_rng(0)) for attempt in history]
    assert {attempt.study for attempt in attempts} == {True, False}
    assert {attempt.is_evidence for attempt in attempts if not attempt.study} == {True, False}
    assert {attempt.correct for attempt in attempts} == {None, 0.0, 0.5, 1.0}
    assert {attempt.occurred_at is None for attempt in attempts} == {True, False}
    assert {len(attempt.skill_ids) for attempt in attempts} == {1, 2}


def test_flipping_turns_every_outcome() -> None:
    attempt = Attempt("a", "ann", "q", ("s",), correct=0.25)
    assert flipped(attempt).correct == 0.75
    assert flipped(replace(attempt, correct=None, study=True)) == replace(attempt, correct=1.0)
