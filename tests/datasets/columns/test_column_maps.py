from __future__ import annotations

import pytest

from adaptive.datasets import ColumnMap, parse_map
from adaptive.datasets.columns.sources import Column, Same
from adaptive.errors import InvalidInput


def test_a_map_is_laid_over_its_base():
    base = ColumnMap({"learner_id": Column("user"), "correct": Same("a", "b")}, collapse_repeated_rows=True)
    mapped = parse_map("learner_id = who , item_id=question=id,naive_times_are_utc=TRUE", base)
    assert mapped.source("learner_id") == Column("who")
    assert mapped.source("item_id") == Column("question=id")
    assert mapped.source("correct") == Same("a", "b")
    assert (mapped.collapse_repeated_rows, mapped.naive_times_are_utc) == (True, True)
    assert parse_map("collapse_repeated_rows=no", base).collapse_repeated_rows is False


def test_columns_that_are_not_named_match_themselves():
    assert {"learner_id", "fold", "user"} <= parse_map("item_id=user").wanted
    assert "item_id" not in parse_map("item_id=user").wanted


def test_every_entry_that_cannot_be_read_is_named():
    with pytest.raises(InvalidInput) as refused:
        parse_map("learner=user,item_id,correct=,collapse_repeated_rows=perhaps,fold=a,fold=b")
    assert [(problem.where, problem.value) for problem in refused.value.problems] == [
        ("--map learner", "learner"),
        ("--map item_id", "item_id"),
        ("--map correct", "correct="),
        ("--map collapse_repeated_rows", "perhaps"),
        ("--map fold", "2 times"),
    ]
