from __future__ import annotations

import gc
from itertools import count

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adaptive.datasets import AttemptTable
from adaptive.domain import Attempt
from adaptive.models.columns import NO_SKILL, Cached, ItemColumns, Vocabulary, skill_entries
from adaptive.protocols import Items

ids = st.sampled_from(["a", "b", "c", "d"])
items_of = st.lists(st.tuples(ids, st.lists(ids, max_size=3, unique=True).map(tuple)), min_size=1, max_size=8)


@given(items_of)
def test_means_over_skills_equal_a_loop(rows: list[tuple[str, tuple[str, ...]]]) -> None:
    columns = ItemColumns.of(Items(tuple(item for item, _ in rows), tuple(skills for _, skills in rows)))
    value = {skill_id: 10.0**i for i, skill_id in enumerate(columns.skill_ids)}
    expected = [np.mean([value[skill_id] for skill_id in (skills or (NO_SKILL,))]) for _, skills in rows]
    np.testing.assert_allclose(columns.mean_over_skills(np.array([value[id_] for id_ in columns.skill_ids])), expected)
    table = np.array([[value[id_], -value[id_]] for id_ in columns.skill_ids])
    np.testing.assert_allclose(columns.mean_over_skills(table)[:, 1], -np.array(expected))
    assert [columns.item_ids[code] for code in columns.item] == [item for item, _ in rows]


@given(items_of)
def test_skill_entries_list_each_skill_of_each_attempt(rows: list[tuple[str, tuple[str, ...]]]) -> None:
    attempts = [Attempt(f"{i}", "ann", item, skills, 1.0, sequence=i) for i, (item, skills) in enumerate(rows)]
    entries = skill_entries(AttemptTable.from_attempts(attempts).codes())
    expected = [(row, skill_id) for row, (_, skills) in enumerate(rows) for skill_id in (skills or (NO_SKILL,))]
    assert list(zip(entries.row.tolist(), [entries.skill_ids[code] for code in entries.skill], strict=True)) == expected


def test_a_vocabulary_survives_as_an_array() -> None:
    for names in ([], ["q1", "a longer id", "ü"], ["q", "q\0"], ["\ud800", "", "\0"]):
        assert Vocabulary.of_array(Vocabulary(names).array()).ids == tuple(names)


def test_one_long_id_costs_its_own_length() -> None:
    assert Vocabulary(["y" * 100_000, *map(str, range(1000))]).array().nbytes < 120_000


def test_unknown_ids_get_the_default() -> None:
    assert Vocabulary(["a", "b"]).look_up(np.array([1.0, 2.0]), ["b", "z"], default=7.0).tolist() == [2.0, 7.0]


def test_a_value_is_made_once_and_let_go_with_its_key() -> None:
    serial = count(1)
    cached: Cached[Items, int] = Cached(lambda _: next(serial))
    key = Items(("q",), (("s",),))
    assert cached(key) == cached(key) == 1
    del key
    gc.collect()
    assert cached(Items(("q",), (("s",),))) == 2
    assert len(cached._made) <= 1
