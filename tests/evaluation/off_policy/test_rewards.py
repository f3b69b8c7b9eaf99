"""Rewards come later, are unaided, and cannot be won by what is easy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isnan

import pytest

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, UnknownName
from adaptive.evaluation.off_policy import REWARDS, PractisedLearner, RewardSettings, require_rewards

from .world import START

DAY = timedelta(days=1)
SUMS = frozenset({"sums"})


def answer(days: float, correct: float, skill: str = "sums") -> Attempt:
    at = START + timedelta(days=days)
    return Attempt(f"a{days}-{skill}", "ann", f"{skill}-1", (skill,), correct, at)


def learner(*attempts: Attempt, mastered_from: int | None = None) -> PractisedLearner:
    """Sums stand mastered from the attempt at that place on."""
    mastered = [SUMS if mastered_from is not None and place >= mastered_from else frozenset[str]() for place in range(len(attempts))]
    return PractisedLearner(attempts, tuple(mastered))


def delayed(practised: PractisedLearner) -> float:
    return REWARDS["delayed_correct"](practised, START, SUMS, RewardSettings())


def mastery(practised: PractisedLearner, within: int = 3) -> float:
    return REWARDS["mastery"](practised, START, SUMS, RewardSettings(mastery_within=within))


def test_delayed_correctness_is_the_first_answer_on_the_skill_at_least_a_day_on() -> None:
    assert delayed(learner(answer(0.001, 1.0), answer(1.0, 0.0), answer(2.0, 1.0))) == 0.0
    assert delayed(learner(answer(0.001, 0.0), answer(3.0, 1.0))) == 1.0


def test_the_answer_to_the_shown_item_itself_never_counts() -> None:
    assert isnan(delayed(learner(answer(0.001, 1.0), answer(0.9, 1.0))))


def test_another_skill_an_aided_answer_and_a_study_row_tell_nothing() -> None:
    aided = replace(answer(2.0, 1.0), hints_used=1)
    again = replace(answer(2.1, 1.0), attempt_number=2)
    study = replace(answer(2.2, 1.0), study=True, correct=None)
    assert isnan(delayed(learner(answer(1.5, 1.0, "halves"), aided, again, study)))
    assert delayed(learner(aided, again, study, answer(3.0, 0.0))) == 0.0


def test_an_answer_without_a_time_is_not_known_to_come_later() -> None:
    assert isnan(delayed(learner(replace(answer(2.0, 1.0), occurred_at=None))))


def test_mastery_is_won_within_so_many_answers() -> None:
    four = [answer(day, 1.0, skill) for day, skill in ((0.1, "sums"), (0.2, "halves"), (0.3, "sums"), (0.4, "sums"))]
    assert mastery(learner(*four, mastered_from=2)) == 1.0
    assert mastery(learner(*four, mastered_from=3)) == 0.0


def test_what_stood_mastered_before_wins_nothing() -> None:
    easy = [answer(-1.0, 1.0), *(answer(day, 1.0) for day in (0.1, 0.2, 0.3))]
    assert mastery(learner(*easy, mastered_from=0)) == 0.0


def test_mastery_is_not_seen_before_all_those_answers_are_there() -> None:
    """Even where it is reached: else the impatient would see successes alone."""
    assert isnan(mastery(learner(answer(0.1, 1.0), answer(0.2, 1.0), mastered_from=1)))


def test_of_an_item_on_several_skills_the_share_that_came_to_be_mastered_counts() -> None:
    three = learner(*(answer(day, 1.0) for day in (0.1, 0.2, 0.3)), mastered_from=1)
    assert REWARDS["mastery"](three, START, frozenset({"sums", "halves"}), RewardSettings(mastery_within=3)) == 0.5


@pytest.mark.parametrize("name", ["correct", "immediate_correct"])
def test_immediate_correctness_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(InvalidInput, match="easiest first wins it by 13 to 18 points"):
        require_rewards([name])


def test_an_unknown_reward_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="delayed_correct, mastery"):
        require_rewards(["fun"])


@pytest.mark.parametrize("settings", [{"least_delay": timedelta(0)}, {"least_delay": -DAY}, {"mastery_within": 0}])
def test_delays_that_are_none_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="rewards has 1 problem"):
        RewardSettings(**settings)  # type: ignore[arg-type] # of the field's own type
