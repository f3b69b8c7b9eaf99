"""Plans keep their promises: closure, minutes, pins, exclusions, order, determinism; conflicts name what blocks."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings

from adaptive.catalog import Catalog
from adaptive.domain import Goal, Item, Plan, PlanStep, Skill
from adaptive.errors import ConstraintInfeasible, InvalidInput, UnknownSkill
from adaptive.planning import MilpPlanner, MinutesToMastery, PlanSettings
from adaptive.planning.building import build_task
from adaptive.planning.greedy import solve_greedily
from adaptive.planning.standing import Standing
from adaptive.protocols import Mastery, Planner
from tests.planning.worlds import START, catalog_of, constant_minutes, mastery_of, planned_worlds, spread_minutes

World = tuple[MilpPlanner, Mastery, Goal]

CHAIN = catalog_of(3, [(0, 1), (1, 2)], ["3", "4", "4"])


def planned(world: World) -> Plan:
    """The plan, where the drawn pins and exclusions can be kept."""
    planner, mastery, goal = world
    try:
        return planner.plan(mastery, goal, START)
    except ConstraintInfeasible:
        assume(False)
        raise


def learning(plan: Plan) -> list[PlanStep]:
    return [step for step in plan.steps if step.purpose != "review"]


def is_ready(mastery: Mastery, index: int) -> bool:
    """The rule of the placement page, written out."""
    return bool(mastery.p_mastered[index] >= 0.5 or mastery.expected_success[index] >= 0.65)


@settings(deadline=None)
@given(planned_worlds())
def test_every_prerequisite_that_is_not_ready_comes_before_its_dependant(world: World) -> None:
    planner, mastery, _ = world
    plan = planned(world)
    place = {step.skill_id: step.order for step in learning(plan)}
    week = {step.skill_id: step.start_week for step in learning(plan)}
    for edge in planner.catalog.prerequisites:
        if edge.skill_id in place and not is_ready(mastery, int(edge.prerequisite_id[1:])):
            assert place[edge.prerequisite_id] < place[edge.skill_id]
            assert week[edge.prerequisite_id] <= week[edge.skill_id]


@settings(deadline=None)
@given(planned_worlds())
def test_minutes_stay_within_the_budget_and_weeks_within_the_term(world: World) -> None:
    plan = planned(world)
    goal = plan.goal
    assert sum(step.minutes[1] for step in learning(plan)) <= 0.8 * goal.minutes_per_week * goal.n_weeks + 0.05 * len(
        plan.steps
    )  # rounded to .1
    assert sum(step.minutes[1] for step in plan.steps) <= goal.minutes_per_week * goal.n_weeks + 0.05 * len(plan.steps)
    assert all(1 <= step.start_week <= goal.n_weeks for step in plan.steps)
    assert [step.order for step in plan.steps] == list(range(1, len(plan.steps) + 1))
    assert [step.start_week for step in plan.steps] == sorted(step.start_week for step in plan.steps)


@settings(deadline=None)
@given(planned_worlds())
def test_pins_are_planned_exclusions_are_not_and_no_skill_is_learned_twice(world: World) -> None:
    plan = planned(world)
    skills = [step.skill_id for step in learning(plan)]
    assert set(plan.goal.pinned) <= set(skills)
    assert not set(plan.goal.excluded) & {step.skill_id for step in plan.steps}
    assert len(set(skills)) == len(skills)


@settings(deadline=None)
@given(planned_worlds())
def test_what_is_mastered_is_not_planned_unless_it_is_pinned(world: World) -> None:
    _, mastery, goal = world
    plan = planned(world)
    assert all(mastery.p_mastered[int(step.skill_id[1:])] < 0.95 or step.skill_id in goal.pinned for step in learning(plan))


@settings(deadline=None)
@given(planned_worlds())
def test_every_planned_skill_serves_the_goal(world: World) -> None:
    planner, _, goal = world
    served = planner.catalog.closure([*goal.skill_ids, *goal.pinned])
    assert {step.skill_id for step in planned(world).steps} <= set(served)


@settings(deadline=None, max_examples=30)
@given(planned_worlds())
def test_equal_inputs_give_equal_plans(world: World) -> None:
    planner, mastery, goal = world
    assert planned(world) == replace(planner).plan(mastery, goal, START)


@settings(deadline=None, max_examples=60)
@given(planned_worlds())
def test_plan_is_the_best_of_all_subsets_and_greedy_never_better(world: World) -> None:
    planner, mastery, goal = world
    planned(world)
    plan = replace(planner, settings=PlanSettings(relative_gap=0.0)).plan(mastery, goal, START)
    problem = build_task(Standing(planner.catalog, mastery, planner.settings), goal, minutes=planner.minutes).problem
    assume(len(problem) <= 10)
    chosen = np.isin(problem.skill_ids, [step.skill_id for step in learning(plan)])
    subsets = (
        np.isin(np.arange(len(problem)), kept) for size in range(len(problem) + 1) for kept in combinations(range(len(problem)), size)
    )
    best = max(problem.value(subset) for subset in subsets if problem.allows(subset))
    assert problem.value(chosen) == pytest.approx(best, abs=1e-5)
    assert problem.value(solve_greedily(problem)) <= problem.value(chosen) + 1e-6  # HiGHS' feasibility tolerance


# --- what is planned ----------------------------------------------------------------------------------------------------


def test_planner_satisfies_its_protocol() -> None:
    planner: Planner = MilpPlanner(CHAIN, constant_minutes)
    assert planner.plan(mastery_of([0.1, 0.1, 0.1]), Goal("g", ("s2",)), START).start_on == START


def test_gap_comes_along_only_where_the_prerequisite_is_not_ready() -> None:
    planner = MilpPlanner(CHAIN, constant_minutes)
    goal = Goal("grade 4", ("s1", "s2"), grade="4")
    assert [s.purpose for s in learning(planner.plan(mastery_of([0.1] * 3), goal, START))] == ["gap", "grade_level", "grade_level"]
    for ready in (mastery_of([0.5, 0.1, 0.1]), mastery_of([0.1] * 3, [0.65, 0.1, 0.1])):
        assert [s.skill_id for s in learning(planner.plan(ready, goal, START))] == ["s1", "s2"]


def test_review_follows_in_the_week_after_and_takes_its_share() -> None:
    plan = MilpPlanner(CHAIN, constant_minutes).plan(mastery_of([0.1] * 3), Goal("g", ("s2",), minutes_per_week=50.0, n_weeks=3), START)
    assert [(s.skill_id, s.purpose, s.start_week) for s in plan.steps] == [
        ("s0", "gap", 1),
        ("s1", "gap", 1),
        ("s2", "goal", 2),
        ("s0", "review", 2),
        ("s1", "review", 2),
        ("s2", "review", 3),
    ]
    assert [s.minutes for s in plan.steps if s.purpose == "review"] == [(5.0, 5.0, 5.0)] * 3
    assert plan.steps[3].reason == "Learned by week 1; a short review keeps it."


def test_reasons_say_what_a_gap_is_needed_for_and_how_likely_it_is_mastered() -> None:
    catalog = Catalog("c", skills=(Skill("s0", title="Halves"), Skill("s1", title="Sums"), Skill("s2")), prerequisites=CHAIN.prerequisites)
    plan = MilpPlanner(catalog, constant_minutes).plan(mastery_of([0.12, 0.3, 0.9]), Goal("g", ("s1",), pinned=("s2",)), START)
    reasons = {step.skill_id: step.reason for step in learning(plan)}
    assert reasons == {
        "s0": "Needed before Sums; mastered today with a chance of 12%.",
        "s1": "Part of the goal; mastered today with a chance of 30%.",
        "s2": "Pinned by the teacher; mastered today with a chance of 90%.",
    }


def test_steps_name_the_families_of_the_skills_items_in_service() -> None:
    items = (
        Item("a", ("s0",), family_id="f1"),
        Item("b", ("s0",), family_id="f2", retired=True),
        Item("c", ("s0",), family_id="f1"),
        Item("d", ("s0",)),
    )
    catalog = Catalog("c", skills=(Skill("s0"),), items=items)
    assert MilpPlanner(catalog, constant_minutes).plan(mastery_of([0.1]), Goal("g", ("s0",)), START).steps[0].item_family_ids == ("f1",)


def test_mastered_goal_gives_an_empty_plan_that_says_so() -> None:
    plan = MilpPlanner(CHAIN, constant_minutes).plan(mastery_of([0.99] * 3), Goal("g", ("s0", "s1"), grade="4"), START)
    assert plan.steps == ()
    assert plan.flags == ("nothing_to_plan: every skill of the goal is mastered, excluded or blocked",)
    assert plan.forecast.p_by_date == 1.0


def test_learner_and_versions_are_in_the_plan() -> None:
    plan = MilpPlanner(CHAIN, constant_minutes, model_version="bkt-1").plan(
        mastery_of([0.1] * 3), Goal("g", ("s0",)), START, learner_id="ann"
    )
    assert (plan.learner_id, plan.model_version, plan.catalog_version) == ("ann", "bkt-1", CHAIN.version)


def test_flags_tell_what_does_not_fit_what_is_blocked_and_what_misses_the_grade() -> None:
    wide = catalog_of(6, [(0, 1)], ["3", "4", "3", "3", "3", "3"])
    goal = Goal("g", tuple(f"s{i}" for i in range(6)), minutes_per_week=50.0, n_weeks=1, grade="4", excluded=("s0",))
    flags = MilpPlanner(wide, constant_minutes).plan(mastery_of([0.1, 0.1, 0.1, 0.1, 0.2, 0.2]), goal, START).flags
    assert [flag.partition(":")[0] for flag in flags] == ["does_not_fit", "excluded", "blocked"]
    assert flags[0].endswith("2 of the goal's skills do not fit: s4, s5")
    assert flags[1].endswith("of the goal itself s0 is excluded")
    assert flags[2].endswith("s1")


def test_grade_floor_that_pins_leave_no_time_for_is_flagged() -> None:
    goal = Goal("g", ("s0", "s1"), minutes_per_week=50.0, n_weeks=1, grade="4", pinned=("s0", "s2"))
    flags = MilpPlanner(catalog_of(3, [], ["3", "4", "3"]), constant_minutes).plan(mastery_of([0.1] * 3), goal, START).flags
    assert [flag.partition(":")[0] for flag in flags] == ["does_not_fit", "grade_floor_missed"]
    assert "20 minutes short of 20 that are wanted" in flags[1]


def test_work_off_grade_is_planned_where_no_work_on_grade_competes() -> None:
    goal = Goal("g", ("s0", "s1"), minutes_per_week=600.0, n_weeks=20, grade="5")
    plan = MilpPlanner(catalog_of(3, [], ["4", "4", "5"]), lambda m: constant_minutes(m, 45.0)).plan(mastery_of([0.6] * 3), goal, START)
    assert [step.skill_id for step in learning(plan)] == ["s0", "s1"]
    assert plan.flags == ()


def test_goal_of_which_a_part_is_excluded_or_blocked_is_never_forecast_to_be_reached() -> None:
    world = catalog_of(3, [(0, 1)])
    for goal, codes in (
        (Goal("blocked", ("s1", "s2"), excluded=("s0",)), ["no_grade", "blocked"]),
        (Goal("excluded", ("s0", "s2"), excluded=("s0",)), ["no_grade", "excluded"]),
        (Goal("all blocked", ("s1",), excluded=("s0",)), ["nothing_to_plan", "no_grade", "blocked"]),
    ):
        plan = MilpPlanner(world, constant_minutes).plan(mastery_of([0.1] * 3), goal, START)
        assert [flag.partition(":")[0] for flag in plan.flags] == codes
        assert plan.forecast.p_by_date == 0.0
        assert plan.forecast.finish_quantiles == (None, None, None)
        assert plan.forecast.minutes_for == ()
    mastered = MilpPlanner(world, constant_minutes).plan(mastery_of([0.99, 0.1, 0.1]), Goal("g", ("s0", "s2"), excluded=("s0",)), START)
    assert mastered.forecast.p_by_date == 1.0


@settings(deadline=None)
@given(planned_worlds())
def test_what_is_said_not_to_fit_does_not_and_no_reason_is_cut_short(world: World) -> None:
    planner, mastery, goal = world
    plan = planned(world)
    problem = build_task(Standing(planner.catalog, mastery, planner.settings), goal, minutes=planner.minutes).problem
    chosen = {problem.skill_ids.index(step.skill_id) for step in learning(plan)}
    left = problem.budget - problem.minutes[sorted(chosen)].sum()
    left_out = [skill for skill in range(len(problem)) if skill not in chosen and problem.skill_ids[skill] in goal.skill_ids]
    assert all(problem.minutes[list(problem.bundle(skill, chosen))].sum() > left for skill in left_out)
    assert any(flag.startswith(f"does_not_fit: {len(left_out)} ") for flag in plan.flags) == bool(left_out)
    assert not [step.reason for step in plan.steps if "before ;" in step.reason or "before ," in step.reason]


def test_gap_whose_dependant_does_not_fit_says_so() -> None:
    goal = Goal("g", ("s1",), minutes_per_week=50.0, n_weeks=1)
    plan = MilpPlanner(catalog_of(2, [(0, 1)]), lambda m: constant_minutes(m, 30.0)).plan(mastery_of([0.1] * 2), goal, START)
    assert [step.reason for step in plan.steps] == [
        "Needed before s1, for which these weeks are too short; mastered today with a chance of 10%."
    ]


def test_skills_that_nobody_masters_in_simulation_are_named() -> None:
    def hopeless(mastery: Mastery) -> MinutesToMastery:
        return MinutesToMastery(np.full((len(mastery.skill_ids), 4), 45.0), np.zeros(len(mastery.skill_ids)))

    plan = MilpPlanner(CHAIN, hopeless).plan(mastery_of([0.1] * 3), Goal("g", ("s0",), grade="3"), START)
    assert plan.flags == ("not_reachable: no simulated learner masters s0",)
    assert plan.forecast.p_by_date == 0.0
    assert plan.forecast.finish_quantiles == (None, None, None)


def test_plan_that_ran_out_of_time_says_that_a_better_one_may_exist() -> None:
    planner = MilpPlanner(catalog_of(40, [(i, i + 1) for i in range(0, 38, 2)]), spread_minutes, PlanSettings(time_limit_seconds=0.0))
    plan = planner.plan(mastery_of(np.linspace(0.05, 0.45, 40)), Goal("g", tuple(f"s{i}" for i in range(40)), n_weeks=4), START)
    assert plan.steps
    assert any(flag.startswith("not_proven_optimal") for flag in plan.flags)


# --- what cannot be planned -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pinned": ("s1",), "excluded": ("s1",)}, "s1 is both pinned and excluded"),
        ({"pinned": ("s2",), "excluded": ("s0",)}, "pinned s2 needs s0, which is excluded and not ready"),
        ({"pinned": ("s2",), "n_weeks": 1, "minutes_per_week": 50.0}, "60 minutes for s0, s1, s2 against 40"),
    ],
)
def test_pins_that_cannot_be_kept_name_what_blocks(changes: dict[str, object], named: str) -> None:
    goal = replace(Goal("g", ("s2",)), **changes)  # type: ignore[arg-type]  # keyword values vary
    with pytest.raises(ConstraintInfeasible, match=named):
        MilpPlanner(CHAIN, constant_minutes).plan(mastery_of([0.1] * 3), goal, START)


def test_every_broken_rule_of_a_goal_is_named() -> None:
    with pytest.raises(InvalidInput) as raised:
        MilpPlanner(CHAIN, constant_minutes).plan(
            mastery_of([0.1] * 3), Goal("g", (), minutes_per_week=0.0, n_weeks=0, grade="Grade 4"), START
        )
    assert [problem.where for problem in raised.value.problems] == ["minutes_per_week", "n_weeks", "skill_ids", "grade"]


@pytest.mark.parametrize("grade", ["Grade 4", "four", "13"])
def test_grade_that_is_none_is_refused_and_the_known_ones_are_named(grade: str) -> None:
    high = catalog_of(1, [], ["HS"])
    with pytest.raises(InvalidInput, match=rf"Got '{grade}'; use one of K, 1, .*, 12, HS, or leave it empty"):
        MilpPlanner(high, constant_minutes).plan(mastery_of([0.1]), Goal("g", ("s0",), grade=grade), START)


@pytest.mark.parametrize(("grade", "spelled"), [(" 4", "4"), ("hs", "HS"), ("k", "K"), (" ", "")])
def test_grade_is_spelled_as_the_catalogue_spells_it(grade: str, spelled: str) -> None:
    world = catalog_of(2, [], ["4", "HS"])
    plan = MilpPlanner(world, constant_minutes).plan(mastery_of([0.1] * 2), Goal("g", ("s0", "s1"), grade=grade), START)
    assert plan.goal.grade == spelled
    assert {s.skill_id for s in plan.steps if s.purpose == "grade_level"} == {s.skill_id for s in world.skills if s.grade == spelled}


@pytest.mark.parametrize("goal", [Goal("g", ("s9",)), Goal("g", ("s1",), pinned=("s9",)), Goal("g", ("s1",), excluded=("s9",))])
def test_unknown_skills_of_a_goal_are_refused(goal: Goal) -> None:
    with pytest.raises(UnknownSkill, match="s9"):
        MilpPlanner(CHAIN, constant_minutes).plan(mastery_of([0.1] * 3), goal, START)


def test_mastery_must_cover_the_catalogue() -> None:
    with pytest.raises(InvalidInput, match="s1, s2"):
        MilpPlanner(CHAIN, constant_minutes).plan(mastery_of([0.1]), Goal("g", ("s0",)), START)


def test_time_is_spent_where_it_gains_most() -> None:
    catalog = catalog_of(2, [])
    plan = MilpPlanner(catalog, spread_minutes).plan(
        mastery_of([0.9, 0.1]), Goal("g", ("s0", "s1"), minutes_per_week=45.0, n_weeks=1), START
    )
    assert [step.skill_id for step in learning(plan)] == ["s1"]
