"""Forecasts of a fold against the same made step by step, and what must not enter them."""

from datetime import datetime
from functools import partial
from typing import Self

import numpy as np
import pytest

from adaptive.datasets import AttemptTable, Fold, learner_folds
from adaptive.domain import Attempt
from adaptive.evaluation.crossvalidation import Evaluation, evaluate, evaluate_fold, shuffle_labels
from adaptive.models import build_model
from adaptive.models.baseline import Baseline, BaselineState
from adaptive.protocols import Forecast, Items

MODELS = ["baseline", "logistic", "bkt"]


def evaluated(table: AttemptTable, name: str, n_folds: int = 3, seed: int = 0) -> Evaluation:
    return evaluate(partial(build_model, name), learner_folds(table, n_folds), data_sha256=table.data_sha256, seed=seed)


@pytest.mark.parametrize("name", MODELS)
def test_each_forecast_is_the_models_before_the_answer_is_used(table: AttemptTable, name: str) -> None:
    fold = learner_folds(table, 3)[0]
    found = evaluate_fold(build_model(name), fold, seed=5).predictions
    fitted = build_model(name).fit(fold.train, seed=5)
    expected = {}
    for _, history in fold.test.histories():
        state = fitted.initial_state()
        for attempt in history:
            if attempt.is_evidence:
                expected[attempt.sequence] = fitted.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), None).p_correct[0]
            state = fitted.update(state, attempt)
    assert dict(zip(found.row.tolist(), found.p_correct.tolist(), strict=True)) == expected


def test_folds_score_each_scored_attempt_of_the_table_once(table: AttemptTable) -> None:
    evaluation = evaluated(table, "baseline", n_folds=4)
    rows = np.concatenate([result.predictions.row for result in evaluation.folds])
    scored = [attempt.sequence for _, history in table.histories() for attempt in history if attempt.is_evidence]
    assert sorted(rows.tolist()) == sorted(scored)
    assert [result.metrics.fold for result in evaluation.folds] == ["0", "1", "2", "3"]
    assert evaluation.model == "baseline"


@pytest.mark.parametrize("name", MODELS)
def test_answers_of_test_learners_do_not_enter_the_fit(table: AttemptTable, name: str) -> None:
    fold = learner_folds(table, 3)[0]
    flipped = Fold(fold.name, fold.train, AttemptTable(fold.test.frame.with_columns(correct=1 - fold.test.frame["correct"])))
    before, after = (evaluate_fold(build_model(name), each).predictions for each in (fold, flipped))
    first = before.position == 1
    assert first.any()
    assert np.array_equal(before.p_correct[first], after.p_correct[first])
    assert np.array_equal(before.correct, 1 - after.correct)


def test_known_learners_start_from_their_past_and_test_answers_do_not_update_it(table: AttemptTable) -> None:
    is_late = np.arange(len(table)) % 5 == 0
    train, test = table.select(~is_late), table.select(is_late)
    found = evaluate_fold(build_model("logistic"), Fold("test", train, test, known_learners=True)).predictions
    fitted, past = build_model("logistic").fit(train), dict(train.histories())
    expected = []
    for learner_id, history in test.histories():
        state = fitted.initial_state()
        for attempt in past[learner_id]:
            state = fitted.update(state, attempt)
        asked = [attempt for attempt in history if attempt.is_evidence]
        expected += [fitted.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), None).p_correct[0] for attempt in asked]
    assert found.p_correct.tolist() == expected
    met = {(attempt.learner_id, attempt.item_id) for history in past.values() for attempt in history}
    on_met = [(a.learner_id, a.item_id) in met for _, history in test.histories() for a in history if a.is_evidence]
    assert any(on_met)
    assert not (found.first_encounter & on_met).any()
    assert found.position.min() > min(len(history) for history in past.values())


@pytest.mark.parametrize("name", MODELS)
def test_one_seed_gives_one_result(table: AttemptTable, name: str) -> None:
    first, second = (evaluated(table, name, seed=2) for _ in range(2))
    for one, other in zip(first.folds, second.folds, strict=True):
        assert np.array_equal(one.predictions.p_correct, other.predictions.p_correct)
        assert one.metrics.summary == other.metrics.summary


class Guess(Baseline):
    """A model whose forecasts are drawn when it is fitted."""

    def fit(self, attempts: AttemptTable, *, seed: int = 0) -> Self:
        fitted = super().fit(attempts)
        fitted.guess = np.random.default_rng(seed).uniform()
        return fitted

    def predict(self, state: BaselineState, items: Items, at: datetime | None) -> Forecast:
        p_correct = np.full(len(items), self.guess)
        return Forecast(p_correct, p_correct, p_correct)


def test_the_seed_reaches_the_fit(table: AttemptTable) -> None:
    fold = learner_folds(table, 3)[0]
    found = evaluate_fold(Guess(), fold, seed=8).predictions.p_correct
    assert set(found.tolist()) == {np.random.default_rng(8).uniform()}


def test_costs_are_told(table: AttemptTable) -> None:
    cost = evaluated(table, "baseline").folds[0].metrics.cost
    assert cost.fit_seconds > 0
    assert cost.update_us > 0
    assert cost.peak_mb > 10  # more than the interpreter, in MB rather than kB or bytes
    assert cost.peak_mb < 100_000


def test_a_fold_without_test_attempts_is_undefined_and_not_an_error(table: AttemptTable) -> None:
    nobody = Fold("empty", table, AttemptTable.from_attempts([]))
    result = evaluate_fold(build_model("baseline"), nobody)
    assert (result.metrics.n_attempts, result.metrics.summary.auc, result.metrics.cost.update_us) == (0, None, None)


def test_progress_begins_and_ends_each_stage(table: AttemptTable) -> None:
    told: list[tuple[str, int, int]] = []
    fold = learner_folds(table, 3)[0]
    evaluate_fold(build_model("baseline"), fold, progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == [f"fold 0: fitting on {len(fold.train):,} attempts", f"fold 0: forecasting {len(fold.test):,} attempts"]
    for stage in stages:
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps == [(done, steps[0][1]) for done in range(steps[0][1] + 1)]


def test_shuffled_labels_are_the_same_labels_elsewhere(table: AttemptTable) -> None:
    shuffled = shuffle_labels(table, seed=3)
    before, after = table.frame["correct"], shuffled.frame["correct"]
    assert after.sort().to_list() == before.sort().to_list()
    assert after.is_null().to_list() == before.is_null().to_list()  # study rows stay study rows
    assert after.to_list() != before.to_list()
    assert shuffled.frame.drop("correct").equals(table.frame.drop("correct"))
    assert shuffle_labels(table, seed=3).frame.equals(shuffled.frame)
    assert not shuffle_labels(table, seed=4).frame.equals(shuffled.frame)


@pytest.mark.parametrize("name", MODELS)
def test_shuffled_labels_give_chance(name: str) -> None:
    """6,000 scored attempts without signal: the AUC's standard deviation is .0075, so 4 of them alarm once in 15,000 runs."""
    rng = np.random.default_rng(4)
    items = rng.integers(20, size=6000)
    attempts = (
        Attempt(
            f"a{row}",
            f"learner {row % 120}",
            f"item {item}",
            (f"skill {item % 5}",),
            correct=float(rng.random() < (item + 1) / 21),
            sequence=row,
        )
        for row, item in enumerate(items)
    )
    table = AttemptTable.from_attempts(attempts)
    folds = learner_folds(shuffle_labels(table, seed=1), 2)
    aucs = [result.metrics.summary.auc for result in evaluate(partial(build_model, name), folds, data_sha256="").folds]
    assert np.mean(aucs) == pytest.approx(0.5, abs=0.03)
