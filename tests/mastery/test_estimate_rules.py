"""Rules that read the estimate: thresholds, goals, cuts, the bounded score and retention."""

from __future__ import annotations

from math import log, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.errors import InvalidInput
from adaptive.mastery import (
    Ability,
    AbilityCut,
    BktThreshold,
    BoundedScore,
    Estimate,
    Evidence,
    GoalMastery,
    MasteryRule,
    Recall,
    Retention,
    TwoStateFit,
    build_rule,
    stand,
)
from tests.mastery.learners import DAY, NOON, answer, rank

BELOW = nextafter(0.95, 0.0)


def estimated(*p_mastered: float, **known: Any) -> list[Evidence]:
    """One right answer for each estimate."""
    return [answer(n, estimate=Estimate(p, **known)) for n, p in enumerate(p_mastered)]


@pytest.mark.parametrize(
    ("p", "level"),
    [
        ((0.99, 0.99), "practising"),  # at least 3 attempts
        ((0.2, 0.2, 0.95), "mastered"),
        ((0.2, 0.2, BELOW), "close"),
        ((0.2, 0.2, 0.70), "close"),
        ((0.2, 0.2, 0.69), "practising"),
        ((0.2, 0.8, 0.8, 0.96), "mastered"),
    ],
)
def test_bkt_threshold_and_its_bands(p: tuple[float, ...], level: str) -> None:
    assert stand(BktThreshold(), estimated(*p)).level.value == level


def test_bkt_variant_at_ninety() -> None:
    history = estimated(0.5, 0.5, 0.9)
    assert stand(build_rule("bkt_threshold", {"p_mastery": 0.9}), history).level.value == "mastered"
    assert stand(BktThreshold(), history).level.value == "close"


@pytest.mark.parametrize(
    ("guess", "slip", "is_sound"), [(0.5, 0.49, True), (0.51, 0.1, False), (0.1, 0.51, False), (0.5, 0.5, False), (0.0, 0.5, True)]
)
def test_degenerate_fits_award_nothing(guess: float, slip: float, is_sound: bool) -> None:
    standing = stand(BktThreshold(), estimated(0.99, 0.99, 0.99, fit=TwoStateFit(guess, slip)))
    assert (standing.level.value == "mastered") is is_sound
    assert ("cannot tell" in standing.reason) is not is_sound


def test_a_fallen_estimate_asks_for_a_review_and_keeps_the_level() -> None:
    mastered = stand(BktThreshold(), estimated(0.9, 0.9, 0.97))
    kept = stand(BktThreshold(), [answer(9, 0.0, estimate=Estimate(0.8))], mastered)
    assert kept.review is None  # between the bands nothing changes
    fallen = stand(BktThreshold(), [answer(10, 0.0, at=NOON + DAY, estimate=Estimate(0.6))], kept)
    assert fallen.level == mastered.level
    assert fallen.review_due_at == NOON + DAY
    assert stand(BktThreshold(), [answer(11, estimate=Estimate(0.9))], fallen).review == fallen.review
    assert stand(BktThreshold(), [answer(12, estimate=Estimate(0.95))], fallen).review is None


def test_goal_needs_its_estimate_and_its_attempts() -> None:
    rule = GoalMastery(min_p_mastery=0.9, min_attempts_per_skill=4, max_attempts_on_goal=6)
    assert stand(rule, estimated(0.95, 0.95, 0.95)).level.value == "practising"
    assert stand(rule, estimated(0.95, 0.95, 0.95, 0.9)).level.value == "mastered"


def test_complete_by_work_is_its_own_status_and_can_be_upgraded() -> None:
    rule = GoalMastery(max_attempts_on_goal=5)
    history = estimated(*[0.5] * 5)
    assert not stand(rule, history[:4]).finished
    complete = stand(rule, history)
    assert (complete.level.value, complete.finished) == ("complete_max_work", True)
    assert stand(rule, [answer(8, 0.0, estimate=Estimate(0.1))], complete).level == complete.level
    upgraded = stand(rule, [answer(9, estimate=Estimate(0.96))], complete)
    assert (upgraded.level.value, upgraded.finished) == ("mastered", True)


def test_a_goal_of_several_skills_counts_its_answers_together_in_any_order() -> None:
    rule = GoalMastery(max_attempts_on_goal=6)
    mastered, weak = stand(rule, estimated(0.9, 0.9, 0.96)), stand(rule, estimated(0.3, 0.3, 0.3))
    assert rule.status({"a": mastered, "b": mastered}).value == "mastered"
    assert rule.status({"a": mastered, "b": rule.start()}).value == "in_progress"
    status = rule.status({"b": weak, "a": mastered})
    assert (status.value, status.n_attempts, status.unmet_skill_ids) == ("complete_max_work", 6, ("b",))
    assert rule.status({"a": mastered, "b": weak}) == status
    assert rule.status({"a": mastered, "b": weak}, n_attempts=5).value == "in_progress"  # items on both skills
    with pytest.raises(InvalidInput, match="at least one skill"):
        rule.status({})


def test_ability_cut_by_its_lower_bound() -> None:
    rule = AbilityCut(cut=1.0)
    for ability, is_above in [
        (Ability(1.9, 0.5), True),
        (Ability(1.8, 0.5), False),
        (Ability(3.0, 0.1, low=0.9), False),
        (Ability(1.2, 9.0, low=1.1), True),
    ]:
        standing = stand(rule, [answer(0, estimate=Estimate(ability=ability))])
        assert (standing.level.value == "above the cut") is is_above, ability


def test_ability_cut_by_probability() -> None:
    """Phi(1.6448537) = .95: the reference is any table of the normal."""
    rule = AbilityCut(cut=0.0, min_p_above=0.95)
    for mean, is_above in [(1.64486, True), (1.64484, False)]:
        assert (stand(rule, [answer(0, estimate=Estimate(ability=Ability(mean, 1.0)))]).level.value == "above the cut") is is_above


def test_ability_cut_is_mastery_by_default_and_keeps_its_level() -> None:
    assert AbilityCut().cut == pytest.approx(log(4.0))  # logit(.80)
    above = stand(AbilityCut(), [answer(0, estimate=Estimate(ability=Ability(3.0, 0.5)))])
    unsure = AbilityCut().after(above, answer(1, 0.0, estimate=Estimate(ability=Ability(1.5, 0.5))))
    assert (unsure.level, unsure.review) == (above.level, None)
    fallen = AbilityCut().after(unsure, answer(2, 0.0, at=NOON + DAY, estimate=Estimate(ability=Ability(1.0, 0.5))))
    assert (fallen.level, fallen.review_due_at) == (above.level, NOON + DAY)


def scored(n: int, score: float, low: float) -> Evidence:
    return answer(n, score, estimate=Estimate(success=(low, 1.0)))


@pytest.mark.parametrize(
    ("steps", "points"),
    [
        ([(1, 0.29)], 29),
        ([(1, 0.70), (0, 0.40)], 65),  # at most 5 down
        ([(1, 0.70), (0, 0.68)], 68),
        ([(1, 0.70), (0, 0.75)], 70),  # a wrong answer never raises
        ([(1, 0.70), (1, 0.50)], 70),  # a right one never lowers
        ([(1, 0.82), (0, 0.40)], 80),  # never below a milestone
        ([(1, 0.82), (0, 0.40), (0, 0.10)], 80),
        ([(1, 0.93), (0, 0.60), (0, 0.60)], 90),
        ([(1, 0.79), (0, 0.60)], 74),
    ],
)
def test_the_bounded_score(steps: list[tuple[int, float]], points: int) -> None:
    assert stand(BoundedScore(), [scored(n, score, low) for n, (score, low) in enumerate(steps)]).points == points


@given(steps=st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0)), max_size=30))
def test_one_answer_costs_at_most_five_points_and_never_a_milestone(steps: list[tuple[float, float]]) -> None:
    rule = BoundedScore()
    standing = rule.start()
    for n, (score, low) in enumerate(steps):
        before, standing = standing, rule.after(standing, scored(n, score, low))
        assert standing.points >= before.points - 5
        held = [milestone for milestone in rule.milestones if before.points >= milestone]
        assert standing.points >= max(held, default=0)
        assert 0 <= standing.points <= 100
        assert rank(rule, standing.level.value) >= rank(rule, before.level.value)


def test_milestones_are_levels_and_a_fallen_bound_asks_for_a_review() -> None:
    eighty = stand(BoundedScore(), [scored(0, 1, 0.82)])
    assert (eighty.level.value, eighty.finished, eighty.level.evidence_ids) == ("80", False, ("a0",))
    assert stand(BoundedScore(), [scored(1, 0, 0.75)], eighty).review is None
    fallen = stand(BoundedScore(), [scored(1, 0, 0.70)], eighty)
    assert (fallen.points, fallen.level, fallen.review_due_at) == (80, eighty.level, NOON)
    ninety = stand(BoundedScore(), [scored(2, 1, 0.9)], fallen)
    assert (ninety.level.value, ninety.finished, ninety.review) == ("90", True, None)


def recalled(n: int, p: float, recall: Recall) -> Evidence:
    return answer(n, estimate=Estimate(p, recall=recall))


@pytest.mark.parametrize(("p", "recall", "level"), [(0.95, 0.9, "retained"), (BELOW, 0.99, "practising"), (0.99, 0.89, "practising")])
def test_retention_needs_mastery_and_recall(p: float, recall: float, level: str) -> None:
    assert stand(Retention(), [recalled(0, p, Recall(recall))]).level.value == level


def test_fading_recall_asks_for_a_review_and_keeps_the_level() -> None:
    until = NOON + 10 * DAY
    known = stand(Retention(), [recalled(0, 0.97, Recall(0.99, until))])
    assert known.review_due_at == until
    assert not known.needs_review(until - DAY)
    assert known.needs_review(until)
    faded = Retention().as_of(known, Estimate(0.97, recall=Recall(0.7)), NOON + 5 * DAY)  # sooner than foretold
    assert (faded.level, faded.review_due_at) == (known.level, NOON + 5 * DAY)
    again = stand(Retention(), [recalled(1, 0.97, Recall(0.99, NOON + 40 * DAY))], faded)
    assert (again.level, again.review_due_at) == (known.level, NOON + 40 * DAY)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (BktThreshold(), "estimate.p_mastered"),
        (GoalMastery(), "estimate.p_mastered"),
        (AbilityCut(), "estimate.ability"),
        (BoundedScore(), "estimate.success"),
        (Retention(), "estimate.p_mastered"),
        (build_rule("competency"), "estimate.success"),
    ],
)
def test_a_missing_estimate_is_named_and_never_taken_for_a_number(rule: MasteryRule[Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"{field}: {rule.name} needs it"):
        rule.after(rule.start(), answer(0))


@pytest.mark.parametrize(
    ("name", "wrong", "n_problems"),
    [
        ("bkt_threshold", {"p_mastery": 95, "min_attempts": 0}, 2),
        ("bkt_threshold", {"p_mastery": 0.6}, 1),  # below the lower band
        ("goal", {"min_p_mastery": 0.0, "min_attempts_per_skill": 1.5}, 2),
        ("goal", {"max_attempts_on_goal": 2}, 1),
        ("ability_cut", {"cut": float("nan"), "min_p_above": 0.3}, 2),
        ("bounded_score", {"most_down": -1, "milestones": [90, 80]}, 2),
        ("bounded_score", {"milestones": []}, 1),
        ("bounded_score", {"milestones": [80, 100]}, 1),
        ("retention", {"min_p_mastery": 2, "min_p_recall": True}, 2),
        ("competency", {"n_successes": 0, "min_low": -1}, 2),
    ],
)
def test_wrong_parameters_are_all_named(name: str, wrong: dict[str, object], n_problems: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        build_rule(name, wrong)
    assert len(caught.value.problems) == n_problems
