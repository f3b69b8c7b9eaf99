"""An attempt is a checked, frozen value whose order and evidence follow the shared rules."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RIGHT = Attempt("a1", "ann", "q1", ("fractions",), correct=1.0, occurred_at=NOON)


def test_attempts_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        RIGHT.correct = 0.0  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"attempt_id": ""}, "an id must not be empty"),
        ({"learner_id": ""}, "an id must not be empty"),
        ({"item_id": ""}, "an id must not be empty"),
        ({"correct": None}, "only a study row may lack an answer"),
        ({"correct": 1.5}, "a score lies in [0, 1]"),
        ({"correct": float("nan")}, "a score lies in [0, 1]"),
        ({"dont_know": True}, "who does not know gets no points"),
        ({"dont_know": True, "correct": 0.0, "study": True}, "who does not know gets no points"),
        ({"occurred_at": datetime(2026, 3, 1)}, "times carry an offset"),  # noqa: DTZ001  # the point of the test
        ({"occurred_at": datetime(1, 1, 1, tzinfo=UTC)}, "times lie within the years 2 to 9998"),
        ({"skill_ids": ("a", "a")}, "skills are named once"),
    ],
)
def test_each_broken_rule_is_named(change: dict[str, object], rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(RIGHT, **change)  # type: ignore[arg-type]  # wrong values on purpose
    assert [problem.rule for problem in caught.value.problems] == [rule]


def test_all_broken_rules_are_named_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        Attempt("", "", "", ("s", "s"), correct=-1.0)
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"correct": 0.5}, True),
        ({"attempt_number": 1, "hints_used": 0}, True),
        ({"attempt_number": 0}, True),
        ({"attempt_number": 2}, False),
        ({"hints_used": 1}, False),
        ({"study": True, "correct": None}, False),
        ({"study": True}, False),
    ],
)
def test_first_unaided_answers_are_the_evidence(change: dict[str, object], expected: bool) -> None:
    assert replace(RIGHT, **change).is_evidence is expected  # type: ignore[arg-type]  # field names vary by case


def test_history_order_is_time_then_sequence_then_id() -> None:
    timeless = replace(RIGHT, occurred_at=None, sequence=9)
    later = replace(RIGHT, occurred_at=NOON + timedelta(microseconds=1))
    second, third = replace(RIGHT, attempt_id="a2"), replace(RIGHT, attempt_id="a0", sequence=1)
    mixed = [later, third, second, RIGHT, timeless]
    assert sorted(mixed, key=lambda attempt: attempt.order_key) == [timeless, RIGHT, second, third, later]


def test_one_moment_has_one_spelling() -> None:
    abroad = replace(RIGHT, occurred_at=NOON.astimezone(timezone(timedelta(hours=2))))
    assert abroad == RIGHT
    assert abroad.occurred_at is not None
    assert abroad.occurred_at.tzinfo is UTC
