"""Scales and norms: names, conversions, percentiles, the school year."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from adaptive.catalog.norms import GRADES, MATHEMATICS_MEANS_2025
from adaptive.catalog.scale import DIFFICULTY_SCALES
from adaptive.errors import UnknownName
from adaptive.placement import SCALES, find_scale, percentile
from adaptive.placement.norms import MATHEMATICS_2025, norm_at, school_years


def test_unknown_scale_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"Unknown scale 'stanine'\. Known: rit, theta"):
        find_scale("stanine")


def test_scores_and_difficulties_share_one_link_between_logits_and_rit() -> None:
    for logit in (-2.0, 0.0, 3.5):
        assert SCALES["theta"].to_rit(logit) == DIFFICULTY_SCALES["rit"].from_logit(logit)


def test_each_domain_belongs_to_at_most_one_area() -> None:
    for scale in SCALES.values():
        domains = [code for codes in scale.areas.values() for code in codes]
        assert len(set(domains)) == len(domains)


def test_norms_rise_within_every_grade() -> None:
    for grade in GRADES:
        fall, winter, spring = (MATHEMATICS_2025[grade, season].mean for season in ("Fall", "Winter", "Spring"))
        assert fall < winter < spring


@pytest.mark.real_data
def test_cited_norms_agree_with_the_collected_ones(attempt_data: Path) -> None:
    path = attempt_data / "placement" / "map_growth_student_norms_mean_sd.csv"
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["norm_year"] == "2025" and row["subject"] == "Mathematics"]
    assert len(rows) == len(MATHEMATICS_2025)
    for row in rows:
        norm = MATHEMATICS_2025[row["grade"], row["season"]]
        assert norm.mean == pytest.approx(float(row["mean_rit"]), abs=0.005)  # cited to two digits
        assert norm.sd == pytest.approx(float(row["sd_rit"]), abs=0.005)


def test_difficulties_and_norms_cite_the_same_means() -> None:
    for grade, means in MATHEMATICS_MEANS_2025.items():
        assert (means.fall, means.spring) == (MATHEMATICS_2025[grade, "Fall"].mean, MATHEMATICS_2025[grade, "Spring"].mean)


def test_percentiles_are_clamped_and_rise_with_the_score() -> None:
    norm = MATHEMATICS_2025["5", "Winter"]
    found = [percentile(rit, norm) for rit in range(120, 320, 5)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (1, 99)
    assert percentile(norm.mean + norm.sd, norm) == 84


@pytest.mark.parametrize(
    ("grade", "on", "years"),
    [("K", date(2025, 9, 15), 0.0), ("4", date(2026, 1, 15), 4 + 4 / 12), ("4", date(2026, 7, 31), 4.87), ("5", date(2025, 8, 1), 4.88)],
)
def test_school_year_turns_over_in_august(grade: str, on: date, years: float) -> None:
    assert school_years(grade, on) == pytest.approx(years, abs=0.01)


def test_norms_beyond_the_table_stay_at_its_ends() -> None:
    assert norm_at(-1.0) == norm_at(0.0)
    assert norm_at(20.0) == norm_at(12.0 + 8 / 12)
