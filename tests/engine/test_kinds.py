"""Items stand for their skills: the zone of kinds of items is the event's, and one learner's is that of learners side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.engine.bank import Bank
from adaptive.policies import Links, ZoneSettings, zone_event, zone_of_kinds
from adaptive.protocols import SkillDraws

SETTINGS = ZoneSettings()


def bank_of(runs: list[tuple[int, ...]], edges: list[tuple[int, int, float]]) -> Bank:
    """Items on these skills, in that order."""
    n_skills = 1 + max(k for run in runs for k in run)
    return Bank.of(
        Catalog(
            "kinds",
            skills=tuple(Skill(f"s{k}") for k in range(n_skills)),
            items=tuple(Item(f"q{i}", tuple(f"s{k}" for k in run)) for i, run in enumerate(runs)),
            prerequisites=tuple(Prerequisite(f"s{j}", f"s{k}", weight) for j, k, weight in edges),
        )
    )


BANKS = {
    "one skill each": bank_of([(k,) for k in range(5) for _ in range(3)], [(0, 1, 1.0), (1, 2, 0.7), (0, 3, 1.0)]),
    "one to three": bank_of([(0,), (0, 1), (1, 3), (0, 2, 3), (3,), (1, 0), (0,)], [(0, 2, 1.0), (1, 2, 0.5)]),
}


@pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS.keys())
def test_z_is_the_mean_of_the_event_with_gains_that_are_those_of_the_skills_together(bank: Bank) -> None:
    """Item by item, each learner alone; sums of up to three doubles in another order differ in the last bits."""
    rng, n_skills, n_items = np.random.default_rng(6), len(bank.catalog.skills), len(bank.catalog.items)
    success, gain = rng.random((4, 30, n_skills)), rng.normal(0.3, 0.2, (4, 30, n_skills))
    among = rng.random(n_items) < 0.7
    z, mean_gain = zone_of_kinds(
        SkillDraws(success, gain), bank.kinds, np.bincount(bank.kind[among], minlength=bank.kinds.n_items) > 0, SETTINGS
    )
    exercises = np.zeros((n_skills, n_items))
    exercises[bank.links.link_skill, bank.links.link_item] = 1.0
    among_kinds = np.isin(bank.kind, bank.kind[among])
    for learner in range(4):
        event = zone_event(success[learner], gain[learner] @ exercises, bank.links, among_kinds, SETTINGS)
        np.testing.assert_allclose(z[learner][bank.kind], event.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(mean_gain[learner][bank.kind], (gain[learner] @ exercises).mean(axis=0), rtol=1e-12)
        alone = zone_of_kinds(
            SkillDraws(success[learner], gain[learner]), bank.kinds, among_kinds[np.unique(bank.kind, return_index=True)[1]], SETTINGS
        )
        assert (alone[0] == z[learner]).all()
        assert (alone[1] == mean_gain[learner]).all()
    assert 0.0 < z.mean() < 1.0


def test_items_with_the_same_skills_in_any_order_are_of_one_kind() -> None:
    assert BANKS["one to three"].kind.tolist() == [0, 1, 2, 3, 4, 1, 0]


@given(st.integers(0, 2**32 - 1))
def test_the_least_and_the_most_of_an_items_skills_are_found_for_every_item(seed: int) -> None:
    """Items without skills, in any place, have an infinite least and a most of 0."""
    rng = np.random.default_rng(seed)
    n_items, n_skills = int(rng.integers(0, 8)), int(rng.integers(1, 6))
    runs = [rng.choice(n_skills, rng.integers(0, min(3, n_skills) + 1), replace=False).tolist() for _ in range(n_items)]
    pairs = rng.permutation(np.array([(i, k) for i, run in enumerate(runs) for k in run], dtype=np.int64).reshape(-1, 2))
    none, of_skills = np.zeros(0, dtype=np.int64), rng.random(n_skills)
    links = Links(n_items, n_skills, pairs[:, 0], pairs[:, 1], none, none, np.zeros(0))
    assert links.least(of_skills).tolist() == [min((of_skills[k] for k in run), default=np.inf) for run in runs]
    assert links.most(of_skills).tolist() == [max((of_skills[k] for k in run), default=0.0) for run in runs]


@given(st.integers(0, 2**32 - 1))
def test_readiness_is_that_of_the_least_ready_prerequisite(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 6
    edges = [(j, k, float(rng.choice([1.0, 0.6]))) for k in range(n) for j in range(k) if rng.random() < 0.4]
    rng.shuffle(edges)
    success = rng.random(n)
    ready = bank_of([(k,) for k in range(n)], edges).readiness(success)
    slow = [min([1.0] + [1.0 - w * (1.0 - success[j]) for j, after, w in edges if after == k]) for k in range(n)]
    assert ready.tolist() == slow
