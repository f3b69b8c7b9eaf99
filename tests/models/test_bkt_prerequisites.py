"""Prerequisites that gate, and forgetting, in the hierarchical model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from adaptive.catalog import Catalog
from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt, Item, Prerequisite, Skill
from adaptive.models import replay
from adaptive.models.bkt import HierarchicalBkt
from adaptive.models.bkt.prerequisites import OPEN, Prerequisites
from adaptive.models.bkt.worth import worth
from adaptive.models.checks import check_model
from adaptive.models.checks.data import TINY_SKILLS
from adaptive.protocols import Items, Skills

CHAIN = ("a", "b", "c")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
RATE = 0.05


def chain(*weights: float) -> Catalog:
    edges = zip(CHAIN[:-1], CHAIN[1:], weights, strict=True)
    return Catalog(
        "chain",
        skills=tuple(map(Skill, CHAIN)),
        items=tuple(Item(f"{id_}{i}", (id_,)) for id_ in CHAIN for i in range(4)),
        prerequisites=tuple(Prerequisite(before, after, weight) for before, after, weight in edges),
    )


def drawn(n_learners: int, gate: float, rng: np.random.Generator) -> AttemptTable:
    """Learners on the chain in blocks of four, sixty attempts, six every second day: known at first .4, learned .2, and so gated."""
    attempts = []
    for learner in range(n_learners):
        known: list[bool] = []
        for k in range(3):
            known.append(bool(rng.random() < 0.4 * (gate if k and not known[k - 1] else 1.0)))
        for step in range(60):
            if step and not step % 6:
                known = [is_known and rng.random() < np.exp(-2.0 * RATE) for is_known in known]
            k = int(rng.integers(3)) if not step % 4 else k
            right = float(rng.random() < (0.9 if known[k] else 0.2))
            at, item_id = START + timedelta(days=2 * (step // 6), minutes=step % 6), f"{CHAIN[k]}{rng.integers(4)}"
            attempts.append(Attempt(f"{learner} {step}", f"l{learner}", item_id, (CHAIN[k],), right, occurred_at=at, sequence=step))
            known[k] = known[k] or rng.random() < 0.2 * (gate if k and not known[k - 1] else 1.0)
    return AttemptTable.from_attempts(attempts)


@pytest.fixture(scope="module")
def gated() -> HierarchicalBkt:
    return HierarchicalBkt(chain(1.0, 1.0)).fit(drawn(300, 0.2, np.random.default_rng(1)))


def answer(i: int, skill_id: str, correct: float, at: datetime | None = None) -> Attempt:
    return Attempt(f"a{i}", "ann", "new", (skill_id,), correct, sequence=i, occurred_at=at)


def test_gates_and_forgetting_are_recovered(gated: HierarchicalBkt) -> None:
    """18,000 answers: other seeds of the data move the gates by some .05 and the rates by a fifth.

    The gate of first knowledge is weaker than the one that drew: by the first attempt, some prerequisites have been learned.
    """
    open_ = HierarchicalBkt(chain(1.0, 1.0)).fit(drawn(300, 1.0, np.random.default_rng(2))).fitted
    assert gated.fitted.gates.learn == pytest.approx(0.2, abs=0.15)
    assert 0.2 < gated.fitted.gates.first < open_.gates.first - 0.05
    assert open_.gates.learn > 0.6
    for fitted in (gated.fitted, open_):
        np.testing.assert_allclose(fitted.skills.of(CHAIN).forget_rate, RATE, rtol=0.5)


def test_what_stands_on_a_skill_rises_and_falls_with_it(gated: HierarchicalBkt) -> None:
    skills, start = Skills(CHAIN), gated.initial_state()
    low, high = (gated.mastery(replay(gated, [answer(i, "a", y) for i in range(4)]), skills, None).p_mastered for y in (0.0, 1.0))
    before = gated.mastery(start, skills, None).p_mastered
    assert np.all(low < before)
    assert np.all(before < high)


def test_an_attempt_teaches_more_where_what_comes_before_is_known(gated: HierarchicalBkt) -> None:
    unready, ready = (replay(gated, [answer(i, "a", y) for i in range(6)]) for y in (0.0, 1.0))
    rises = []
    for state in (unready, ready):
        before, after = (gated.mastery(s, Skills(("b",)), None).p_mastered for s in (state, gated.update(state, answer(9, "b", 0.0))))
        rises.append((after - before / 9.0)[0])  # a wrong answer leaves little else of it
    assert rises[1] > rises[0]


def test_gain_is_gated_by_the_prerequisites_drawn(gated: HierarchicalBkt) -> None:
    items = Items(("b0", "c0"), (("b",), ("c",)))
    draws = gated.draw(gated.initial_state(), items, Skills(CHAIN), n=4000, at=None, rng=np.random.default_rng(0))
    gain, known = gated.expected_gain(draws, items, timedelta(days=14)), draws.latent > 0.0
    open_, shut = (gain[(known[:, 1] == is_ready) & ~known[:, 2], 1] for is_ready in (True, False))
    assert np.ptp(open_) < 1e-12
    assert shut == pytest.approx(gated.fitted.gates.learn * open_[0])
    assert gain[known[:, 2], 1] == pytest.approx(0.0)
    alone = gated.draw(gated.initial_state(), items, Skills(("c",)), n=100, at=None, rng=np.random.default_rng(0))
    worth_ = gated.expected_gain(alone, items, timedelta(days=14))[:, 1]  # what was not drawn gates nothing
    assert worth_[alone.latent[:, 0] == 0.0] == pytest.approx(open_[0])


def test_knowing_is_worth_what_it_opens(gated: HierarchicalBkt) -> None:
    """A diamond: a before b and c, both before d. By hand, with d the one thing that b and c open."""
    edges = Prerequisites(("a", "a", "b", "c"), ("b", "c", "d", "d"), (1.0, 0.5, 1.0, 0.8))
    asked = replace(gated.fitted, stated=replace(gated.fitted.stated, prerequisites=edges)).asked(("a", "b", "c", "d"))
    p, gate, lift, m = asked.values.p_learn, gated.fitted.gates.learn, np.array([0.5, 0.6, 0.7, 0.4]), 10.0
    a, b, d = 0, 1, 3

    def within(p_learn: float) -> float:
        return float(1.0 - (1.0 - p_learn) ** m)

    found = worth(asked, np.array([0.0, 0.0, 1.0, 0.0]), lift, m)
    of_b = lift[b] + lift[d] * (within(p[d]) - within(p[d] * gate))
    assert found[[b, d]] == pytest.approx([of_b, lift[d]])
    assert found[a] == pytest.approx(lift[a] + of_b * (within(p[b]) - within(p[b] * gate)))  # c is known
    shut = 1.0 - 0.8 * (1.0 - gate)
    both = worth(asked, np.zeros(4), lift, m)
    assert both[b] == pytest.approx(lift[b] + lift[d] * (within(p[d] * shut) - within(p[d] * shut * gate)))
    np.testing.assert_allclose(worth(asked, np.ones(4), lift, m), lift)


def test_draws_of_skills_agree_with_draws_of_items(gated: HierarchicalBkt) -> None:
    """Means of 4,000 and 20,000 draws: five standard errors, where an item stands for its skill. Success and gain take the same values."""
    skills, items = Skills(CHAIN), Items(tuple(f"{id_}0" for id_ in CHAIN), tuple((id_,) for id_ in CHAIN))
    state = replay(gated, [answer(i, CHAIN[i % 2], float(i > 1), START) for i in range(6)])
    at, horizon = START + timedelta(days=9), timedelta(days=14)
    ours = gated.draw_skills(state, skills, n=4000, at=at, horizon=horizon, seed=1)
    draws = gated.draw(state, items, skills, n=20_000, at=at, rng=np.random.default_rng(2))
    gain = gated.expected_gain(draws, items, horizon)
    for found, other in ((ours.success, draws.skill_success), (ours.gain, gain)):
        np.testing.assert_allclose(found.mean(axis=0), other.mean(axis=0), rtol=0.0, atol=5.0 * float(other.std(axis=0).max()) / 63.0)
        for k in range(3):
            np.testing.assert_allclose(np.unique(found[:, k].round(9)), np.unique(other[:, k].round(9)), rtol=0.0, atol=1e-8)
    alone = gated.draw_skills(state, Skills(("c",)), n=4000, at=at, horizon=horizon, seed=1)
    assert alone.gain.shape == (4000, 1)
    assert alone.gain.mean() == pytest.approx(ours.gain[:, 2].mean(), abs=5.0 * float(gain.std(axis=0).max()) / 45.0)


def test_knowledge_is_forgotten_with_time_and_with_it_what_stands_on_it(gated: HierarchicalBkt) -> None:
    skills, state = Skills(CHAIN), replay(gated, [answer(i, "a", 1.0, START) for i in range(4)])
    now, later = (gated.mastery(state, skills, START + timedelta(days=days)).p_mastered for days in (0, 30))
    rate = gated.fitted.skills.of(CHAIN).forget_rate
    assert later[0] == pytest.approx(now[0] * np.exp(-30.0 * rate[0]))
    assert np.all(later[1:] < now[1:])
    np.testing.assert_allclose(gated.mastery(state, skills, None).p_mastered, now, atol=1e-12)


def test_nothing_gates_without_prerequisites_and_nothing_is_forgotten_without_times() -> None:
    table = drawn(20, 0.2, np.random.default_rng(3))
    loose = HierarchicalBkt().fit(table)
    assert loose.fitted.gates == OPEN
    assert np.all(loose.fitted.skills.values.forget_rate > 0.0)
    timeless = AttemptTable.from_attempts(
        Attempt(a.attempt_id, a.learner_id, a.item_id, a.skill_ids, a.correct, sequence=a.sequence) for _, h in table.histories() for a in h
    )
    assert not HierarchicalBkt().fit(timeless).fitted.skills.values.forget_rate.any()
    state = loose.initial_state()
    assert loose.advance(state, START) == state


def test_the_contract_holds_with_prerequisites() -> None:
    ids = TINY_SKILLS.skill_ids
    edges = tuple(Prerequisite(before, after, 0.8) for before, after in pairwise(ids))
    check_model(lambda: HierarchicalBkt(Catalog("tiny", skills=tuple(map(Skill, ids)), prerequisites=edges)))
