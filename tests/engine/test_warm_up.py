"""Warming up does what a first request does, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adaptive.catalog import Catalog
from adaptive.engine import Engine, RecommendationRequest

from .conftest import START, attempt_of

TENANT = "school"


def test_it_touches_neither_the_store_nor_any_answer(engine: Engine[Any]) -> None:
    cold = replace(engine)
    engine.warm_up(at=START)
    with engine.store.unit(TENANT, write=False) as unit:
        assert list(unit.learners()) == []
    request = RecommendationRequest("ann", k=2, dry_run=True)
    warm, other = (each.recommend(TENANT, request, decision_id="d1", at=START, seed=3) for each in (engine, cold))
    assert warm == other
    engine.record(TENANT, attempt_of(1, "sums-1"))
    assert engine.stale_learners(TENANT) == ()


def test_the_catalogue_is_indexed_and_items_are_ready_before_the_first_request(engine: Engine[Any]) -> None:
    assert "_recommender" not in engine.__dict__
    engine.warm_up(at=START)
    assert "_recommender" in engine.__dict__
    assert "item_columns" in engine.catalog.__dict__


def test_a_catalogue_without_items_is_no_obstacle(engine: Engine[Any], catalog: Catalog) -> None:
    bare = replace(engine, catalog=replace(catalog, items=()))
    bare.warm_up(at=START)
    assert bare.recommend(TENANT, RecommendationRequest("ann", dry_run=True), decision_id="d1", at=START, seed=3).shown == ()
