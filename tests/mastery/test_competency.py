"""Each condition of demonstrated competency, one left out at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adaptive.errors import InvalidInput
from adaptive.mastery import Competency, Estimate, Evidence, Occasion, stand
from tests.mastery.learners import DAY, NOON, answer, spoilt

SURE = Estimate(success=(0.8, 0.95))


def success(n: int, **change: Any) -> Evidence:
    """Success n of a learner who meets all conditions with numbers 0 to 3."""
    usual: dict[str, Any] = {
        "at": NOON + (n // 2) * DAY,
        "family_id": f"f{n % 2}",
        "n_families": 2,
        "occasion": Occasion.MIXED if n == 3 else Occasion.PRACTICE,
        "estimate": SURE,
    }
    return answer(n, **(usual | change))


def changed(**change: Any) -> list[Evidence]:
    return [success(n, **change) for n in range(4)]


def test_four_independent_successes_that_meet_every_condition() -> None:
    assert stand(Competency(), changed()[:3]).level.value == "practising"
    standing = stand(Competency(), changed())
    assert (standing.level.value, standing.finished) == ("competent", True)
    assert standing.level.evidence_ids == ("a0", "a1", "a2", "a3")
    assert standing.reason == "4 right answers on different items over 2 days, one in mixed practice."


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"at": NOON}, "Still asked: successes on 2 days."),
        ({"at": None}, "Still asked: successes on 2 days."),
        ({"family_id": "f1"}, "Still asked: 2 kinds of items."),
        ({"occasion": Occasion.PRACTICE}, "Still asked: one success in mixed practice."),
        ({"estimate": Estimate(success=(0.79, 0.95))}, "Still asked: a lower bound of 80 % (now 79 %)."),
    ],
)
def test_each_condition_is_needed_and_named(change: dict[str, Any], missing: str) -> None:
    standing = stand(Competency(), changed(**change))
    assert standing.level.value == "practising"
    assert standing.reason == missing


def test_one_item_again_is_no_independent_success() -> None:
    same = [spoilt(evidence, item_id="q0") for evidence in changed()]
    assert stand(Competency(), same).level.value == "practising"


def test_none_of_the_last_two_is_wrong() -> None:
    slip = answer(9, 0.0, at=NOON + 2 * DAY, estimate=SURE)
    slipped = stand(Competency(), [*changed()[:3], slip, success(3)])
    assert slipped.reason == "Still asked: the last 2 answers right."
    assert stand(Competency(), [success(7)], slipped).level.value == "competent"  # two right answers make one slip good


@pytest.mark.parametrize("n_families", [0, 1])
def test_a_skill_of_one_family_asks_for_no_second(n_families: int) -> None:
    assert stand(Competency(), changed(family_id="f1", n_families=n_families)).level.value == "competent"


@pytest.mark.parametrize("occasion", [Occasion.MIXED, Occasion.QUIZ, Occasion.CHALLENGE])
def test_quizzes_and_challenges_are_mixed_too(occasion: Occasion) -> None:
    assert stand(Competency(), [*changed()[:3], success(3, occasion=occasion)]).level.value == "competent"


def test_successes_beyond_four_can_fill_what_is_missing() -> None:
    many = [success(n, at=NOON, family_id="f1", occasion=Occasion.PRACTICE) for n in range(20)]
    late = success(20, at=NOON + DAY, family_id="f2", occasion=Occasion.MIXED)
    standing = stand(Competency(), [*many, late])
    assert standing.level.value == "competent"
    assert standing.level.evidence_ids == ("a0", "a1", "a2", "a3", "a20")


def test_teachers_evidence_counts_under_their_name() -> None:
    teachers = replace(success(2), occasion=Occasion.TEACHER, author="ms lin", estimate=Estimate())
    standing = stand(Competency(), [*changed()[:2], teachers, success(3)])
    assert standing.level.value == "competent"
    assert standing.reason.endswith("partly entered by ms lin.")
    with pytest.raises(InvalidInput, match="names its author"):
        replace(teachers, author=None)


def test_competency_is_kept_and_a_fallen_bound_asks_for_a_review() -> None:
    competent = stand(Competency(), changed())
    fallen = Competency().after(competent, answer(9, 0.0, at=NOON + 9 * DAY, estimate=Estimate(success=(0.6, 0.9))))
    assert (fallen.level, fallen.review_due_at) == (competent.level, NOON + 9 * DAY)
    slipped = Competency().after(competent, answer(9, 0.0, estimate=SURE))
    assert (slipped.level, slipped.review) == (competent.level, None)
