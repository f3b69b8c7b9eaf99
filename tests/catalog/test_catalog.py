"""The catalogue as a value: its version, its indexes, its graph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adaptive.catalog import Catalog
from adaptive.domain import Item, Prerequisite, Skill
from adaptive.errors import InvalidInput, UnknownItem, UnknownSkill

CATALOG = Catalog(
    "small",
    "rit",
    skills=(Skill("sums", difficulty=205.0), Skill("halves", difficulty=190.0), Skill("ratios"), Skill("areas")),
    items=(
        Item("q1", ("halves",), difficulty=192.0),
        Item("q2", ("sums", "halves"), text="1/2 + 1/2?", answer="1"),
        Item("q3", ("ratios",), difficulty=210.0),
        Item("q4", ("areas",), retired=True),
    ),
    prerequisites=(Prerequisite("halves", "sums"), Prerequisite("sums", "ratios", 0.5)),
)


def test_versions_are_equal_where_the_content_is() -> None:
    same = replace(CATALOG, name="another label", skills=tuple(replace(skill) for skill in CATALOG.skills))
    assert same.version == CATALOG.version
    assert len(CATALOG.version) == 16
    assert hash(replace(CATALOG)) == hash(CATALOG)


def test_whole_numbers_and_signed_zeros_do_not_change_the_version() -> None:
    whole = replace(CATALOG, skills=(Skill("a", difficulty=0),), items=(), prerequisites=())
    assert whole.version == replace(whole, skills=(Skill("a", difficulty=-0.0),)).version


@pytest.mark.parametrize(
    "changed",
    [
        replace(CATALOG, scale="logit"),
        replace(CATALOG, skills=CATALOG.skills[::-1]),
        replace(CATALOG, items=(replace(CATALOG.items[0], retired=True), *CATALOG.items[1:])),
        replace(CATALOG, items=(replace(CATALOG.items[0], hint="halve it"), *CATALOG.items[1:])),
        replace(CATALOG, skills=(replace(CATALOG.skills[0], parent_id="ratios"), *CATALOG.skills[1:])),
        replace(CATALOG, prerequisites=CATALOG.prerequisites[:1]),
        replace(CATALOG, prerequisites=(Prerequisite("halves", "sums", 0.9), CATALOG.prerequisites[1])),
    ],
)
def test_any_change_of_content_changes_the_version(changed: Catalog) -> None:
    assert changed.version != CATALOG.version


def test_lookups_find_what_the_ids_name() -> None:
    assert CATALOG.skill("ratios").skill_id == "ratios"
    assert CATALOG.item("q2").answer == "1"
    assert [item.item_id for item in CATALOG.items_of("halves")] == ["q1", "q2"]
    assert CATALOG.prerequisites_of("ratios") == (Prerequisite("sums", "ratios", 0.5),)
    assert CATALOG.prerequisites_of("halves") == ()


def test_unknown_ids_are_named() -> None:
    with pytest.raises(UnknownSkill, match=r"holds no skill 'x'; add it to skills\.csv"):
        CATALOG.skill("x")
    with pytest.raises(UnknownItem, match=r"holds no item 'x'; add it to items\.csv"):
        CATALOG.item("x")
    for lookup in (CATALOG.items_of, CATALOG.prerequisites_of, CATALOG.skill_difficulty_logit):
        with pytest.raises(UnknownSkill):
            lookup("x")
    with pytest.raises(UnknownSkill):
        CATALOG.closure(["x"])


def test_order_puts_prerequisites_first_and_otherwise_keeps_the_catalogue() -> None:
    assert CATALOG.topological_order() == ("halves", "sums", "ratios", "areas")
    assert CATALOG.closure(["areas", "ratios"]) == CATALOG.topological_order()
    assert CATALOG.closure(["sums"]) == ("halves", "sums")
    assert CATALOG.closure([]) == ()


def test_order_of_a_cyclic_graph_is_refused_with_the_path() -> None:
    cyclic = replace(CATALOG, prerequisites=(*CATALOG.prerequisites, Prerequisite("ratios", "halves")))
    with pytest.raises(InvalidInput, match="halves -> sums -> ratios -> halves"):
        cyclic.topological_order()


def test_order_of_a_graph_with_unknown_ends_names_the_end() -> None:
    with pytest.raises(UnknownSkill, match="'gone'"):
        replace(CATALOG, prerequisites=(Prerequisite("gone", "sums"),)).topological_order()


def test_columns_are_built_once_in_catalogue_order() -> None:
    assert CATALOG.item_columns is CATALOG.item_columns
    assert CATALOG.item_columns.item_ids == ("q1", "q2", "q3", "q4")
    assert CATALOG.item_columns.skill_ids[1] == ("sums", "halves")
    assert CATALOG.skill_columns.skill_ids == ("sums", "halves", "ratios", "areas")


def test_difficulties_fall_back_from_own_to_neighbours_to_unknown() -> None:
    assert CATALOG.skill_difficulty_logit("sums") == 0.5
    assert CATALOG.skill_difficulty_logit("ratios") == 1.0
    assert CATALOG.skill_difficulty_logit("areas") is None
    assert CATALOG.item_difficulty_logit("q1") == pytest.approx(-0.8)
    assert CATALOG.item_difficulty_logit("q2") == pytest.approx(-0.25)
    assert CATALOG.item_difficulty_logit("q4") is None
    assert replace(CATALOG, scale="logit").skill_difficulty_logit("sums") == 205.0
