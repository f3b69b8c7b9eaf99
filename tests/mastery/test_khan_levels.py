"""Each line of the levels: exercises, mixed questions, challenges, points and the percentage of a course."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adaptive.errors import InvalidInput
from adaptive.mastery import Evidence, KhanLevels, Occasion, Standing, course_percentage, stand
from adaptive.mastery.khan_levels import POINTS, KhanMemory
from tests.mastery.learners import answer, spoilt

RULE = KhanLevels()
TO_REACH = {
    "not started": [],
    "attempted": ["exercise wwww"],
    "familiar": ["exercise rrrw"],
    "proficient": ["exercise rrrr"],
    "mastered": ["exercise rrrr", "quiz r"],
}


def a_set(told: str, tag: str) -> list[Evidence]:
    """`quiz rw` is a set of that occasion with one answer a letter, all on this skill."""
    occasion, marks = told.split()
    known = {"occasion": Occasion(occasion), "set_size": len(marks)}
    return [spoilt(answer(n, float(mark == "r"), session=tag, **known), attempt_id=f"{tag}.{n}") for n, mark in enumerate(marks)]


def after_sets(sets: list[str]) -> Standing[KhanMemory]:
    return stand(RULE, [evidence for n, told in enumerate(sets) for evidence in a_set(told, f"s{n}")])


def table() -> Iterator[tuple[str, str, str]]:
    """(level held, set, level after), from the help pages; 7 of 10 is 70 %."""
    low, middle, full = "exercise rrrrrrwwww", "exercise rrrrrrrwww", "exercise rrrr"
    yield from [("not started", low, "attempted"), ("not started", middle, "familiar"), ("not started", full, "proficient")]
    yield from [("attempted", low, "attempted"), ("attempted", middle, "familiar"), ("attempted", full, "proficient")]
    yield from [("familiar", low, "attempted"), ("familiar", middle, "familiar"), ("familiar", full, "proficient")]
    yield from [("proficient", low, "familiar"), ("proficient", middle, "familiar"), ("proficient", full, "proficient")]
    yield from [("mastered", low, "familiar"), ("mastered", middle, "proficient"), ("mastered", full, "mastered")]
    for lift, stay, lower in (
        ("quiz r", "quiz rw", "quiz w"),
        ("quiz rrr", "quiz wrr", "quiz ww"),
        ("challenge rr", "challenge wr", "challenge ww"),
    ):
        yield from [("not started", lift, "familiar"), ("not started", stay, "attempted"), ("not started", lower, "attempted")]
        yield from [("attempted", lift, "familiar"), ("attempted", stay, "attempted"), ("attempted", lower, "attempted")]
        yield from [("familiar", lift, "proficient"), ("familiar", stay, "familiar"), ("familiar", lower, "attempted")]
        yield from [("proficient", lift, "mastered"), ("proficient", stay, "proficient"), ("proficient", lower, "familiar")]
        yield from [("mastered", lift, "mastered"), ("mastered", stay, "mastered"), ("mastered", lower, "proficient")]


@pytest.mark.parametrize(("held", "told", "level"), list(table()))
def test_each_set_leads_from_each_level_as_the_help_pages_say(held: str, told: str, level: str) -> None:
    before = after_sets(TO_REACH[held])
    after = after_sets([*TO_REACH[held], told])
    assert before.level.value == held
    assert after.level.value == level
    assert after.points == POINTS[level]
    assert after.finished is (level == "mastered")


def test_points_are_those_of_the_source() -> None:
    assert dict(POINTS) == {"not started": 0, "attempted": 0, "familiar": 50, "proficient": 80, "mastered": 100}


def test_what_was_earned_stays_on_record_when_the_level_is_lowered() -> None:
    mastered = after_sets(TO_REACH["mastered"])
    lowered = after_sets([*TO_REACH["mastered"], "quiz w"])
    assert (lowered.level.value, lowered.earned) == ("proficient", mastered.earned)
    assert lowered.reason == "0 of 1 right in a set over several skills. The level is lowered from mastered to proficient."
    assert lowered.level.evidence_ids == ("s2.0",)
    assert lowered.asks is Occasion.QUIZ


def test_exercises_alone_never_master() -> None:
    assert after_sets(["exercise rrrr"] * 10).level.value == "proficient"


def test_a_set_that_is_left_open_moves_nothing() -> None:
    opened = [answer(n, 0.0, session="left", occasion=Occasion.EXERCISE) for n in range(3)]
    proficient = after_sets(TO_REACH["proficient"])
    left = stand(RULE, opened, proficient)
    assert (left.level, left.points) == (proficient.level, 80)
    assert stand(RULE, a_set("exercise rrrr", "next"), left).level == proficient.level  # the open one is forgotten


def test_a_hinted_question_is_asked_anew_and_does_not_end_the_set() -> None:
    clean = a_set("exercise rrrr", "s")
    hinted = spoilt(clean[0], hints_used=1, attempt_id="hinted")
    assert stand(RULE, [clean[0], hinted, *clean[1:]]) == stand(RULE, clean)


def test_the_usual_sizes_hold_where_the_evidence_does_not_say() -> None:
    four = [answer(n, session="s", occasion=Occasion.EXERCISE) for n in range(4)]
    assert [stand(RULE, four[:n]).level.value for n in (3, 4)] == ["not started", "proficient"]
    quiz = [answer(9, session="q", occasion=Occasion.QUIZ)]
    assert stand(RULE, [*four, *quiz]).level.value == "mastered"
    challenge = [answer(9 + n, session="c", occasion=Occasion.CHALLENGE) for n in range(2)]
    assert [stand(RULE, [*four, *challenge[:n]]).level.value for n in (1, 2)] == ["proficient", "mastered"]


def test_practice_outside_a_set_only_makes_a_start() -> None:
    assert stand(RULE, [answer(n) for n in range(20)]).level.value == "attempted"
    proficient = after_sets(TO_REACH["proficient"])
    assert RULE.after(proficient, answer(50, 0.0, occasion=Occasion.MIXED)) == proficient


def test_parts_of_a_score_count_in_an_exercise_but_are_not_full() -> None:
    history = [answer(n, 0.9, session="s", occasion=Occasion.EXERCISE) for n in range(4)]
    assert stand(RULE, history).level.value == "familiar"


def test_course_percentage_is_points_over_a_hundred_a_skill() -> None:
    assert course_percentage([100, 80, 50, 0, 0]) == 46.0
    with pytest.raises(InvalidInput, match="at least one skill"):
        course_percentage([])


def test_wrong_parameters_are_all_named() -> None:
    with pytest.raises(InvalidInput, match="2 problems"):
        KhanLevels(familiar_at=70.0, quiz_size=0)
