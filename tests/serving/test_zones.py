"""The zone over HTTP: one label an item, in pages, from the zone that recommendations are made from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adaptive.catalog import Catalog
from adaptive.models import build_model
from adaptive.policies import LABELS, ExpectedGainPolicy, RuledPolicy
from adaptive.protocols import GenerativeModel

from .world import ITEM, SKILL, TestClient, World, attempt_body, post_all, some_attempts, url_of

LEARNER = "/v1/learners/ann/zpd"


@pytest.fixture
def bkt(tmp_path: Path, catalog: Catalog) -> Iterator[TestClient]:
    with World(url_of(tmp_path, "bkt.db"), catalog, build_model("bkt", catalog)).serve() as client:
        post_all(client, some_attempts(catalog))
        yield client


def zone(client: TestClient, status: int = 200, **params: Any) -> dict[str, Any]:
    answer = client.get(LEARNER, params=params)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_every_model_labels_every_item_in_service(tmp_path: Path, catalog: Catalog, each_model: Any) -> None:
    with World(url_of(tmp_path), catalog, each_model).serve() as client:
        post_all(client, some_attempts(catalog))
        told = zone(client, limit=1_000)
    assert [row["item_id"] for row in told["items"]] == [item.item_id for item in catalog.items if not item.retired]
    assert told["counts"] == {label: sum(row["label"] == label for row in told["items"]) for label in LABELS}
    assert told["source"] == ("draws" if isinstance(each_model, GenerativeModel) else "marginals")
    assert {row["expected_gain"] is None for row in told["items"]} == {told["source"] == "marginals"}
    assert (told["state_version"], told["policy_version"], told["next_cursor"]) == (12, RuledPolicy(ExpectedGainPolicy()).version, None)


def test_a_recommendation_tells_the_numbers_of_the_zone(bkt: TestClient) -> None:
    rows = {row["item_id"]: row for row in zone(bkt, limit=1_000)["items"]}
    shown = bkt.post("/v1/recommendations", json={"learner_id": "ann", "k": 5}).json()["items"]
    for item in shown:
        row = rows[item["item_id"]]
        assert row["in_zone"]
        assert row["interval"] == item["p_correct_interval"]
        for name in ("zone_probability", "expected_gain", "information", "p_correct", "p_mastery"):
            assert row[name] == item[name] is not None


def test_a_goal_has_the_items_of_its_skills_and_of_what_they_stand_on(bkt: TestClient, catalog: Catalog) -> None:
    told = zone(bkt, skill_ids=SKILL, limit=1_000)
    within = set(catalog.closure([SKILL]))
    assert {row["item_id"] for row in told["items"]} == {item.item_id for item in catalog.items if within & set(item.skill_ids)}


@pytest.mark.parametrize("label", [None, "unknown", "out_of_reach"])
def test_pages_follow_one_another_without_gap_or_repeat(bkt: TestClient, label: str | None) -> None:
    asked = {"limit": 37} if label is None else {"limit": 37, "label": label}
    whole = zone(bkt, **{**asked, "limit": 1_000})
    pages = [zone(bkt, **asked)]
    while pages[-1]["next_cursor"]:
        pages.append(zone(bkt, **asked, cursor=pages[-1]["next_cursor"]))
    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert {len(page["items"]) for page in pages[:-1]} <= {37}
    assert [page["counts"] for page in pages] == [whole["counts"]] * len(pages)
    assert {row["label"] for row in whole["items"]} == {label} if label else set(LABELS)


def test_a_page_that_is_just_full_is_the_last(bkt: TestClient, catalog: Catalog) -> None:
    n_items = len(zone(bkt, skill_ids="equal-groups", limit=1_000)["items"])
    assert zone(bkt, skill_ids="equal-groups", limit=n_items)["next_cursor"] is None
    assert zone(bkt, skill_ids="equal-groups", limit=n_items - 1)["next_cursor"] is not None


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"limit": 0}, "query.limit"),
        ({"limit": 1_001}, "query.limit"),
        ({"label": "easy"}, "query.label"),
        ({"cursor": "no-such-item"}, "query.cursor"),
        ({"skill_ids": [SKILL, SKILL]}, "query.skill_ids"),
    ],
)
def test_what_breaks_a_rule_is_named(client: TestClient, params: dict[str, Any], where: str) -> None:
    post_all(client, [attempt_body(1)])
    refused = zone(client, status=422, **params)
    assert (refused["slug"], [error["where"] for error in refused["errors"]]) == ("validation_error", [where])


def test_unknown_learners_and_skills_are_told_apart(client: TestClient) -> None:
    assert zone(client, status=404)["slug"] == "unknown_learner"
    post_all(client, [attempt_body(1)])
    assert zone(client, status=422, skill_ids="no-such-skill")["slug"] == "unknown_skill"


def test_the_zone_is_read_from_the_newest_state_or_not_at_all(client: TestClient) -> None:
    version = client.post("/v1/attempts", json=attempt_body(1)).json()["state_version"]
    assert zone(client, min_state_version=version)["state_version"] == version
    assert zone(client, status=503, min_state_version=version + 1)["slug"] == "state_behind"


def test_what_was_answered_rightly_leaves_the_zone_as_mastered(bkt: TestClient) -> None:
    def label_of_item() -> str:
        rows = zone(bkt, skill_ids=SKILL, limit=1_000)["items"]
        return str(next(row["label"] for row in rows if row["item_id"] == ITEM))

    assert label_of_item() == "out_of_reach"
    post_all(bkt, [attempt_body(100 + n, ITEM, outcome={"correct": True}) for n in range(9)])
    assert label_of_item() == "mastered"
