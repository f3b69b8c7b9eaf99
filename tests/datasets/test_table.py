from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets import AttemptTable, table
from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, UnknownLearner
from tests.datasets.strategies import attempts

ANN = Attempt("a1", "ann", "q1", ("s1", "s2"), correct=1.0)
BOB = Attempt("b1", "bob", "q2", ("s1",), correct=0.0)


def rows_of(given_table: AttemptTable) -> list[Attempt]:
    return [attempt for _, history in given_table.histories() for attempt in history]


def slowly_ordered(drawn: list[Attempt]) -> list[Attempt]:
    """Learners by first appearance, each sorted by the domain's own order."""
    arrival = list(dict.fromkeys(attempt.learner_id for attempt in drawn))
    return sorted(drawn, key=lambda attempt: (arrival.index(attempt.learner_id), attempt.order_key))


@given(st.lists(attempts(), max_size=12))
def test_attempts_come_back_equal_and_in_history_order(drawn):
    assert rows_of(AttemptTable.from_attempts(drawn)) == slowly_ordered(drawn)


@given(st.lists(attempts(), max_size=12), st.integers(1, 5))
def test_histories_do_not_depend_on_the_chunk_in_which_they_are_built(drawn, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_CHUNK_ROWS", chunk)
        histories = list(AttemptTable.from_attempts(drawn).histories())
    slow = [(learner, list(history)) for learner, history in groupby(slowly_ordered(drawn), key=lambda attempt: attempt.learner_id)]
    assert [(learner, list(history)) for learner, history in histories] == slow


@given(st.lists(attempts(), max_size=12))
def test_codes_name_the_same_attempts_as_histories(drawn):
    built = AttemptTable.from_attempts(drawn)
    codes, ordered = built.codes(), rows_of(built)
    starts = codes.skill_start
    assert [codes.learner_ids[i] for i in codes.learner] == [attempt.learner_id for attempt in ordered]
    assert [codes.item_ids[i] for i in codes.item] == [attempt.item_id for attempt in ordered]
    skills = [tuple(codes.skill_ids[j] for j in codes.skill[starts[i] : starts[i + 1]]) for i in range(len(ordered))]
    assert skills == [attempt.skill_ids for attempt in ordered]
    assert list(codes.evidence) == [attempt.is_evidence for attempt in ordered]
    np.testing.assert_array_equal(
        codes.correct, [np.nan if attempt.study or attempt.correct is None else attempt.correct for attempt in ordered]
    )
    seconds = [attempt.occurred_at.timestamp() if attempt.occurred_at else np.nan for attempt in ordered]
    np.testing.assert_allclose(codes.seconds, seconds, rtol=0, atol=1e-5)  # float64 holds seconds of 2200 to 1e-6


def test_codes_of_an_empty_table_are_empty():
    codes = AttemptTable.from_attempts([]).codes()
    assert (len(codes.learner), list(codes.skill_start), codes.item_ids) == (0, [0], ())


def test_attempts_without_a_time_come_first():
    timed = replace(ANN, attempt_id="a0", occurred_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert rows_of(AttemptTable.from_attempts([timed, ANN])) == [ANN, timed]


def test_equal_attempts_have_equal_hashes_and_any_change_another():
    assert AttemptTable.from_attempts([ANN, BOB]).data_sha256 == AttemptTable.from_attempts(iter([ANN, BOB])).data_sha256
    changed = [
        [BOB, ANN],
        [ANN],
        [replace(ANN, skill_ids=("s1s2",)), BOB],
        [replace(ANN, skill_ids=("s2", "s1")), BOB],
        [replace(ANN, skill_ids=("s1",)), replace(BOB, skill_ids=("s2", "s1"))],
        [replace(ANN, correct=0.5), BOB],
        [replace(ANN, study=True), BOB],
        [replace(ANN, hints_used=0), BOB],
        [replace(ANN, occurred_at=datetime(1970, 1, 1, tzinfo=UTC)), BOB],
    ]
    hashes = {AttemptTable.from_attempts(rows).data_sha256 for rows in [[ANN, BOB], *changed]}
    assert len(hashes) == len(changed) + 1


def test_the_hash_is_of_the_attempts_not_of_where_they_came_from():
    built = AttemptTable.from_attempts([ANN, BOB])
    moved = AttemptTable.from_columns(built.frame.with_columns(row=pl.col("row") + 7, fold=pl.lit("3")))
    assert moved.data_sha256 == built.data_sha256


def test_selection_keeps_order_and_names_learners_that_it_lacks():
    built = AttemptTable.from_attempts([BOB, ANN])
    assert built.select_learners(["ann", "bob"]).learner_ids == ("bob", "ann")
    assert rows_of(built.select_learners(["ann"])) == [ANN]
    assert rows_of(built.select(np.array([True, False]))) == [BOB]
    assert list(built.select_learners(["ann"]).rows) == [1]
    with pytest.raises(UnknownLearner, match="zoe"):
        built.select_learners(["ann", "zoe"])


def test_a_frame_with_other_columns_is_refused_with_each_of_them():
    frame = AttemptTable.from_attempts([ANN]).frame.drop("fold").with_columns(correct=pl.lit("1"))
    with pytest.raises(InvalidInput) as refused:
        AttemptTable.from_columns(frame)
    assert [problem.where for problem in refused.value.problems] == ["correct", "fold"]
