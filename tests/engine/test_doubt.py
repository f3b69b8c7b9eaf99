"""How much of the doubt about an item is the model's own, as answers and decisions tell it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from math import log
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.engine import Engine, Prediction, RecommendationRequest
from adaptive.models import build_model
from adaptive.models.information import information_of_logit
from adaptive.models.state_space import OFF, StateSpaceIrt
from adaptive.protocols import GenerativeModel, Items
from adaptive.storage import Store

from .conftest import START, attempt_of

TENANT = "school"
LATER = START + timedelta(hours=3)


@pytest.fixture
def core(store: Store, catalog: Catalog) -> Engine[Any]:
    return Engine(store, build_model("state_space_irt", catalog), catalog, model_version="core")


def predicted(engine: Engine[Any], item_id: str = "sums-29", learner_id: str = "ann") -> Prediction:
    return engine.predict(TENANT, learner_id, [item_id], at=LATER).rows[0]


def practise(engine: Engine[Any], outcomes: list[float], learner_id: str = "ann") -> None:
    attempts = [attempt_of(n, f"sums-{n % 29}", correct=correct, learner_id=learner_id) for n, correct in enumerate(outcomes)]
    engine.record_batch(TENANT, attempts)


def test_information_is_told_where_the_model_has_a_posterior(engine: Engine[Any]) -> None:
    row, is_generative = predicted(engine), isinstance(engine.model, GenerativeModel)
    shown = engine.recommend(TENANT, RecommendationRequest("ann", k=3), decision_id="d1", at=LATER, seed=7).shown
    for nats in (row.information, *(item.information for item in shown)):
        assert (nats is not None) == is_generative
        assert nats is None or 0.0 <= nats <= log(2.0)


def test_below_three_answers_there_is_not_enough_data(engine: Engine[Any]) -> None:
    practise(engine, [1.0, 0.0])
    assert predicted(engine).doubt == "not_enough_data"
    shown = engine.recommend(TENANT, RecommendationRequest("ann", k=3), decision_id="d1", at=LATER, seed=7).shown
    assert {item.doubt for item in shown} == {"not_enough_data"}
    practise(engine, [1.0, 0.0, 1.0])
    assert predicted(engine).doubt != "not_enough_data"
    assert (predicted(engine).doubt is None) == (not isinstance(engine.model, GenerativeModel))


def test_a_coin_toss_is_told_from_a_model_that_knows_too_little(core: Engine[Any], store: Store, catalog: Catalog) -> None:
    """Chances nowhere near certain: of items that nobody met, and by a model whose items 200 learners have answered."""
    right = np.random.default_rng(0).random((200, 30)) < expit(np.random.default_rng(1).normal(size=(200, 1)))  # Rasch, items alike
    met = (attempt_of(n, f"sums-{n}", correct=float(right[k, n]), learner_id=f"l{k}") for k in range(200) for n in range(30))
    table = AttemptTable.from_attempts(replace(attempt, skill_ids=("sums",)) for attempt in met)
    fitted = StateSpaceIrt(catalog, hyperparameters=OFF, fixed=frozenset(OFF._fields)).fit(table)
    of_fitted = Engine(store, fitted, catalog, model_version="fitted")
    practise(core, [1.0, 0.0, 1.0], "ben")
    practise(of_fitted, [1.0, 0.0] * 30, "ann")
    of_ben, of_ann = predicted(core, learner_id="ben"), predicted(of_fitted, learner_id="ann")
    assert 0.4 < of_ann.p_correct < 0.6
    assert 0.4 < of_ben.p_correct < 0.75
    assert (of_ben.doubt, of_ann.doubt) == ("model_unsure", "coin_flip")


def test_what_is_nearly_certain_is_foregone(core: Engine[Any]) -> None:
    practise(core, [1.0] * 60)
    assert predicted(core).p_correct > 0.8
    assert predicted(core).doubt == "foregone"


def test_information_is_that_of_the_logit_within_its_standard_error(core: Engine[Any]) -> None:
    """1,000 seeded draws; .02 is four standard errors of .0045."""
    model = core.model
    exact = information_of_logit(
        *model.item_logits(model.initial_state(), Items(("sums-1",), (("sums",),)), LATER), model.hyperparameters.guess
    )
    assert predicted(core, "sums-1", "nobody").information == pytest.approx(exact[0], abs=0.02)


def test_a_decision_made_again_tells_the_same(core: Engine[Any]) -> None:
    practise(core, [1.0, 0.0, 1.0])
    made = core.recommend(TENANT, RecommendationRequest("ann", k=5), decision_id="d1", at=LATER, seed=7)
    assert core.recommendation(TENANT, "d1") == made
    assert core.decide_again(TENANT, "d1") == made
    assert predicted(core) == predicted(core)


def test_a_decision_from_before_there_was_information_reads_back_without(core: Engine[Any], url: str) -> None:
    core.recommend(TENANT, RecommendationRequest("ann"), decision_id="d1", at=LATER, seed=7)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        document = json.loads(database.execute("SELECT document FROM decisions").fetchone()[0])
        for item in document["shown"]:
            del item["information"], item["doubt"]
        database.execute("UPDATE decisions SET document = ?", [json.dumps(document)])
    (shown,) = core.recommendation(TENANT, "d1").shown
    assert (shown.information, shown.doubt) == (None, None)
