"""The demonstration catalogue as a whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adaptive.catalog import read_catalog, validate, write_catalog
from adaptive.catalog.mathematics import mathematics_catalog
from adaptive.catalog.norms import MATHEMATICS_MEANS_2025
from adaptive.errors import InvalidInput

CATALOG = mathematics_catalog()


def grade_of(skill_id: str) -> int:
    return int(CATALOG.skill(skill_id).grade)


def test_it_covers_grades_three_to_six_and_nine_domains() -> None:
    assert len(CATALOG.skills) >= 28
    assert Counter(skill.grade for skill in CATALOG.skills) == {"3": 10, "4": 10, "5": 9, "6": 11}
    assert {skill.domain for skill in CATALOG.skills} == {"OA", "NBT", "NF", "MD", "G", "EE", "RP", "NS", "SP"}
    assert len({skill.title for skill in CATALOG.skills}) == len(CATALOG.skills)


def test_it_has_no_findings() -> None:
    assert validate(CATALOG) == []


def test_no_prerequisite_is_of_a_later_grade_and_the_table_is_in_teaching_order() -> None:
    assert all(grade_of(edge.prerequisite_id) <= grade_of(edge.skill_id) for edge in CATALOG.prerequisites)
    assert CATALOG.topological_order() == tuple(skill.skill_id for skill in CATALOG.skills)


def test_difficulties_follow_depth_within_the_grade() -> None:
    def depth(skill_id: str) -> int:
        before = [edge.prerequisite_id for edge in CATALOG.prerequisites_of(skill_id)]
        return max((1 + depth(early) for early in before if grade_of(early) == grade_of(skill_id)), default=0)

    for skill in CATALOG.skills:
        means = MATHEMATICS_MEANS_2025[skill.grade]
        greatest = max(depth(other.skill_id) for other in CATALOG.skills if other.grade == skill.grade)
        expected = means.fall + (means.spring - means.fall) * (0.2 + 0.8 * depth(skill.skill_id) / greatest)
        assert skill.difficulty == pytest.approx(expected, abs=0.005)  # written with two decimals


def test_texts_differ_within_a_skill_and_two_families_share_it_evenly() -> None:
    large = mathematics_catalog(items_per_skill=60)
    for skill in large.skills:
        items = large.items_of(skill.skill_id)
        assert len({item.text for item in items}) == 60
        assert sorted(Counter(item.family_id for item in items).values()) == [30, 30]


def test_one_seed_gives_one_catalogue_and_another_gives_other_questions() -> None:
    assert mathematics_catalog() == CATALOG
    other = mathematics_catalog(seed=1)
    assert other.version != CATALOG.version
    assert other.skills == CATALOG.skills
    known = {item.item_id: item for item in CATALOG.items}
    shared = [item for item in other.items if item.item_id in known]
    assert shared
    assert all(known[item.item_id] == item for item in shared)


def test_more_questions_than_a_family_can_write_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a family writes a new question within 1000 draws"):
        mathematics_catalog(items_per_skill=1000)


def test_it_is_written_and_read_back(tmp_path: Path) -> None:
    write_catalog(CATALOG, tmp_path)
    assert read_catalog(tmp_path) == CATALOG
