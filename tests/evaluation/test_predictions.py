"""Which attempts are scored, and what is known of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput
from adaptive.evaluation.predictions import Predictions

rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(["answer", "study", "hint", "retry"])), max_size=25
)


def attempt(place: int, learner: str, item: str, kind: str) -> Attempt:
    return Attempt(
        f"a{place:03}",
        learner,
        item,
        ("s",),
        correct=None if kind == "study" else float(place % 2),
        sequence=place,
        study=kind == "study",
        hints_used=int(kind == "hint"),
        attempt_number=2 if kind == "retry" else 1,
    )


@given(rows)
def test_predictions_cover_each_scored_attempt_once_and_know_its_past(kinds: list[tuple[str, str, str]]) -> None:
    attempts = [attempt(place, *kind) for place, kind in enumerate(kinds)]
    table = AttemptTable.from_attempts(attempts)
    forecasts = np.linspace(0.1, 0.9, len(table))
    found = Predictions.of_table(table, forecasts)
    in_table_order = [a for _, history in table.histories() for a in history]
    scored = [(place, a) for place, a in enumerate(in_table_order) if a.is_evidence]
    assert found.row.tolist() == [attempts.index(a) for _, a in scored]
    assert found.p_correct.tolist() == [forecasts[place] for place, _ in scored]
    assert found.correct.tolist() == [a.correct for _, a in scored]
    for index, (_, a) in enumerate(scored):
        before = [b for b in attempts[: attempts.index(a)] if b.learner_id == a.learner_id]
        assert found.position[index] == len(before) + 1
        assert found.first_encounter[index] == all(b.item_id != a.item_id for b in before)


@given(rows, rows)
def test_a_known_learners_earlier_attempts_count_as_their_past(
    kinds_before: list[tuple[str, str, str]], kinds: list[tuple[str, str, str]]
) -> None:
    attempts = [attempt(place, *kind) for place, kind in enumerate([*kinds_before, *kinds])]
    before, table = (AttemptTable.from_attempts(part) for part in (attempts[: len(kinds_before)], attempts[len(kinds_before) :]))
    found = Predictions.of_table(table, np.zeros(len(table)), before=before)
    scored = [a for _, history in table.histories() for a in history if a.is_evidence]
    for index, a in enumerate(scored):
        past = [b for b in attempts[: attempts.index(a)] if b.learner_id == a.learner_id]
        assert found.position[index] == len(past) + 1
        assert found.first_encounter[index] == all(b.item_id != a.item_id for b in past)


def test_pooled_predictions_are_in_file_order_and_keep_learners_of_folds_apart() -> None:
    table = AttemptTable.from_attempts([attempt(place, "abca"[place % 4], "x", "answer") for place in range(8)])
    parts = [
        Predictions.of_table(part, np.full(len(part), p))
        for part, p in ((table.select_learners("b"), 0.2), (table.select_learners("ac"), 0.6))
    ]
    pooled = Predictions.pooled(parts)
    assert pooled.row.tolist() == list(range(8))
    assert pooled.p_correct.tolist() == [0.6, 0.2, 0.6, 0.6] * 2
    code_of = dict(zip("abc", pooled.learner.tolist(), strict=False))
    assert len(set(code_of.values())) == 3
    assert pooled.learner.tolist() == [code_of["abca"[row % 4]] for row in range(8)]


def test_an_empty_table_has_no_predictions() -> None:
    nothing = Predictions.of_table(AttemptTable.from_attempts([]), np.empty(0))
    assert len(nothing) == len(Predictions.pooled([nothing, nothing])) == 0


@pytest.mark.parametrize("broken", [np.nan, -0.01, 1.01, np.inf])
def test_a_forecast_that_is_no_probability_is_refused_and_never_measured(broken: float) -> None:
    table = AttemptTable.from_attempts([attempt(0, "a", "x", "answer"), attempt(1, "a", "x", "study"), attempt(2, "a", "y", "answer")])
    with pytest.raises(InvalidInput, match=r"row 2: the forecast of a scored attempt lies in \[0, 1\]"):
        Predictions.of_table(table, np.array([0.5, np.nan, broken]))
