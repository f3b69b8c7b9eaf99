"""Every rule of a catalogue, broken once, and named."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import inf, nan
from typing import Literal

import pytest
from hypothesis import given

from adaptive.catalog import Catalog, validate
from adaptive.domain import Item, Prerequisite, Skill

from .strategies import catalogs

SOUND = Catalog(
    "sound",
    skills=(Skill("numbers"), Skill("halves", parent_id="numbers"), Skill("sums", parent_id="numbers")),
    items=tuple(Item(f"q{k}", ("halves", "sums")) for k in range(3)),
    prerequisites=(Prerequisite("halves", "sums"),),
)


def named(catalog: Catalog, severity: str) -> list[str]:
    return [str(finding.problem) for finding in validate(catalog) if finding.severity == severity]


def with_item(item: Item) -> Catalog:
    return replace(SOUND, items=(*SOUND.items, item))


def with_skill(skill: Skill) -> Catalog:
    return replace(SOUND, skills=(*SOUND.skills, skill))


def with_edges(*edges: Prerequisite) -> Catalog:
    return replace(SOUND, prerequisites=(*SOUND.prerequisites, *edges))


@given(catalogs())
def test_catalogues_built_to_the_rules_have_no_errors(catalog: Catalog) -> None:
    assert named(catalog, "error") == []


def test_a_sound_catalogue_has_no_findings() -> None:
    assert validate(SOUND) == []


CHOICE = Item("q9", ("sums",), options=("1", "2"), answer="2")


@pytest.mark.parametrize(
    ("catalog", "message"),
    [
        (replace(SOUND, scale="lexile"), "catalog.json, scale: the scale of difficulty is known. Got 'lexile'"),  # type: ignore[arg-type]  # the broken rule
        (with_skill(Skill("halves")), "skills.csv, skill 'halves': one row for each skill. Got '2 rows'"),
        (with_skill(Skill("a;b")), "skills.csv, skill 'a;b': ';' separates skill ids in lists, so none holds it. Got 'a;b'"),
        (with_skill(Skill(" x")), "skills.csv, skill ' x': an id has text and no space around it. Got ' x'"),
        (with_skill(Skill("")), "skills.csv, skill '': an id has text and no space around it. Got ''"),
        (with_skill(Skill("x", difficulty=nan)), "skills.csv, skill 'x': a difficulty is a finite number. Got 'nan'"),
        (with_skill(Skill("x", parent_id="y")), "skills.csv, skill 'x': the parent is a skill of the catalogue. Got 'y'"),
        (with_skill(Skill("x", parent_id="x")), "skills.csv, parent_id: the hierarchy of skills must be acyclic. Got 'x -> x'"),
        (with_item(Item("q9", ())), "items.csv, item 'q9': an item exercises at least one skill. Got ''"),
        (with_item(Item("q0", ("sums",))), "items.csv, item 'q0': one row for each item. Got '2 rows'"),
        (with_item(Item("", ("sums",))), "items.csv, item '': an id has text and no space around it. Got ''"),
        (with_item(Item("q9", ("sums",), family_id="")), "items.csv, item 'q9', family_id: an id has text and no space around it. Got ''"),
        (with_item(Item("q9", ("thirds",))), "items.csv, item 'q9': an item names skills of the catalogue. Got 'thirds'"),
        (with_item(Item("q9", ("sums", "sums"))), "items.csv, item 'q9': an item names each skill once. Got 'sums;sums'"),
        (with_item(Item("q9", ("sums",), difficulty=inf)), "items.csv, item 'q9': a difficulty is a finite number. Got 'inf'"),
        (with_item(replace(CHOICE, answer="3")), "items.csv, item 'q9': the answer is one of the options. Got '3'"),
        (with_item(replace(CHOICE, options=("2", "2"))), "items.csv, item 'q9': options are two or more, all different. Got '2 | 2'"),
        (with_item(replace(CHOICE, options=("2",))), "items.csv, item 'q9': options are two or more, all different. Got '2'"),
        (with_item(replace(CHOICE, options=("2", ""))), "items.csv, item 'q9': an option has text and no space around it. Got '2 | '"),
        (with_edges(Prerequisite("sums", "x")), "edges.csv, edge 'sums -> x': an edge joins skills of the catalogue. Got 'x'"),
        (with_edges(Prerequisite("sums", "sums")), "edges.csv, edge 'sums -> sums': a skill is not its own prerequisite. Got 'sums'"),
        (with_edges(Prerequisite("halves", "sums")), "edges.csv, edge 'halves -> sums': one row for each edge. Got '2 rows'"),
        (with_edges(Prerequisite("numbers", "sums", 0.0)), "edges.csv, edge 'numbers -> sums': a weight lies in (0, 1]. Got '0.0'"),
        (with_edges(Prerequisite("numbers", "sums", 1.1)), "edges.csv, edge 'numbers -> sums': a weight lies in (0, 1]. Got '1.1'"),
        (with_edges(Prerequisite("numbers", "sums", nan)), "edges.csv, edge 'numbers -> sums': a weight lies in (0, 1]. Got 'nan'"),
        (with_edges(Prerequisite("sums", "halves")), "edges.csv: the skill graph must be acyclic. Got 'halves -> sums -> halves'"),
    ],
)
def test_each_broken_rule_is_the_one_error(catalog: Catalog, message: str) -> None:
    [error] = named(catalog, "error")
    assert error.startswith(message + ";")


@pytest.mark.parametrize(("scale", "value"), [("logit", 190.0), ("logit", -15.1), ("rit", 0.5), ("rit", 350.1)])
def test_difficulty_of_another_scale_asks_which_it_is(scale: Literal["logit", "rit"], value: float) -> None:
    other = {"logit": "rit", "rit": "logit"}[scale]
    for catalog in (with_skill(Skill("x", difficulty=value, parent_id="numbers")), with_item(Item("q9", ("sums",), difficulty=value))):
        [error] = named(replace(catalog, scale=scale), "error")
        assert f"a difficulty on the {scale} scale lies between " in error
        assert f"Got '{value:g}'; is the scale {other}?" in error


def test_errors_come_together_and_before_warnings() -> None:
    broken = replace(with_edges(Prerequisite("x", "y"), Prerequisite("sums", "halves")), items=())
    assert [finding.severity for finding in validate(broken)] == ["error"] * 3 + ["warning"] * 2


def test_few_items_in_use_and_orphans_are_warnings() -> None:
    thin = replace(with_skill(Skill("alone")), items=(*SOUND.items[:2], replace(SOUND.items[2], retired=True)))
    assert named(thin, "error") == []
    assert named(thin, "warning") == [
        "skills.csv, skill 'halves': a skill has at least 3 items in use. Got '2'; add items, or expect early repetition.",
        "skills.csv, skill 'sums': a skill has at least 3 items in use. Got '2'; add items, or expect early repetition.",
        "skills.csv, skill 'alone': a skill has items, edges or children. Got 'none of them'; use it or remove it.",
    ]
    assert len(validate(thin, min_items_per_skill=2)) == 1


def test_ten_thousand_skills_are_validated_without_recursion() -> None:
    names = [f"s{k:05}" for k in range(10_000)]
    links = [None, *names[:-1]]
    skills = tuple(Skill(name, parent_id=parent) for name, parent in zip(names, links, strict=True))
    chain = Catalog("chain", skills=skills, prerequisites=tuple(Prerequisite(*pair) for pair in pairwise(names)))
    assert named(chain, "error") == []
    [ring] = named(replace(chain, prerequisites=(*chain.prerequisites, Prerequisite(names[-1], names[0]))), "error")
    assert ring.count("->") == 10_000
