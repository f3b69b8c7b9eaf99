from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log1p
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from adaptive.datasets import AttemptTable, column_folds, parse_map, read_attempts
from adaptive.domain import Attempt
from adaptive.models import forecast, replay
from adaptive.models.checks.data import TINY_SKILLS, PlainData, tiny_attempts
from adaptive.models.logistic import Das3h
from adaptive.models.logistic.windows import (
    MOST_TIMES_ITEM,
    MOST_TIMES_SKILL,
    UNPRACTISED,
    WINDOW_FEATURES,
    Das3hState,
    Practice,
    window_features,
)
from adaptive.models.replay import walk
from adaptive.protocols import Items, Skills

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WINDOW_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def histories(size: PlainData | None = None, seed: int = 0) -> list[list[Attempt]]:
    return tiny_attempts(np.random.default_rng(seed), size)


def table(of: list[list[Attempt]]) -> AttemptTable:
    return AttemptTable.from_attempts(attempt for history in of for attempt in history)


@pytest.fixture(scope="module")
def model() -> Das3h:
    return Das3h().fit(table(histories()))


def answer(i: int, correct: float | None = 1.0, at: datetime | None = None, item_id: str = "q1", **named: object) -> Attempt:
    return Attempt(f"a{i}", "ann", item_id, ("quarters",), correct, occurred_at=at, sequence=i, **named)  # type: ignore[arg-type]  # counts and flags


def counted_the_slow_way(history: list[Attempt], at: datetime) -> dict[str, float]:
    """Every window counted over the whole history: what the state must give without it."""
    found = {"log_wins_all": log1p(sum(a.correct or 0.0 for a in history)), "log_answers_all": log1p(len(history))}
    for name, length in WINDOW_LENGTHS.items():
        inside = [a for a in history if a.occurred_at is not None and at - a.occurred_at <= length]
        found |= {f"log_wins_{name}": log1p(sum(a.correct or 0.0 for a in inside)), f"log_answers_{name}": log1p(len(inside))}
    return found


def test_windows_count_what_the_whole_history_holds() -> None:
    """Gaps from seconds to weeks, 300 histories of at most MOST_TIMES_SKILL answers: exact, not in the mean."""
    rng = np.random.default_rng(5)
    for _ in range(300):
        n = int(rng.integers(1, MOST_TIMES_SKILL + 1))
        times = [START + timedelta(seconds=float(s)) for s in np.cumsum(10.0 ** rng.uniform(0.0, 6.3, size=n + 1))]
        history = [answer(i, float(rng.choice([0.0, 0.5, 1.0])), at) for i, at in enumerate(times[:-1])]
        found = window_features(replay(Das3h(), history).skills["quarters"], times[-1].timestamp())
        expected = counted_the_slow_way(history, times[-1])
        np.testing.assert_allclose(found, [expected[name] for name in WINDOW_FEATURES], atol=1e-12)


@pytest.mark.parametrize(("window", "length"), WINDOW_LENGTHS.items())
def test_a_window_holds_its_edge_and_nothing_beyond(window: str, length: timedelta) -> None:
    practice = replay(Das3h(), [answer(0, at=START)]).skills["quarters"]
    place = WINDOW_FEATURES.index(f"log_wins_{window}")
    edge = (START + length).timestamp()
    assert window_features(practice, edge)[place] == pytest.approx(log1p(1))
    assert window_features(practice, edge + 1e-3)[place] == 0.0


def test_only_the_latest_times_are_kept_and_all_answers_counted() -> None:
    history = [answer(i, float(i % 2), START + timedelta(minutes=i)) for i in range(50)]
    state = replay(Das3h(), history)
    skill, item = state.skills["quarters"], state.items["q1"]
    assert (len(skill.moments), len(item.moments)) == (MOST_TIMES_SKILL, MOST_TIMES_ITEM)
    assert (skill.answers, skill.wins) == (50, 25.0)
    found = dict(zip(WINDOW_FEATURES, window_features(skill, (START + timedelta(minutes=50)).timestamp()), strict=True))
    assert found["log_answers_hour"] == pytest.approx(log1p(MOST_TIMES_SKILL))
    assert found["log_wins_month"] == pytest.approx(log1p(MOST_TIMES_SKILL / 2))
    assert found["log_answers_all"] == pytest.approx(log1p(50))


def test_moments_older_than_a_month_are_dropped() -> None:
    state = replay(Das3h(), [answer(0, at=START), answer(1, at=START + timedelta(days=10)), answer(2, at=START + timedelta(days=31))])
    assert [moment[0] for moment in state.skills["quarters"].moments] == [(START + timedelta(days=d)).timestamp() for d in (10, 31)]


def test_a_state_stays_small_however_long_the_history() -> None:
    """150 skills and 10,000 answers within a day on 700 items; the bound is that of docs/models/das3h.md."""
    rng = np.random.default_rng(6)
    attempts = (
        Attempt(
            f"a{i}", "ann", f"item {rng.integers(700)}", (f"skill {i % 150}",), float(rng.random() < 0.5), START + timedelta(seconds=8 * i)
        )
        for i in range(10_000)
    )
    state = replay(Das3h(), attempts)
    assert len(state.items) <= 500
    assert sum(len(practice.moments) for practice in state.skills.values()) == 150 * MOST_TIMES_SKILL
    assert len(json.dumps(Das3h().encode_state(state))) < 128 * 1024


def test_where_no_time_is_known_only_the_window_of_all_counts() -> None:
    timed, untimed = (replay(Das3h(), [answer(0, at=at)]).skills["quarters"] for at in (START, None))
    for practice, seconds in ((timed, None), (untimed, START.timestamp()), (untimed, None)):
        assert window_features(practice, seconds) == (log1p(1), log1p(1), *(0.0,) * 8)
    assert window_features(UNPRACTISED, START.timestamp()) == (0.0,) * 10


def test_times_that_run_backwards_keep_the_moments_in_order() -> None:
    history = [answer(i, 1.0, START - timedelta(hours=i)) for i in range(5)]
    moments = replay(Das3h(), history).skills["quarters"].moments
    assert [moment[0] for moment in moments] == [START.timestamp()] * 5


def test_a_model_trained_without_times_ignores_them() -> None:
    model = Das3h().fit(table(histories(PlainData(plain=True))))
    plain = histories()[1]
    timed = [replace(attempt, occurred_at=START + timedelta(hours=i**2)) for i, attempt in enumerate(plain)]
    np.testing.assert_array_equal(forecast(model, timed), forecast(model, plain))


def test_practice_in_the_window_forecasts_better_than_practice_long_ago_where_the_world_forgets() -> None:
    """Answers are right with .9 if the skill was practised within the day, else with .3: 1,200 answers, log odds 3.0 apart."""
    rng, attempts = np.random.default_rng(8), []
    for learner in range(100):
        at = START
        for step in range(12):
            gap = timedelta(hours=float(rng.choice([2.0, 100.0])))
            at += gap
            right = float(rng.random() < (0.9 if step and gap < timedelta(days=1) else 0.3))
            attempts.append(Attempt(f"{learner}-{step}", f"l{learner}", "q1", ("quarters",), right, at, step))
    model = Das3h().fit(AttemptTable.from_attempts(attempts))
    state = replay(model, [answer(i, 1.0, START + timedelta(minutes=i)) for i in range(4)])
    soon, late = (
        model.predict(state, Items(("q1",), (("quarters",),)), START + gap).p_correct[0] for gap in (timedelta(hours=3), timedelta(4))
    )
    assert soon > late + 0.3


def test_exposure_leaves_the_state_as_it_was(model: Das3h) -> None:
    state = replay(model, [answer(0, at=START)])
    for exposure in (answer(1, None, START, study=True), answer(1, 1.0, START, hints_used=1), answer(1, 0.0, attempt_number=2)):
        assert model.update(state, exposure) == state


def test_a_forecast_is_the_equation_of_the_docstring(model: Das3h) -> None:
    history, weights = histories()[2], model._effects.weights
    item_id, skill_ids = "q0", ("halves", "quarters")
    state = replay(model, history)
    at = history[-1].occurred_at
    assert at is not None
    now = at.timestamp()
    skills = [weights.skills.index[skill_id] for skill_id in skill_ids]
    of_skills = [
        weights.skill_effect[code] + (weights.shared + weights.deviation[code]) @ window_features(state.skills[skill_id], now)
        for skill_id, code in zip(skill_ids, skills, strict=True)
    ]
    logit = weights.bias + weights.item_effect[weights.items.index[item_id]] + np.mean(of_skills)
    logit += weights.item @ window_features(state.items.get(item_id, UNPRACTISED), now) + weights.total @ [
        log1p(state.wins),
        log1p(state.losses),
    ]
    assert model.predict(state, Items((item_id,), (skill_ids,)), at).p_correct[0] == pytest.approx(expit(logit), abs=1e-12)


def test_skills_differ_by_their_own_window_weights_and_an_unknown_skill_has_the_shared_ones() -> None:
    """Practice makes 'up' right and 'down' wrong: 160 learners, 8 answers on each."""
    rng = np.random.default_rng(9)
    attempts: list[Attempt] = []
    for learner in range(160):
        for step in range(8):
            for skill_id, sign in (("up", 1.0), ("down", -1.0)):
                right = float(rng.random() < expit(sign * 1.5 * (np.log1p(step) - 1.2)))
                attempts.append(Attempt(f"{learner}{skill_id}{step}", f"l{learner}", skill_id, (skill_id,), right, sequence=len(attempts)))
    weights = Das3h().fit(AttemptTable.from_attempts(attempts))._effects.weights
    n_all = [WINDOW_FEATURES.index(name) for name in ("log_wins_all", "log_answers_all")]
    up, down = (weights.deviation[weights.skills.index[skill_id], n_all].sum() for skill_id in ("up", "down"))
    assert up > down + 0.1
    model = Das3h().fit(AttemptTable.from_attempts(attempts))
    assert model._by_skill.get("never seen", model._shared) == weights.shared.tolist()


def test_the_fit_sees_each_attempt_before_its_answer(model: Das3h) -> None:
    """The loss stated by the whole-table design is that of the forecasts, so no row has seen its own answer."""
    p_correct = np.concatenate([forecast(model, history) for history in histories()])
    score = np.array([a.correct if a.is_evidence else np.nan for history in histories() for a in history], dtype=np.float64)
    told = ~np.isnan(score)
    loss = -np.mean(score[told] * np.log(p_correct[told]) + (1.0 - score[told]) * np.log1p(-p_correct[told]))
    assert model.training_log_loss == pytest.approx(loss, abs=1e-12)


def test_day_zero_learns_from_the_learner() -> None:
    model = Das3h()
    right, wrong = (replay(model, [answer(i, y) for i in range(3)]) for y in (1.0, 0.0))
    better, worse = (model.mastery(state, Skills(("quarters", "sums")), None).expected_success for state in (right, wrong))
    assert np.all(better > worse + 0.2)


def test_a_state_comes_back_from_json_with_its_types(model: Das3h) -> None:
    for before, _ in walk(model, histories()[0]):
        encoded = model.encode_state(before)
        assert json.loads(json.dumps(encoded)) == encoded  # lists, not tuples
        back = model.decode_state(encoded)
        assert back == before
        assert isinstance(back, Das3hState)
        assert all(isinstance(practice, Practice) for practice in back.skills.values())
    assert len(TINY_SKILLS) == len(back.skills)


@pytest.mark.slow
@pytest.mark.real_data
def test_assistments_2009_fold_1_is_forecast_as_measured(attempt_data: Path) -> None:
    """AUC as in docs/models/das3h.md. Two forecasts of the same attempts by two code versions differ by less than .001."""
    columns = parse_map("learner_id=user,item_id=item,skill_ids=skills")
    attempts, _ = read_attempts(attempt_data / "attempts" / "assist2009_akt5_question.csv.xz", columns)
    (fold,) = column_folds(attempts, "fold", "1")
    model = Das3h().fit(fold.train)
    p_correct = np.concatenate([forecast(model, history) for _, history in fold.test.histories()])
    right = np.array([attempt.correct == 1.0 for _, history in fold.test.histories() for attempt in history])
    ranks = np.empty(len(right))
    ranks[np.argsort(p_correct, kind="stable")] = np.arange(1, len(right) + 1)
    auc = (ranks[right].sum() - right.sum() * (right.sum() + 1) / 2) / (right.sum() * (~right).sum())
    assert auc == pytest.approx(0.7736, abs=0.001)
