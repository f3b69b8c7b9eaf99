"""The zone of a learner as the engine tells it: the one that recommendations are made from, and the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.domain import READY_AT, Item, Prerequisite, Skill
from adaptive.engine import Engine, RecommendationRequest, ZoneReport
from adaptive.engine.bank import Bank
from adaptive.engine.learner import LearnerFold
from adaptive.engine.view import LearnerView
from adaptive.errors import UnknownLearner, UnknownSkill
from adaptive.models import build_model, replay
from adaptive.policies import Label, ZoneSettings
from adaptive.protocols import Candidates, GenerativeModel
from adaptive.storage import Store

from .conftest import SKILLS, START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=30)
GENERATIVE = ("bkt", "state_space_irt")


def practise(engine: Engine[Any], outcomes: list[float], skill_ids: tuple[str, ...] = SKILLS) -> None:
    """One attempt after another on each of the skills, each on an item of its own."""
    engine.record_batch(
        TENANT,
        [
            attempt_of(1000 * i + n, f"{skill_id}-{n}", correct=correct)
            for i, skill_id in enumerate(skill_ids)
            for n, correct in enumerate(outcomes)
        ],
    )


def zone(engine: Engine[Any], *skill_ids: str) -> ZoneReport:
    return engine.zone(TENANT, "ann", at=LATER, skill_ids=skill_ids)


def served(name: str, store: Store, catalog: Catalog) -> Engine[Any]:
    return Engine(store, build_model(name, catalog), catalog, model_version=name)


def view_after(name: str, catalog: Catalog, outcomes: dict[str, list[float]]) -> LearnerView[Any]:
    model = build_model(name, catalog)
    items = ((skill_id, n, correct) for skill_id, run in outcomes.items() for n, correct in enumerate(run))
    history = (attempt_of(i, f"{skill_id}-{n}", correct=correct) for i, (skill_id, n, correct) in enumerate(items))
    fold, bank = LearnerFold(model), Bank.of(catalog)
    state = replay(fold, [replace(attempt, skill_ids=catalog.item(attempt.item_id).skill_ids) for attempt in history])
    return LearnerView.of(model, bank, state, LATER, ZoneSettings())


def steps_back(view: LearnerView[Any], goal: tuple[str, ...]) -> set[str]:
    """The skills of the items to step back to."""
    seen = view.candidates(np.arange(len(view.bank.catalog.items)), view.kinds(goal, "learn"))
    assert seen.outlook is not None
    return {
        skill_id
        for i in np.flatnonzero(seen.outlook.steps_back)
        for skill_id in seen.items.skill_ids[i]
        if len(seen.items.skill_ids[i]) == 1
    }


def whole(view: LearnerView[Any]) -> Candidates:
    return view.candidates(np.arange(len(view.bank.catalog.items)), view.kinds(SKILLS, "learn"))


def test_every_item_in_service_has_one_label_and_its_numbers(engine: Engine[Any]) -> None:
    practise(engine, [1.0, 0.0, 1.0, 1.0], ("halves", "sums"))
    told, is_generative = zone(engine), isinstance(engine.model, GenerativeModel)
    assert [row.item_id for row in told.rows] == [item.item_id for item in engine.catalog.items if not item.retired]
    assert told.source == ("draws" if is_generative else "marginals")
    for row in told.rows:
        assert row.label in get_args(Label)
        assert 0.0 <= row.zone_probability <= 1.0
        assert row.interval[0] <= row.p_correct <= row.interval[1]
        assert (row.expected_gain is not None) == (row.information is not None) == is_generative
        assert row.label != "unknown" or is_generative
        assert row.label != "zone" or row.in_zone


def test_a_recommendation_is_made_from_the_zone_that_is_told(engine: Engine[Any]) -> None:
    """Met items rest, and none is stuck: what is recommended is in the zone, with the very numbers of it."""
    practise(engine, [1.0, 0.0, 1.0, 0.0])
    decision = engine.recommend(TENANT, RecommendationRequest("ann", k=3), decision_id="d1", at=LATER, seed=5)
    rows = {row.item_id: row for row in zone(engine).rows}
    assert {item_id for item_id in decision.zone_item_ids if not rows[item_id].in_zone} == set()
    for shown in decision.shown:
        row = rows[shown.item_id]
        assert (shown.zone_probability, shown.expected_gain, shown.information) == (
            row.zone_probability,
            row.expected_gain,
            row.information,
        )


def test_the_zone_follows_from_state_and_time_and_not_from_the_decisions_seed(engine: Engine[Any]) -> None:
    practise(engine, [1.0, 0.0, 1.0])
    request = RecommendationRequest("ann", k=2)
    made = [engine.recommend(TENANT, request, decision_id=f"d{seed}", at=LATER, seed=seed) for seed in range(3)]
    assert len({decision.zone_item_ids for decision in made}) == 1
    assert zone(engine) == zone(engine)
    engine.record(TENANT, attempt_of(5, "sums-20", correct=0.0))
    assert [engine.decide_again(TENANT, f"d{seed}") for seed in range(3)] == made


def test_a_goal_narrows_the_zone_to_what_it_stands_on(engine: Engine[Any]) -> None:
    practise(engine, [1.0, 0.0])
    touched = {skill_id for row in zone(engine, "sums").rows for skill_id in row.skill_ids}
    assert touched == {"halves", "sums"}


def test_learners_and_skills_that_nobody_knows_are_refused(engine: Engine[Any]) -> None:
    with pytest.raises(UnknownLearner, match="ann"):
        zone(engine)
    with pytest.raises(UnknownSkill, match="algebra"):
        zone(engine, "algebra")


def test_a_weak_learner_always_finds_something_to_learn(engine: Engine[Any]) -> None:
    practise(engine, [0.0] * 8)
    told = zone(engine)
    assert any(row.in_zone for row in told.rows)
    assert engine.recommend(TENANT, RecommendationRequest("ann"), decision_id="d1", at=LATER, seed=5).shown


def test_a_learner_who_has_mastered_all_has_no_zone(store: Store, catalog: Catalog) -> None:
    engine = served("bkt", store, catalog)
    practise(engine, [1.0] * 20)
    told = zone(engine)
    assert {(row.label, row.in_zone) for row in told.rows} == {("mastered", False)}
    assert told.relaxed == "anything"


@pytest.mark.parametrize("name", GENERATIVE)
def test_a_new_skill_of_a_little_known_learner_is_unknown_until_it_was_tried(name: str, store: Store, catalog: Catalog) -> None:
    engine = served(name, store, catalog)
    practise(engine, [0.0, 1.0], ("halves",))
    before = {row.item_id: row.label for row in zone(engine).rows}
    practise(engine, [0.0, 1.0, 1.0], ("halves",))
    after = {row.item_id: row.label for row in zone(engine).rows}
    assert before["halves-20"] == "unknown"
    assert after["halves-20"] != "unknown"


@pytest.mark.parametrize("name", GENERATIVE)
def test_items_that_differ_in_nothing_share_their_probability_and_gain(name: str, catalog: Catalog) -> None:
    seen = whole(view_after(name, catalog, {"halves": [1.0, 0.0, 1.0]}))
    index = {item_id: i for i, item_id in enumerate(seen.items.item_ids)}
    unmet = [index[f"sums-{n}"] for n in range(30)]
    assert len({(seen.zone_probability[i], seen.expected_gain[i]) for i in unmet}) == 1


@pytest.mark.parametrize("name", GENERATIVE)
def test_a_right_answer_on_a_prerequisite_never_lowers_readiness(name: str, catalog: Catalog) -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        run = [float(x) for x in rng.random(rng.integers(0, 8)) < rng.random()]
        before, after = (whole(view_after(name, catalog, {"halves": outcomes, "sums": [0.0, 1.0]})) for outcomes in (run, [*run, 1.0]))
        of_sums = [i for i, run_ in enumerate(before.items.skill_ids) if run_ == ("sums",)]
        assert (after.readiness[of_sums] >= before.readiness[of_sums] - 1e-12).all()  # rounding


@pytest.mark.parametrize("name", GENERATIVE)
def test_no_item_is_likely_whose_prerequisite_is_likely_unready(name: str, catalog: Catalog) -> None:
    """Z is at most P(ready), here well below a half; the prerequisite's own items are what is left."""
    seen = whole(view_after(name, catalog, {"halves": [0.0] * 6}))
    of_sums = [i for i, run in enumerate(seen.items.skill_ids) if run == ("sums",)]
    of_halves = [i for i, run in enumerate(seen.items.skill_ids) if run == ("halves",)]
    assert seen.zone_probability[of_sums].max() < 0.5 < seen.zone_probability[of_halves].min()


def test_a_step_back_leads_to_the_first_prerequisite_that_is_not_ready(catalog: Catalog) -> None:
    weak = view_after("bkt", catalog, {"halves": [0.0] * 6, "sums": [0.0] * 6})
    assert steps_back(weak, ("ratios",)) == {"halves"}
    better = view_after("bkt", catalog, {"halves": [1.0] * 9, "sums": [0.0] * 6})
    assert better.mastery.expected_success[0] >= READY_AT
    assert steps_back(better, ("ratios",)) == {"sums"}
    assert steps_back(better, ("sums",)) == set()


def test_of_goals_that_wait_for_one_skill_each_the_likelier_one_is_the_nearest() -> None:
    skills = ("a", "after-a", "b", "after-b")
    catalog = Catalog(
        "branches",
        skills=tuple(Skill(skill_id) for skill_id in skills),
        items=tuple(Item(f"{skill_id}-{n}", (skill_id,)) for skill_id in skills for n in range(9)),
        prerequisites=(Prerequisite("a", "after-a"), Prerequisite("b", "after-b")),
    )
    outcomes = {"a": [0.0] * 6, "b": [0.0] * 6, "after-a": [0.0, 0.0], "after-b": [1.0]}
    assert steps_back(view_after("bkt", catalog, outcomes), skills) == {"b"}
