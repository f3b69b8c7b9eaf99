"""Rows of right answers, m of the last n, and the skill builder with its daily stop and rechecks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adaptive.errors import InvalidInput
from adaptive.mastery import SKILL_BUILDER, Evidence, Occasion, Streak, stand
from tests.mastery.learners import DAY, NOON, answer, answers, spoilt

WEEK = 7 * DAY


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_n_in_a_row_master_and_n_minus_one_do_not(n: int) -> None:
    rule = Streak(in_a_row=n)
    assert stand(rule, answers("r" * (n - 1))).level.value == "practising"
    standing = stand(rule, answers("w" + "r" * n))
    assert standing.level.value == "mastered"
    assert standing.level.evidence_ids == tuple(f"a{k}" for k in range(1, n + 1))
    assert standing.finished


@pytest.mark.parametrize(
    ("marks", "level"),
    [
        ("rrwr", "practising"),
        ("rrwrr", "mastered"),
        ("rrrr", "mastered"),
        ("rwrwrr", "practising"),
        ("wwrrrwr", "mastered"),
        ("rrrwwrr", "practising"),
    ],
)
def test_four_of_the_last_five(marks: str, level: str) -> None:
    assert stand(Streak(m_of_n=(4, 5)), answers(marks)).level.value == level


def test_one_slip_costs_the_row_and_no_more() -> None:
    assert stand(Streak(in_a_row=5), answers("rrrrw")).points == 0
    assert stand(Streak(m_of_n=(4, 5)), answers("rrrw")).points == 3
    assert stand(Streak(in_a_row=5), answers("rrrrwrrrr")).level.value == "practising"
    assert stand(Streak(in_a_row=5), answers("rrrrwrrrrr")).level.value == "mastered"


def test_a_mastered_row_is_never_lost() -> None:
    mastered = stand(Streak(), answers("rrr"))
    assert stand(Streak(), [answer(n, 0.0) for n in range(9, 30)], mastered) == mastered


def test_partly_right_is_not_right() -> None:
    assert stand(Streak(in_a_row=2), [answer(0), answer(1, 0.9), answer(2)]).level.value == "practising"


def test_ten_answers_a_day_are_enough() -> None:
    stopped = stand(SKILL_BUILDER, answers("rrwrrwrrwr"))
    assert stopped.stopped_on == NOON.date()
    assert "go on another day" in stopped.reason
    more = [answer(10), answer(11)]
    assert stand(SKILL_BUILDER, more, stopped) == stopped  # further answers of that day move nothing
    tomorrow = [answer(n, at=NOON + DAY) for n in (12, 13)]
    assert stand(SKILL_BUILDER, tomorrow[:1], stopped).stopped_on is None
    assert stand(SKILL_BUILDER, tomorrow, stopped).level.value == "mastered"  # the row goes on from the day before


def test_nine_answers_do_not_stop_the_day_and_a_row_made_at_the_tenth_counts() -> None:
    assert stand(SKILL_BUILDER, answers("rrwrrwrrw")).stopped_on is None
    made = stand(SKILL_BUILDER, answers("wwwwwwwrrr"))
    assert (made.level.value, made.stopped_on) == ("mastered", None)


def test_the_learners_own_day_counts_where_it_is_told() -> None:
    late = NOON.replace(hour=23)
    history = [answer(n, n % 3 != 2, at=late + n * timedelta(minutes=10), on=NOON.date()) for n in range(10)]
    assert stand(SKILL_BUILDER, history).stopped_on == NOON.date()  # past midnight in UTC, one evening at home


def passed(n: int, after: timedelta) -> Evidence:
    return answer(100 + n, at=NOON + after, occasion=Occasion.CHECK)


def test_four_rechecks_a_week_apart_make_it_retained() -> None:
    mastered = stand(SKILL_BUILDER, answers("rrr"))
    assert (mastered.level.value, mastered.finished) == ("mastered", False)
    assert mastered.review_due_at == NOON + WEEK
    assert not mastered.needs_review(NOON + WEEK - timedelta(seconds=1))
    assert mastered.needs_review(NOON + WEEK)
    three = stand(SKILL_BUILDER, [passed(n, (n + 1) * WEEK) for n in range(3)], mastered)
    assert (three.level.value, three.finished, three.review_due_at) == ("mastered", False, NOON + 4 * WEEK)
    done = SKILL_BUILDER.after(three, passed(3, 4 * WEEK))
    assert (done.level.value, done.finished, done.review) == ("retained", True, None)
    assert done.level.evidence_ids == ("a100", "a101", "a102", "a103")


def test_a_check_before_its_time_and_practice_are_no_recheck() -> None:
    mastered = stand(SKILL_BUILDER, answers("rrr"))
    assert SKILL_BUILDER.after(mastered, passed(0, 6 * DAY)) == mastered
    assert SKILL_BUILDER.after(mastered, answer(9, at=NOON + WEEK)) == mastered
    assert SKILL_BUILDER.after(mastered, spoilt(passed(0, WEEK), attempt_number=2)) == mastered


def test_a_missed_recheck_takes_nothing_and_asks_for_the_row_anew() -> None:
    once = stand(SKILL_BUILDER, [*answers("rrr"), passed(0, WEEK)])
    missed = SKILL_BUILDER.after(once, answer(101, 0.0, at=NOON + 2 * WEEK, occasion=Occasion.CHECK))
    assert missed.level == missed.earned == once.level
    assert missed.needs_review(NOON + 2 * WEEK)
    assert missed.asks is Occasion.PRACTICE
    assert "The level stays" in missed.reason
    again = stand(SKILL_BUILDER, [answer(200 + n, at=NOON + 2 * WEEK) for n in range(3)], missed)
    assert again.level == once.level  # with its first date
    assert again.review_due_at == NOON + 3 * WEEK
    done = stand(SKILL_BUILDER, [passed(2 + n, (3 + n) * WEEK) for n in range(3)], again)
    assert done.level.value == "retained"  # the pass before counts


def test_without_times_no_recheck_comes_due() -> None:
    mastered = stand(SKILL_BUILDER, answers("rrr", at=None))
    assert (mastered.level.value, mastered.review, mastered.asks) == ("mastered", None, Occasion.CHECK)
    assert SKILL_BUILDER.after(mastered, answer(9, at=None, occasion=Occasion.CHECK)) == mastered


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"in_a_row": 4}, "must be one of 2, 3, 5, 10"),
        ({"m_of_n": (5, 4)}, "1 <= m <= n"),
        ({"m_of_n": (0, 4)}, "1 <= m <= n"),
        ({"daily_stop": 2}, "at least 3"),
        ({"n_rechecks": -1, "recheck_after": WEEK}, "at least 0"),
        ({"n_rechecks": 4}, "together"),
        ({"recheck_after": WEEK}, "together"),
        ({"recheck_after": timedelta(0), "n_rechecks": 1}, "above 0"),
    ],
)
def test_wrong_parameters_are_named(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Streak(**wrong)  # type: ignore[arg-type]  # wrong on purpose
