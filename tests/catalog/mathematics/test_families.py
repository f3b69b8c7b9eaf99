"""Every family: its answers are right, its options are fair, its items are stable."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import fmean

import pytest

from adaptive.catalog.families import SPREAD_RIT, ItemFamily
from adaptive.catalog.mathematics import mathematics_catalog, mathematics_families
from adaptive.domain import Item

from .oracles import ORACLES

N_QUESTIONS = 150
FAMILIES = [pytest.param(family, id=family.family_id) for family in mathematics_families()]
SKILLS = {skill.skill_id: skill for skill in mathematics_catalog(items_per_skill=1).skills}


def questions(family: ItemFamily) -> list[Item]:
    return [family.generate(Random(seed)) for seed in range(N_QUESTIONS)]  # noqa: S311  # questions, not secrets


def value(text: str) -> Fraction | str:
    try:
        return Fraction(text)
    except ValueError:
        return text


def test_every_family_has_an_oracle() -> None:
    assert sorted(ORACLES) == sorted(family.family_id for family in mathematics_families())


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_exact(family: ItemFamily) -> None:
    wrong = {item.text: item.answer for item in questions(family) if value(item.answer) != ORACLES[family.family_id](item.text)}
    assert wrong == {}


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_stand_in_their_simplest_form(family: ItemFamily) -> None:
    for item in questions(family):
        if "/" in item.answer:
            assert str(Fraction(item.answer)) == item.answer
        if "." in item.answer:
            assert item.answer == item.answer.strip("0").rjust(len(item.answer.rstrip("0")), "0")


@pytest.mark.parametrize("family", FAMILIES)
def test_options_hold_the_answer_once_among_other_values(family: ItemFamily) -> None:
    expected = 3 if family.family_id == "compare-fractions.sign" else 4
    for item in questions(family):
        if item.options:
            assert item.answer in item.options
            assert len({value(option) for option in item.options}) == len(item.options) == expected


def test_the_answer_stands_at_each_place_equally_often() -> None:
    items = mathematics_catalog(items_per_skill=40).items
    places = [item.options.index(item.answer) for item in items if len(item.options) == 4]
    counts = [places.count(place) for place in range(4)]
    # Each place is binomial(n, 1/4); 4.5 standard deviations over 4 places: false alarm below 3e-5, and the seed is fixed.
    assert max(abs(count - len(places) / 4) for count in counts) < 4.5 * (len(places) * 3 / 16) ** 0.5


@pytest.mark.parametrize("family", FAMILIES)
def test_items_are_complete(family: ItemFamily) -> None:
    for item in questions(family):
        assert item.skill_ids == (family.skill_id,)
        assert item.family_id == family.family_id
        assert item.text[-1] in "?." or "Which sign" in item.text
        assert item.hint
        assert "\n" not in item.text + item.hint


@pytest.mark.parametrize("family", FAMILIES)
def test_difficulty_lies_about_the_skill(family: ItemFamily) -> None:
    typical = SKILLS[family.skill_id].difficulty
    assert typical is not None
    offsets = [item.difficulty - typical for item in questions(family) if item.difficulty is not None]
    assert len(offsets) == N_QUESTIONS
    assert max(map(abs, offsets)) <= SPREAD_RIT + 0.01  # rounded to 2 decimals
    assert abs(fmean(offsets)) < 0.35 * SPREAD_RIT
    assert len(set(offsets)) > 1


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_questions_are_equal_items(family: ItemFamily) -> None:
    items = questions(family)
    assert items == questions(family)
    assert len({item.item_id for item in items}) == len({item.text for item in items})
    by_text = {item.text: item for item in items}
    assert all(by_text[item.text] == item for item in items)
