from __future__ import annotations

import numpy as np

from adaptive.domain import Attempt
from adaptive.models import build_model, forecast, replay, walk
from adaptive.protocols import Items


def attempts(n: int = 6) -> list[Attempt]:
    return [
        Attempt(f"a{i}", "ann", f"q{i % 4}", ("s1", "s2")[: 1 + i % 2], correct=None if i == 3 else i % 2, study=i == 3) for i in range(n)
    ]


def test_forecast_is_the_prediction_before_each_piece_of_evidence() -> None:
    model = build_model("logistic")
    state, expected = model.initial_state(), []
    for attempt in attempts():
        p_correct = model.predict(state, Items((attempt.item_id,), (attempt.skill_ids,)), None).p_correct[0]
        expected.append(p_correct if attempt.is_evidence else np.nan)
        state = model.update(state, attempt)
    np.testing.assert_array_equal(forecast(model, attempts()), expected)
    assert np.isnan(expected[3])


def test_replay_and_forecast_go_on_from_a_state() -> None:
    model = build_model("logistic")
    middle = replay(model, attempts()[:2])
    assert replay(model, attempts()[2:], middle) == replay(model, attempts())
    np.testing.assert_array_equal(forecast(model, attempts()[2:], middle), forecast(model, attempts())[2:])


def test_walk_shows_the_state_before_each_attempt() -> None:
    model = build_model("logistic")
    for i, (before, attempt) in enumerate(walk(model, attempts())):
        assert attempt == attempts()[i]
        assert before == replay(model, attempts()[:i])


def test_an_empty_history_replays_to_the_initial_state() -> None:
    model = build_model("logistic")
    assert replay(model, []) == model.initial_state()
    assert forecast(model, []).shape == (0,)
