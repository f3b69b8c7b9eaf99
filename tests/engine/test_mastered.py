"""A learner who answers rightly ends mastered; with forgetting, time brings a review; day zero places and plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import PROMOTE_AT, Attempt, Goal, Placement, Score
from adaptive.engine import Engine, RecommendationRequest
from adaptive.models import build_model
from adaptive.storage import Store

from .conftest import SKILLS, START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=1)


@pytest.fixture
def engine(store: Store, catalog: Catalog) -> Engine[Any]:
    model = build_model("bkt", catalog).fit(AttemptTable.from_attempts([]))
    return Engine(store, model, catalog, model_version="bkt-prior")


def answer_rightly(engine: Engine[Any], skill_id: str, n: int = 12, *, first: int = 0) -> None:
    engine.record_batch(TENANT, [attempt_of(first + i, f"{skill_id}-{i}") for i in range(n)])


def test_right_answers_end_in_mastery_and_the_skill_rests(engine: Engine[Any]) -> None:
    answer_rightly(engine, "halves")
    row = engine.mastery(TENANT, "ann", at=LATER, skill_ids=("halves",)).rows[0]
    assert (row.status, row.source) == ("mastered", "evidence")
    assert row.p_mastery >= PROMOTE_AT
    request = RecommendationRequest("ann", k=20, skill_ids=("halves",))
    decision = engine.recommend(TENANT, request, decision_id="d1", at=LATER, seed=1)
    assert (decision.status, decision.shown) == ("mastered", ())


def test_review_shows_mastered_items_for_review(engine: Engine[Any]) -> None:
    answer_rightly(engine, "halves")
    request = RecommendationRequest("ann", k=3, skill_ids=("halves",), mode="review")
    decision = engine.recommend(TENANT, request, decision_id="d1", at=LATER, seed=1)
    assert {item.purpose for item in decision.shown if item.skill_ids == ("halves",)} == {"review"}


def test_aided_and_studied_rows_do_not_count_as_attempts(engine: Engine[Any]) -> None:
    hinted = replace(attempt_of(1, "halves-1"), hints_used=2)
    studied = Attempt("study", "ann", "halves-2", (), correct=None, study=True, occurred_at=START + timedelta(minutes=2))
    engine.record_batch(TENANT, [hinted, studied])
    row = engine.mastery(TENANT, "ann", at=LATER, skill_ids=("halves",)).rows[0]
    assert row.n_attempts == 0
    assert row.last_attempt_at == START + timedelta(minutes=2)


def test_a_mastered_skill_that_fades_needs_review(store: Store, catalog: Catalog, class_with_gaps: AttemptTable) -> None:
    """BKT with forgetting, fitted on learners who answer rightly in a session and by chance after a month."""
    model = build_model("bkt_forgetting", catalog).fit(class_with_gaps)
    engine = Engine(store, model, catalog, model_version="bkt-forgetting")
    answer_rightly(engine, "halves")
    assert engine.mastery(TENANT, "ann", at=LATER, skill_ids=("halves",)).rows[0].status == "mastered"
    long_after = START + timedelta(days=400)
    (faded,) = engine.mastery(TENANT, "ann", at=long_after, skill_ids=("halves",)).rows
    assert faded.status == "needs_review"
    late = replace(attempt_of(99, "halves-20", correct=0.0), occurred_at=long_after)
    assert engine.record(TENANT, late).updates[0].p_mastery_before == faded.p_mastery


@pytest.fixture(scope="module")
def class_with_gaps() -> AttemptTable:
    attempts = []
    for learner in range(60):
        for session, rights in enumerate(((0, 0, 1, 1, 1, 1), (learner % 2, 1, 1, 1, 1, 1), (learner % 3 == 0, 1, 1, 1, 1, 1))):
            for n, right in enumerate(rights):
                at = START + timedelta(days=40 * session, minutes=n)
                name = f"l{learner}-{session}-{n}"
                attempts.append(Attempt(name, f"l{learner}", f"halves-{n}", ("halves",), float(right), at))
    return AttemptTable.from_attempts(attempts)


def test_a_placed_state_follows_the_catalogue_that_its_prior_rests_on(engine: Engine[Any]) -> None:
    """The same fitted model under an edited catalogue: a placed learner's snapshot is not used, an unplaced one's is."""
    engine.place(TENANT, Placement("p1", "ann", (Score("ann", "rit", 200.0, taken_on=START.date(), grade="4"),), placed_at=START))
    engine.record(TENANT, attempt_of(0, "sums-0", learner_id="bob"))
    harder = tuple(replace(skill, difficulty=(skill.difficulty or 0.0) + 15.0) for skill in engine.catalog.skills)
    edited = replace(engine, catalog=replace(engine.catalog, skills=harder))
    before, after = (e.mastery(TENANT, "ann", at=LATER).rows for e in (engine, edited))
    assert sum(row.p_mastery for row in after) < sum(row.p_mastery for row in before)
    assert edited.snapshot(TENANT, "bob") == engine.snapshot(TENANT, "bob") is not None
    assert edited.stale_learners(TENANT) == ()


def test_day_zero_places_plans_and_says_that_data_are_few(engine: Engine[Any]) -> None:
    score = Score("ann", "rit", 190.0, taken_on=START.date(), grade="4")
    report = engine.place(TENANT, Placement("p1", "ann", (score,), placed_at=START))
    assert {row.status for row in report.rows} == {"not_enough_data"}
    by_skill = {row.skill_id: row.p_mastery for row in report.rows}
    assert by_skill["halves"] > by_skill["sums"] > by_skill["ratios"]
    goal = Goal("ratios", ("ratios",), minutes_per_week=240.0, n_weeks=20)
    plan = engine.plan(TENANT, "ann", goal, plan_id="plan-1", start=date(2026, 3, 9), at=LATER)
    assert [step.skill_id for step in plan.steps if step.purpose != "review"] == list(SKILLS)
    assert plan.forecast.assumptions
