"""What must hold of an engine whatever its figures: other names change nothing, right answers never hold back, evidence narrows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive.catalog import Catalog
from adaptive.domain import Attempt, Decision, Item, Prerequisite, Skill
from adaptive.engine import Engine, RecommendationRequest
from adaptive.engine.bank import Bank
from adaptive.models import build_model
from adaptive.policies import POLICIES, RuledPolicy, build_policy
from adaptive.storage import Store

from .conftest import SKILLS, START, attempt_of

TENANT: Final = "school"
LATER: Final = START + timedelta(hours=1)
DIFFICULTIES: Final = (185.0, 195.0, 210.0)
BEFORE: Final = "sums"
"""The prerequisite whose answers are asked about; ratios stand on it."""


def world(rename: dict[str, str]) -> Catalog:
    """Three skills in a chain with eight items each, under other names."""

    def name(skill_id: str) -> str:
        return rename.get(skill_id, skill_id)

    return Catalog(
        name="chain",
        scale="rit",
        skills=tuple(
            Skill(name(k), title="t", grade="4", domain="NF", difficulty=rit) for k, rit in zip(SKILLS, (185.0, 195.0, 210.0), strict=True)
        ),
        items=tuple(Item(f"{name(skill_id)}-{n}", (name(skill_id),)) for skill_id in SKILLS for n in range(8)),
        prerequisites=(Prerequisite(name("halves"), name("sums")), Prerequisite(name("sums"), name("ratios"), weight=0.8)),
    )


CHAIN: Final = world({})
MODELS: Final = {name: build_model(name, CHAIN) for name in ("bkt", "logistic", "state_space_irt")}


@pytest.mark.parametrize("policy", sorted(POLICIES))
@pytest.mark.parametrize("model", ["bkt", "logistic", "state_space_irt"])
def test_other_names_of_skills_and_items_give_the_same_decision_under_them(model: str, policy: str) -> None:
    """Draws of a learner go by the order of skills, so that only the names are changed here; nothing is left to differ, not a bit."""
    rename = {"halves": "zebra", "sums": "apple", "ratios": "mango"}
    told = [decided(model, policy, names) for names in ({}, rename)]

    def renamed(item_id: str) -> str:
        skill_id, _, n = item_id.rpartition("-")
        return f"{rename[skill_id]}-{n}"

    plain, other = told
    assert [renamed(shown.item_id) for shown in plain.shown] == [shown.item_id for shown in other.shown]
    assert [shown.propensity for shown in plain.shown] == [shown.propensity for shown in other.shown]
    assert [(renamed(item_id), p) for item_id, p in plain.runners_up] == list(other.runners_up)
    assert [shown.reasons for shown in plain.shown] == [shown.reasons for shown in other.shown]


def decided(model: str, policy: str, rename: dict[str, str]) -> Decision:
    catalog, store = world(rename), Store.open("sqlite://")
    engine = Engine(store, build_model(model, catalog), catalog, "m", RuledPolicy(build_policy(policy)))
    met = ["halves-0", "halves-1", "sums-0", "halves-2", "ratios-0", "sums-1", "halves-3"]
    for n, item_id in enumerate(met):
        skill_id, _, place = item_id.rpartition("-")
        engine.record(TENANT, attempt_of(n, f"{rename.get(skill_id, skill_id)}-{place}", correct=float(n % 3 > 0)))
    request = RecommendationRequest("ann", k=3, dry_run=True)
    decision = engine.recommend(TENANT, request, decision_id="d1", at=LATER, seed=4)
    store.close()
    return decision


answers = st.lists(st.tuples(st.sampled_from([f"{k}-{n}" for k in SKILLS for n in range(8)]), st.booleans()), max_size=12)


def state_after(model: Any, met: list[tuple[str, bool]]) -> Any:  # Any: each model has its own state
    state = model.initial_state()
    for n, (item_id, correct) in enumerate(met):
        at = START + timedelta(minutes=n)
        state = model.update(state, Attempt(f"a{n}", "ann", item_id, (item_id.rpartition("-")[0],), correct=float(correct), occurred_at=at))
    return state


@pytest.mark.parametrize("name", sorted(MODELS))
@given(met=answers, n=st.integers(0, 7))
@settings(max_examples=60)
def test_a_correct_answer_on_a_prerequisite_never_lowers_readiness(name: str, met: list[tuple[str, bool]], n: int) -> None:
    """Of what stands on it, and of all else; 1e-9 is rounding."""
    model, bank = MODELS[name], Bank.of(CHAIN)
    before, after = (state_after(model, answered) for answered in (met, [*met, (f"{BEFORE}-{n}", True)]))
    at = START + timedelta(hours=1)
    ready = [bank.readiness(model.mastery(state, CHAIN.skill_columns, at).expected_success) for state in (before, after)]
    assert (ready[1] >= ready[0] - 1e-9).all()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_more_evidence_narrows_intervals(name: str) -> None:
    """Of a skill on which two answers in three are right: after 3, 12 and 48 of them the interval is ever narrower."""
    model, widths = MODELS[name], []
    for n in (0, 3, 12, 48):
        met = [(f"{BEFORE}-{i % 8}", i % 3 > 0) for i in range(n)]
        told = model.mastery(state_after(model, met), CHAIN.skill_columns, START + timedelta(hours=1))
        widths.append(float((told.high - told.low)[SKILLS.index(BEFORE)]))
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.65 * widths[0]
