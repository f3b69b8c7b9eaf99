"""What family F says of itself in the catalogue, and what holds."""

from __future__ import annotations

import numpy as np
import pytest

from adaptive.evaluation.laboratory.families import ConjunctiveFamily
from adaptive.evaluation.laboratory.families.conjunctive import WRONG_EDGES, WRONG_LINKS


@pytest.fixture(params=[15, 40])
def world(request: pytest.FixtureRequest) -> ConjunctiveFamily:
    return ConjunctiveFamily(np.random.default_rng(request.param), n_skills=request.param)


def test_a_tenth_of_the_links_in_the_catalogue_is_wrong(world: ConjunctiveFamily) -> None:
    """As near to it as whole links come; an item keeps its number of skills."""
    pairs = list(zip(world.true_item_skills, world.item_skills, strict=True))
    n_links = sum(len(true) for true, _ in pairs)
    n_wrong = sum(len(set(told) - set(true)) for true, told in pairs)
    assert n_wrong == round(WRONG_LINKS * n_links)
    assert all(len(true) == len(told) == len(set(told)) for true, told in pairs)


def test_fifteen_percent_of_the_prerequisites_in_the_catalogue_are_wrong(world: ConjunctiveFamily) -> None:
    told, true = set(world.prerequisites), set(world.true_prerequisites)
    assert len(told) == len(world.prerequisites) == len(true)
    assert len(told - true) == round(WRONG_EDGES * len(true))


def test_an_item_succeeds_where_all_of_its_skills_do(world: ConjunctiveFamily) -> None:
    """Against the equation written item by item; 1e-12 is rounding."""
    rng = np.random.default_rng(1)
    state = world.learners(4, rng)
    p = world.p_correct(state)
    for item in rng.choice(len(world.true_item_skills), 60, replace=False).tolist():
        skills = world.true_item_skills[item]
        odds = np.exp(state["base"] + state["learned"])[:, list(skills)] / world._exp_offset[item]
        assert np.allclose(p[:, item], np.prod(odds / (1.0 + odds), axis=1), rtol=0.0, atol=1e-12)


def test_practice_moves_the_true_skills_of_an_item_and_no_other(world: ConjunctiveFamily) -> None:
    rng = np.random.default_rng(2)
    state = world.learners(1, rng)
    told_wrong = [i for i, (a, b) in enumerate(zip(world.true_item_skills, world.item_skills, strict=True)) if set(a) != set(b)]
    for item in told_wrong[:10]:
        after = world.practise(state, np.array([item]), np.ones(1), rng)
        assert set(np.flatnonzero(after["learned"][0])) == set(world.true_item_skills[item])
