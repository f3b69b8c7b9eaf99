"""Items taken from others are asked about as if alone, with what their skills build on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Prerequisite, Skill
from adaptive.models import replay
from adaptive.models.state_space import DAY_ZERO, StateSpaceIrt
from adaptive.models.state_space.asked import AskedItems
from adaptive.protocols import Floats, Items, Skills

EDGES = (Prerequisite("a1", "a2"), Prerequisite("a2", "b1", 0.5), Prerequisite("b2", "b1"))
CATALOG = Catalog("c", skills=tuple(Skill(name, difficulty=0.0) for name in ("a1", "a2", "b1", "b2", "b3")), prerequisites=EDGES)
MODEL = StateSpaceIrt(CATALOG, hyperparameters=DAY_ZERO._replace(gate=2.0))
WHOLE = Items(("q1", "q2", "q3", "q4"), (("b3",), ("a1", "a2"), ("b1",), ("a2",)))
HISTORY = [Attempt("1", "ann", "q4", ("a2",), 1.0, sequence=1), Attempt("2", "ann", "q3", ("b1",), 0.0, sequence=2)]


def answers(items: Items) -> list[Floats]:
    """Forecasts, and success and gains of 20 draws."""
    state = replay(MODEL, HISTORY)
    draws = MODEL.draw(state, items, Skills(("a2", "b1")), n=20, at=None, rng=np.random.default_rng(0))
    return [MODEL.predict(state, items, None).p_correct, draws.item_success, MODEL.expected_gain(draws, items, timedelta(days=7))]


@pytest.mark.parametrize("index", [[3], [0, 2], [1, 1, 3, 2]])
def test_items_taken_from_others_are_as_if_alone(index: list[int]) -> None:
    alone = Items(tuple(WHOLE.item_ids[i] for i in index), tuple(WHOLE.skill_ids[i] for i in index))
    for found, expected in zip(answers(WHOLE.take(np.array(index))), answers(alone), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-12)


def test_what_skills_build_on_comes_with_them() -> None:
    skills, fresh = MODEL.fitted.skills, MODEL.fitted.skills.fresh(MODEL.hyperparameters)
    taken = AskedItems.of(WHOLE, MODEL.fitted, fresh).take(np.array([2]), MODEL.fitted, fresh)
    assert taken.columns.skill_ids == ("b1",)
    whole = skills.with_those_before(taken.columns.skill_ids)
    assert whole == ("b1", "a2", "b2")
    ground = skills.ground(whole, fresh, MODEL.fitted.bank.typical(whole))
    assert ground.before.tolist() == [1, 2]
    assert ground.weight.tolist() == [0.5, 1.0]
    np.testing.assert_array_equal(taken.fresh, fresh[MODEL.fitted.skills.skills.codes(["b1"])])
