"""Recommendations are logged decisions: what was drawn, with which probability, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.engine import RecommendationRequest
from adaptive.policies import ExpectedGainPolicy, RuledPolicy, take
from adaptive.protocols import Candidates

from .world import ITEM, SKILL, START, TENANT, TestClient, World, attempt_body, post_all, some_attempts


def recommend(client: TestClient, status: int = 201, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/recommendations", json={"learner_id": "ann", **fields})
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_new_learner_gets_items_of_the_catalogue_with_reasons_in_words(client: TestClient, catalog: Catalog) -> None:
    told = recommend(client, k=3)
    assert (told["status"], told["state_version"], told["degraded"], told["fallback"]) == ("in_progress", 0, False, None)
    assert (told["policy_version"], told["model_version"]) == (RuledPolicy(ExpectedGainPolicy()).version, "logistic-test")
    assert [item["rank"] for item in told["items"]] == [1, 2, 3]
    assert len({item["item_id"] for item in told["items"]}) == 3
    for item in told["items"]:
        assert catalog.item(item["item_id"]).skill_ids == tuple(item["skill_ids"])
        assert item["p_correct_interval"][0] <= item["p_correct"] <= item["p_correct_interval"][1]
        assert item["reasons"][0]["text"].endswith(".")


@pytest.mark.parametrize(("explain", "bounds"), [("none", (0, 0)), ("summary", (1, 1)), ("full", (3, 6))])
def test_explain_says_how_many_reasons_are_told(client: TestClient, explain: str, bounds: tuple[int, int]) -> None:
    (item,) = recommend(client, explain=explain)["items"]
    assert bounds[0] <= len(item["reasons"]) <= bounds[1]
    weights = [reason["weight"] for reason in item["reasons"] if reason["code"] != "exploration"]
    assert weights == sorted(weights, reverse=True)
    other = item["runner_up"]
    assert (other is None) is (explain == "none")
    if other:
        assert other["item_id"] != item["item_id"]
        assert other["text"].endswith(".")
        assert len(other["differences"]) <= bounds[1]
    if explain == "full":
        assert sum(reason["weight"] for reason in item["reasons"]) == pytest.approx(item["score"], abs=1e-6)  # less is not told
        apart = item["score"] - other["score"]
        assert sum(reason["weight"] for reason in other["differences"]) == pytest.approx(apart, abs=1e-6)


def test_the_record_of_a_decision_is_whole(client: TestClient, catalog: Catalog) -> None:
    post_all(client, some_attempts(catalog))
    told = recommend(client, k=4, explain="full", skill_ids=[SKILL], mode="mixed")
    record = client.get(f"/v1/recommendations/{told['recommendation_id']}").json()
    assert (record["decision_id"], record["learner_id"], record["tenant_id"]) == (told["recommendation_id"], "ann", "default")
    assert (record["mode"], record["seed"], record["at"], record["state_version"]) == ("mixed", 7, "2026-03-03T09:00:00Z", 12)
    assert (record["k"], record["goal_skill_ids"], record["exclude_item_ids"]) == (4, [SKILL], [])
    assert record["n_candidates"] == told["alternatives_considered"]
    assert [shown["item_id"] for shown in record["shown"]] == [item["item_id"] for item in told["items"]]
    for shown, item in zip(record["shown"], told["items"], strict=True):
        assert (shown["interval"], shown["terms"]) == (item["p_correct_interval"], item["reasons"])
        assert (shown["propensity"], shown["p_correct"]) == (item["propensity"], item["p_correct"])
        assert (shown["information"], shown["doubt"]) == (item["information"], item["doubt"])
        assert (shown["score"], shown["runner_up"]) == (item["score"], item["runner_up"])
    assert record["outcome"] is None


def test_propensities_are_those_of_the_policy_conditional_on_the_ranks_before(world: World, client: TestClient, catalog: Catalog) -> None:
    """Recomputed from the engine's own candidates, by hand: at each rank the policy over what is left sums to 1.

    Items of the first twelve attempts rest; no other rule bears upon these ranks.
    """
    post_all(client, some_attempts(catalog))
    told = recommend(client, k=5)
    record = client.get(f"/v1/recommendations/{told['recommendation_id']}").json()
    everything = candidates_of(world)
    met = {body["item_id"] for body in some_attempts(catalog)}
    candidates = take(everything, np.array([i for i, item_id in enumerate(everything.items.item_ids) if item_id not in met]))
    assert len(candidates.items) == record["n_candidates"]
    assert {tuple(shown["constraints_applied"]) for shown in record["shown"]} == {("no_repeat",)}
    ids = list(candidates.items.item_ids)
    assert [item for item, p in zip(ids, ExpectedGainPolicy().probabilities(candidates), strict=True) if p] == record["zone_item_ids"]
    left = list(range(len(ids)))
    for shown in record["shown"]:
        p_choice = ExpectedGainPolicy().probabilities(take(candidates, np.array(left)))
        assert p_choice.sum() == pytest.approx(1.0, abs=1e-12)  # rounding of some hundred additions
        assert shown["propensity"] == pytest.approx(p_choice[left.index(ids.index(shown["item_id"]))], abs=1e-12)
        left.remove(ids.index(shown["item_id"]))
    assert sum(p for _, p in record["runners_up"]) + record["shown"][0]["propensity"] <= 1.0


def candidates_of(world: World) -> Candidates:
    """All that could be chosen, as the engine's own policy saw it."""
    seen: list[Candidates] = []

    class Watching(ExpectedGainPolicy):
        def probabilities(self, candidates: Candidates) -> Any:
            seen.append(candidates)
            return super().probabilities(candidates)

    with world.engine() as engine:
        watched = replace(engine, policy=Watching())
        watched.recommend(TENANT, RecommendationRequest("ann", dry_run=True), decision_id="w", at=world.clock.at, seed=0)
    return seen[0]


def test_a_dry_run_answers_200_and_stores_nothing(client: TestClient) -> None:
    told = recommend(client, status=200, dry_run=True)
    assert client.get(f"/v1/recommendations/{told['recommendation_id']}").status_code == 404


def test_equal_time_seed_and_state_draw_equal_items(client: TestClient) -> None:
    first, second = (recommend(client, k=5)["items"] for _ in range(2))
    assert first == second


def test_excluded_and_recent_items_are_not_shown_and_the_rules_are_named(world: World, client: TestClient, catalog: Catalog) -> None:
    world.clock.at = START
    items = [item.item_id for item in catalog.items_of(SKILL)]
    client.post("/v1/attempts", json=attempt_body(-1, items[0], outcome={"correct": False}))
    told = recommend(client, k=20, skill_ids=[SKILL], exclude_item_ids=[items[1]])
    shown = {item["item_id"] for item in told["items"]}
    assert shown.isdisjoint(items[:2])
    assert told["constraints_applied"] == ["exclude_item_ids", "no_repeat", "cold_start"]


def test_where_nothing_is_left_the_answer_is_blocked_and_names_what_blocks(client: TestClient, catalog: Catalog) -> None:
    told = recommend(client, skill_ids=["equal-groups"], exclude_item_ids=[item.item_id for item in catalog.items_of("equal-groups")])
    assert (told["status"], told["items"], told["constraints_applied"]) == ("blocked", [], ["exclude_item_ids"])


def test_a_plan_of_the_learner_gives_the_skills_to_work_towards(client: TestClient) -> None:
    plan = client.post("/v1/plans", json={"learner_id": "ann", "skill_ids": [SKILL]}).json()
    planned = {step["skill_id"] for step in plan["steps"]}
    told = recommend(client, k=10, plan_id=plan["plan_id"])
    assert planned.issuperset(skill for item in told["items"] for skill in item["skill_ids"])
    foreign = recommend(client, status=422, learner_id="ben", plan_id=plan["plan_id"])
    assert foreign["errors"][0]["where"] == "body.plan_id"
    assert recommend(client, status=404, plan_id="no-such-plan")["slug"] == "not_found"


def follow(client: TestClient, **plan: Any) -> dict[str, Any]:
    """A recommendation by a new plan, and what its record says was excluded."""
    made = client.post("/v1/plans", json={"learner_id": "ann", **plan}).json()
    told = recommend(client, k=20, plan_id=made["plan_id"])
    record = client.get(f"/v1/recommendations/{told['recommendation_id']}").json()
    return {"n_steps": len(made["steps"]), **told, "excluded": record["exclude_item_ids"]}


def test_a_plan_that_excludes_its_whole_goal_is_blocked(client: TestClient) -> None:
    told = follow(client, skill_ids=[SKILL], excluded=[SKILL])
    assert (told["n_steps"], told["status"], told["items"]) == (0, "blocked", [])
    assert told["constraints_applied"] == ["exclude_item_ids"]


def test_a_plan_whose_goal_was_mastered_already_is_mastered(client: TestClient, catalog: Catalog) -> None:
    items = [item.item_id for item in catalog.items_of("equal-groups")]
    post_all(client, [attempt_body(n, items[n % len(items)], outcome={"correct": True}) for n in range(40)])
    told = follow(client, skill_ids=["equal-groups"])
    assert (told["n_steps"], told["status"], told["items"]) == (0, "mastered", [])


def test_what_a_plan_excludes_is_not_shown_on_its_way(client: TestClient, catalog: Catalog) -> None:
    edge = next(edge for edge in catalog.prerequisites if edge.skill_id == SKILL)
    barred = {item.item_id for item in catalog.items_of(edge.prerequisite_id)}
    told = follow(client, skill_ids=[SKILL], excluded=[edge.prerequisite_id])
    assert barred == set(told["excluded"])
    assert barred.isdisjoint(item["item_id"] for item in told["items"])
    assert {skill for item in told["items"] for skill in item["skill_ids"]} <= set(catalog.closure([SKILL]))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"k": 0}, "body.k"),
        ({"k": 21}, "body.k"),
        ({"k": "3"}, "body.k"),
        ({"mode": "play"}, "body.mode"),
        ({"explain": True}, "body.explain"),
        ({"skill_ids": [SKILL], "plan_id": "p"}, "body"),
        ({"goal": "pass"}, "body.goal"),
        ({"goal_id": "g-1"}, "body.goal_id"),
        ({"exclude_item_ids": ["x"] * 1_001}, "body.exclude_item_ids"),
        ({"session": {"id": "s", "minutes_left": -1}}, "body.session.minutes_left"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_by_the_path_of_its_field(client: TestClient, fields: dict[str, Any], where: str) -> None:
    assert [error["where"] for error in recommend(client, status=422, **fields)["errors"]] == [where]


def test_an_unknown_skill_is_refused_and_an_unknown_excluded_item_is_not(client: TestClient) -> None:
    assert recommend(client, status=422, skill_ids=["no-such-skill"])["slug"] == "unknown_skill"
    assert recommend(client, exclude_item_ids=["no-such-item"], session={"id": "s-1", "items_done": 3})["items"]


def test_an_unknown_recommendation_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/recommendations/none").json()["slug"] == "not_found"
    assert ITEM not in client.get("/v1/recommendations/none").text
