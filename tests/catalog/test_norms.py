"""Grade means against their source, and difficulties of graphs with odd shapes."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from adaptive.catalog import Catalog
from adaptive.catalog.norms import MATHEMATICS_MEANS_2025, GradeMeans, depths_within_grade, rit_difficulties
from adaptive.domain import Prerequisite, Skill

DATA = Path(os.environ.get("ADAPTIVE_DATA_DIR") or Path(__file__).parents[2] / "../shared/data")
NORMS = DATA / "placement" / "map_growth_student_norms_mean_sd.csv"


@pytest.mark.real_data
@pytest.mark.skipif(not NORMS.exists(), reason="the norms table is not under ADAPTIVE_DATA_DIR")
def test_means_are_those_of_the_published_table() -> None:
    with NORMS.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["norm_year"] == "2025" and row["subject"] == "Mathematics"]
    published = {(row["grade"], row["season"]): float(row["mean_rit"]) for row in rows}
    for grade, means in MATHEMATICS_MEANS_2025.items():
        assert (means.fall, means.spring) == (published[grade, "Fall"], published[grade, "Spring"])


def test_depth_counts_the_longest_chain_of_the_own_grade() -> None:
    skills = (Skill("a", grade="3"), Skill("b", grade="3"), Skill("c", grade="3"), Skill("d", grade="4"), Skill("e", grade="4"))
    pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("d", "e")]
    catalog = Catalog("chain", skills=skills, prerequisites=tuple(Prerequisite(*pair) for pair in pairs))
    assert depths_within_grade(catalog) == {"a": 0, "b": 1, "c": 2, "d": 0, "e": 1}


def test_a_grade_without_depth_stands_at_its_start_and_unknown_grades_are_left_out() -> None:
    catalog = Catalog("flat", skills=(Skill("a", grade="5"), Skill("b", grade="5"), Skill("c", grade="university")))
    start = 206.0 + 0.2 * 10.0
    assert rit_difficulties(catalog, {"5": GradeMeans(206.0, 216.0)}) == {"a": pytest.approx(start), "b": pytest.approx(start)}
