"""Points that rise and fall, and checks that come later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adaptive.errors import InvalidInput
from adaptive.mastery import DelayedCheck, Evidence, Occasion, Points, stand
from tests.mastery.learners import DAY, NOON, answer, answers

HOURS_48 = timedelta(hours=48)


@pytest.mark.parametrize(
    ("marks", "points"),
    [
        ("r", 1),
        ("rr", 3),  # +1, then +2 for the second in a row
        ("rrr", 5),
        ("w", 0),  # floor
        ("wwr", 1),
        ("rw", 0),
        ("rrw", 2),  # one slip costs one point,
        ("rrwr", 3),  # and the row
        ("rrwrr", 5),
        ("rwrwrw", 0),
    ],
)
def test_points_follow_the_guides(marks: str, points: int) -> None:
    standing = stand(Points(), answers(marks))
    assert standing.points == points
    assert standing.level.value == ("learned" if points >= 5 else "practising")


def test_learned_at_five_and_mastered_only_by_a_later_check() -> None:
    learned = stand(Points(), answers("rrr"))
    assert (learned.level.value, learned.asks, learned.finished) == ("learned", Occasion.CHECK, False)
    assert learned.level.evidence_ids == ("a0", "a1", "a2")
    assert stand(Points(), [answer(n) for n in range(9, 30)], learned) == learned  # practice does not master
    assert stand(Points(), [answer(9, 0.0)], learned) == learned  # nor cost anything
    mastered = Points().after(learned, answer(30, at=NOON + DAY, occasion=Occasion.CHECK))
    assert (mastered.level.value, mastered.finished, mastered.review) == ("mastered", True, None)
    assert mastered.level.evidence_ids == ("a30",)


def test_a_check_before_it_is_learned_is_an_answer_like_any_other() -> None:
    assert stand(Points(), answers("rrr", occasion=Occasion.CHECK)).level.value == "learned"


def test_a_missed_check_takes_nothing_away() -> None:
    learned = stand(Points(), answers("rrr"))
    missed = Points().after(learned, answer(9, 0.0, at=NOON + DAY, occasion=Occasion.CHECK))
    assert (missed.level, missed.points) == (learned.level, 5)
    assert missed.needs_review(NOON + DAY)
    assert Points().after(missed, answer(10, at=NOON + 2 * DAY, occasion=Occasion.CHECK)).level.value == "mastered"


def checks(marks: str, after: timedelta) -> list[Evidence]:
    return [answer(50 + n, float(mark == "r"), at=NOON + after, occasion=Occasion.CHECK) for n, mark in enumerate(marks)]


def test_three_right_after_48_hours_master() -> None:
    ready = stand(DelayedCheck(), answers("rrr"))
    assert (ready.level.value, ready.review_due_at, ready.asks) == ("check ready", NOON + HOURS_48, Occasion.CHECK)
    assert stand(DelayedCheck(), checks("rr", HOURS_48), ready).level.value == "check ready"
    mastered = stand(DelayedCheck(), checks("rrr", HOURS_48), ready)
    assert (mastered.level.value, mastered.finished, mastered.review) == ("mastered", True, None)
    assert mastered.level.evidence_ids == ("a50", "a51", "a52")


def test_a_check_before_48_hours_and_practice_move_nothing() -> None:
    ready = stand(DelayedCheck(), answers("rrr"))
    assert stand(DelayedCheck(), checks("rrr", HOURS_48 - timedelta(seconds=1)), ready) == ready
    assert stand(DelayedCheck(), [answer(9, 0.0, at=NOON + 3 * DAY)], ready) == ready


@pytest.mark.parametrize("marks", ["w", "rw", "rrw"])
def test_one_slip_costs_the_check_and_never_the_level(marks: str) -> None:
    ready = stand(DelayedCheck(), answers("rrr"))
    missed = stand(DelayedCheck(), checks(marks, 2 * DAY), ready)
    assert missed.level == missed.earned == ready.level
    assert missed.asks is Occasion.PRACTICE
    assert missed.needs_review(NOON + 2 * DAY)
    again = stand(DelayedCheck(), [answer(60 + n, at=NOON + 3 * DAY) for n in range(3)], missed)
    assert (again.level, again.review_due_at) == (ready.level, NOON + 5 * DAY)
    assert stand(DelayedCheck(), checks("rrr", 5 * DAY), again).level.value == "mastered"


def test_without_times_no_check_comes_due() -> None:
    history = [*answers("rrr", at=None), *answers("rrr", at=None, occasion=Occasion.CHECK)]
    standing = stand(DelayedCheck(), history)
    assert (standing.level.value, standing.review) == ("check ready", None)


def test_wrong_parameters_are_all_named() -> None:
    with pytest.raises(InvalidInput, match="2 problems"):
        Points(right=0, learned_at=0)
    with pytest.raises(InvalidInput, match="2 problems"):
        DelayedCheck(delay=timedelta(0), n_questions=0)
