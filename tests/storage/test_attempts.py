from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from adaptive.domain import Attempt
from adaptive.errors import AttemptConflict, InvalidInput
from adaptive.storage import Store
from adaptive.storage.instants import to_microseconds

DatabaseMaker = Callable[[str], AbstractContextManager[str]]

TENANT = "school"
NOON = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
FIRST = Attempt("a1", "ann", "q7", ("fractions", "ratios"), correct=1.0, occurred_at=NOON)

FRESH_TENANTS = (f"tenant-{n}" for n in itertools.count())

storable_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=8)
instants = st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year not in {MINYEAR, MAXYEAR})  # the years of an attempt
# Few distinct times and sequences, so that ties occur.
crowded_instants = st.one_of(st.none(), st.sampled_from([NOON, NOON + timedelta(microseconds=1)]), instants)
big = st.integers(-(2**63), 2**63 - 1)


@st.composite
def attempts(draw: st.DrawFn, learners: st.SearchStrategy[str] = storable_text) -> Attempt:
    study = draw(st.booleans())
    dont_know = not study and draw(st.booleans())
    scores = st.just(0.0) if dont_know else st.floats(-0.0, 1.0)  # minus zero is a score too, and is kept as zero
    return Attempt(
        attempt_id=draw(storable_text),
        learner_id=draw(learners),
        item_id=draw(storable_text),
        skill_ids=tuple(draw(st.lists(st.text(max_size=4), max_size=3, unique=True))),
        correct=draw(st.none() | scores if study else scores),
        occurred_at=draw(crowded_instants),
        sequence=draw(st.integers(-1, 1) | big),
        study=study,
        attempt_number=draw(st.none() | big),
        hints_used=draw(st.none() | st.integers(0, 3)),
        response_ms=draw(st.none() | big),
        recommendation_id=draw(st.none() | storable_text),
        mode=draw(st.none() | storable_text),
        session_id=draw(st.none() | storable_text),
        dont_know=dont_know,
    )


@settings(deadline=None, max_examples=60)
@given(given_attempts=st.lists(attempts(learners=st.just("ann")), max_size=12, unique_by=lambda attempt: attempt.attempt_id))
def test_history_is_sorted_as_order_key_sorts_and_comes_back_exactly(shared_store: Store, given_attempts: list[Attempt]) -> None:
    with shared_store.unit(next(FRESH_TENANTS), write=True) as unit:
        assert all(unit.append(attempt) for attempt in given_attempts)
        history = unit.history("ann")
        assert history == sorted(given_attempts, key=lambda attempt: attempt.order_key)
        assert [repr(attempt.correct) for attempt in history] == [
            repr(attempt.correct if attempt.correct is None else attempt.correct + 0.0)
            for attempt in sorted(given_attempts, key=lambda attempt: attempt.order_key)
        ]
        assert unit.n_attempts("ann") == len(given_attempts)
        assert not any(unit.append(attempt) for attempt in given_attempts)
        assert all(unit.attempt(attempt.attempt_id) == attempt for attempt in given_attempts)


def test_an_attempt_again_is_a_duplicate_and_changes_nothing(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        assert unit.append(FIRST)
    with store.unit(TENANT, write=True) as unit:
        assert not unit.append(FIRST)
        assert not unit.append(replace(FIRST, occurred_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))))
        assert unit.history("ann") == [FIRST]
        assert unit.n_attempts("ann") == 1


def test_another_attempt_under_the_id_is_refused_with_all_that_differs(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        unit.append(FIRST)
        with pytest.raises(AttemptConflict) as refused:
            unit.append(replace(FIRST, learner_id="bob", correct=0.0))
        assert "learner_id 'ann' (given 'bob')" in str(refused.value)
        assert "correct 1.0 (given 0.0)" in str(refused.value)
        assert "item_id" not in str(refused.value)
        unit.append(replace(FIRST, attempt_id="a2"))
    with store.unit(TENANT, write=False) as unit:
        assert [attempt.attempt_id for attempt in unit.history("ann")] == ["a1", "a2"]
        assert unit.learners() == ["ann"]


@pytest.mark.parametrize("change", [{"recommendation_id": "r1"}, {"mode": "test"}, {"session_id": "s1"}, {"dont_know": True}])
def test_where_an_attempt_was_made_and_how_it_went_are_part_of_it(store: Store, change: dict[str, str | bool]) -> None:
    wrong = replace(FIRST, correct=0.0)
    with store.unit(TENANT, write=True) as unit:
        unit.append(wrong)
        with pytest.raises(AttemptConflict, match=f"{next(iter(change))} (None|False) \\(given"):
            unit.append(replace(wrong, **change))
        again = replace(wrong, attempt_id="a2", **change)
        assert unit.append(again)
        assert not unit.append(again)
        assert unit.attempt("a2") == again


def test_times_of_any_zone_are_kept_as_instants(store: Store) -> None:
    twice = [datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=ZoneInfo("Europe/Berlin")) for fold in (0, 1)]
    with store.unit(TENANT, write=True) as unit:
        for at in twice:
            attempt = replace(FIRST, attempt_id=f"fold-{at.fold}", occurred_at=at)
            assert unit.append(attempt)
            assert not unit.append(attempt)  # a time that happens twice is never equal to itself in another zone
        first, second = unit.history("ann")
    assert [first.occurred_at, second.occurred_at] == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]


def test_numbers_of_numpy_are_kept_as_numbers(store: Store) -> None:
    counted = replace(FIRST, correct=np.float64(0.1), sequence=np.int64(3), hints_used=np.int32(2), study=np.True_)
    with store.unit(TENANT, write=True) as unit:
        unit.append(counted)
        assert unit.history("ann") == [replace(FIRST, correct=0.1, sequence=3, hints_used=2, study=True)]


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (replace(FIRST, attempt_id="a\x00b"), "attempt_id: text holds no U\\+0000"),
        (replace(FIRST, item_id="q\ud800"), "item_id: text is valid Unicode"),
        (replace(FIRST, learner_id="é" * 257), "learner_id: at most 512 bytes"),
        (replace(FIRST, sequence=2**63), "sequence: integers fit into 64 bits"),
        (replace(FIRST, response_ms=-(2**63) - 1), "response_ms: integers fit into 64 bits"),
        (replace(FIRST, item_id="q\ud800", learner_id="a\x00b"), "(?s)learner_id: text holds no U\\+0000.*item_id: text is valid Unicode"),
    ],
)
def test_what_only_one_database_could_hold_is_refused_by_both(store: Store, broken: Attempt, rule: str) -> None:
    with store.unit(TENANT, write=True) as unit:
        with pytest.raises(InvalidInput, match=rule):
            unit.append(broken)
        unit.append(FIRST)
    with store.unit(TENANT, write=False) as unit:
        assert unit.learners() == ["ann"]


def test_an_id_of_the_longest_kind_is_kept(store: Store) -> None:
    longest = Attempt("\U0001f600" * 128, "\U0001f601" * 128, "\U0001f602" * 128, (), correct=0.0, occurred_at=NOON)
    with store.unit("\U0001f603" * 128, write=True) as unit:
        unit.append(longest)
        assert unit.history(longest.learner_id) == [longest]


def test_the_database_itself_refuses_to_change_an_attempt(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        unit.append(FIRST)
    with pytest.raises(DBAPIError, match="append-only"), store._database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE attempts SET correct = 0")
    with store.unit(TENANT, write=False) as unit:
        assert unit.history("ann") == [FIRST]


def test_tenants_never_meet(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        unit.append(FIRST)
    with store.unit("elsewhere", write=True) as unit:
        assert unit.attempt("a1") is None
        assert unit.history("ann") == []
        assert unit.learners() == []
        assert unit.append(replace(FIRST, correct=0.0))
        assert unit.erase_learner("ann") == 1
    with store.unit(TENANT, write=False) as unit:
        assert unit.history("ann") == [FIRST]


NAMES = ["b", "B", "a", "Z", "é", "e", "_", "10", "9", "\U0001f600", "\uffee"]


def require_code_point_order(store: Store) -> None:
    with store.unit(TENANT, write=True) as unit:
        for name in NAMES:
            unit.append(replace(FIRST, attempt_id=name))
            unit.append(replace(FIRST, attempt_id=f"of {name}", learner_id=name))
        assert unit.learners() == sorted([*NAMES, "ann"])
        assert [attempt.attempt_id for attempt in unit.history("ann")] == sorted(NAMES)


def test_ids_sort_by_code_point(store: Store) -> None:
    require_code_point_order(store)


def test_ids_sort_by_code_point_in_a_database_that_sorts_as_english_does(postgres_database: DatabaseMaker) -> None:
    with postgres_database("ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en'") as url:
        store = Store.open(url)
        require_code_point_order(store)
        store.close()


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        (NOON.replace(tzinfo=None), "times carry an offset"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "times lie in the years 1 to 9999"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), "times lie in the years 1 to 9999"),
    ],
)
def test_a_time_that_is_no_instant_of_utc_is_refused(at: datetime, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule):
        to_microseconds(at)
