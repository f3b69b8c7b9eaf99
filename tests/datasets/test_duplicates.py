"""Rows that share an id or a meeting: what is dropped, counted, kept or refused."""

from __future__ import annotations

import pytest

from adaptive.errors import InvalidInput
from tests.datasets.conftest import HEADER


def attempts_of(table):
    return [attempt for _, history in table.histories() for attempt in history]


def test_equal_rows_without_ids_and_times_are_kept_and_counted(read):
    table, report = read("ann,q1,s1,1", "ann,q1,s1,1", "ann,q1,s1,0", "ann,q1,s2,1")
    assert len(table) == 4
    assert (list(report.equal_rows), report.n_repeats) == ([1], 3)


def test_rows_that_share_an_id_are_dropped_and_those_that_differ_are_named(read):
    table, report = read("ann,q1,s1,1,a", "ann,q1,s1,1,a", "ann,q1,s1,0,a", "ann,q1,s1,1,b", columns=f"{HEADER},attempt_id")
    assert [attempt.attempt_id for attempt in attempts_of(table)] == ["a", "b"]
    assert (list(report.duplicate_rows), list(report.differing_rows)) == ([1, 2], [2])


def test_rows_that_share_learner_item_time_and_outcome_are_dropped(read):
    lines = ["ann,q1,s1,1,5", "ann,q1,s1,1,5", "ann,q1,s2,1,5", "ann,q1,s1,0,5", "ann,q1,s1,1,6", "bob,q1,s1,1,5"]
    table, report = read(*lines, columns=f"{HEADER},occurred_at")
    assert len(table) == 4
    assert (list(report.duplicate_rows), list(report.differing_rows)) == ([1, 2], [2])


def numbered_within_learners(n_learners):
    return [f"l{learner},q{n},s,{(learner + n) % 2},{n}" for learner in range(n_learners) for n in range(10)]


@pytest.mark.parametrize("n_learners", [2, 100])
def test_ids_that_only_number_a_learners_attempts_are_refused_with_the_way_out(read, n_learners):
    with pytest.raises(InvalidInput) as refused:
        read(*numbered_within_learners(n_learners), columns=f"{HEADER},attempt_id")
    assert f"10 ids shared by several learners, such as 0 by {n_learners}" in str(refused.value)
    assert "--map attempt_id=<your column>, or rename it" in str(refused.value)
    table, _ = read(*numbered_within_learners(n_learners), columns=f"{HEADER},sequence")
    assert len(table) == 10 * n_learners


def test_a_slip_among_sound_ids_is_dropped_and_not_refused(read):
    lines = [f"l{row},q1,s,1,{row}" for row in range(300)]
    table, report = read(*lines, "zoe,q1,s,1,7", columns=f"{HEADER},attempt_id")
    assert (len(table), list(report.differing_rows)) == (300, [300])


def test_ids_shared_mostly_within_a_learner_are_duplicates_and_not_refused(read):
    sent_twice = [f"l{row},q1,s,1,{row}" for row in range(20)] * 2
    table, report = read(*sent_twice, "zoe,q1,s,1,7", columns=f"{HEADER},attempt_id")
    assert (len(table), len(report.duplicate_rows)) == (20, 21)


@pytest.mark.parametrize(("column", "cell"), [("occurred_at", "10"), ("attempt_id", "a")])
def test_rows_that_lose_another_skill_are_counted_unless_the_map_claims_them(read, column, cell):
    lines = [f"ann,q1,s1,1,{cell}", f"ann,q1,s2,1,{cell}", f"ann,q1,s1,1,{cell}"]
    _, report = read(*lines, columns=f"{HEADER},{column}")
    assert (list(report.duplicate_rows), list(report.differing_rows), list(report.other_skill_rows)) == ([1, 2], [1], [1])
    claimed, report = read(*lines[:2], columns=f"{HEADER},{column}", mapped="collapse_repeated_rows=yes")
    assert [attempt.skill_ids for attempt in attempts_of(claimed)] == [("s1", "s2")]
    assert not len(report.other_skill_rows)


def test_an_outcome_that_differs_is_no_other_skill(read):
    _, report = read("ann,q1,s1,1,a", "ann,q1,s2,0,a", columns=f"{HEADER},attempt_id")
    assert (list(report.differing_rows), list(report.other_skill_rows)) == ([1], [])
