"""What a served model costs, measured on what it is said to be measured on."""

import json

import pytest

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.evaluation.serving_cost import bank_of, serving_cost
from adaptive.models import build_model, replay


def test_the_bank_has_the_items_of_the_attempts_first_and_then_new_ones_on_their_skills(table: AttemptTable) -> None:
    bank = bank_of(table, 30)
    known = {(a.item_id, a.skill_ids) for _, history in table.histories() for a in history}
    pairs = list(zip(bank.item_ids, bank.skill_ids, strict=True))
    assert len(set(bank.item_ids)) == 30
    assert set(pairs[:12]) == known
    assert {item_id for item_id, _ in pairs[12:]}.isdisjoint(item_id for item_id, _ in known)
    assert {skills for _, skills in pairs[12:]} == {skills for _, skills in known}


def test_a_larger_set_of_items_than_the_bank_is_cut(table: AttemptTable) -> None:
    assert len(bank_of(table, 5)) == 5


@pytest.mark.parametrize("name", ["baseline", "logistic", "bkt"])
def test_the_state_is_the_busiest_learners(name: str) -> None:
    rows = [(learner, i) for learner, n in (("ann", 3), ("ben", 9), ("cay", 2)) for i in range(n)]
    table = AttemptTable.from_attempts(Attempt(f"{who}{i}", who, f"q{i}", (f"s{i}",), float(i % 2), sequence=i) for who, i in rows)
    model = build_model(name).fit(table)
    history = dict(table.histories())["ben"]
    encoded = json.dumps(model.encode_state(replay(model, history)), separators=(",", ":"))
    assert serving_cost(model, table).state_bytes == len(encoded)


def test_an_empty_table_still_has_its_costs() -> None:
    cost = serving_cost(build_model("logistic"), AttemptTable.from_attempts([]))
    assert cost.predict_10k_ms > 0.0
    assert cost.model_bytes > 100
