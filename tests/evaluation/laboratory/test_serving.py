"""What serves is the model that forecasts those at school best, found once."""

from __future__ import annotations

import pytest

from adaptive.evaluation.choosing import chosen
from adaptive.evaluation.laboratory import serving
from adaptive.evaluation.laboratory.entrants import entrant_of
from adaptive.evaluation.laboratory.hierarchical_at_once import HierarchicalAtOnce
from adaptive.evaluation.laboratory.model_player import ModelPlayer
from adaptive.evaluation.laboratory.playing import Classroom
from adaptive.evaluation.laboratory.serving import Schooled
from tests.evaluation.laboratory.worlds import Growing


def test_the_model_chosen_is_that_of_the_least_log_loss_and_is_chosen_once(growing: Growing, monkeypatch: pytest.MonkeyPatch) -> None:
    schooled = Schooled(Classroom.of(growing, n_learners=2, n_items=20, seed=1), 30)
    names = ("baseline", "bkt")
    expected = chosen(names, schooled.attempts, schooled.classroom.world.catalog, seed=1).name
    assert schooled.chosen(names) == expected == "bkt"
    monkeypatch.setattr(serving, "chosen", None)  # a second choice would call it
    assert schooled.chosen(names) == expected
    assert schooled.chosen(("logistic",)) == "logistic"


def test_too_few_at_school_choose_nothing(growing: Growing) -> None:
    assert Schooled(Classroom.of(growing, n_learners=2, n_items=20, seed=1), 10).chosen(("baseline", "bkt")) == "baseline"


def test_the_default_plays_by_the_model_that_was_chosen(growing: Growing) -> None:
    schooled = Schooled(Classroom.of(growing, n_learners=2, n_items=20, seed=1), 10)
    schooled._choices[("state_space_irt", "bkt_hierarchical")] = "bkt_hierarchical"
    player = entrant_of("expected_gain").build(schooled)
    assert isinstance(player, ModelPlayer)
    assert isinstance(player.learners, HierarchicalAtOnce)
