"""Rules by name, occasions by mode, and values that refuse what they cannot mean."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adaptive.domain import Attempt
from adaptive.errors import InvalidInput, UnknownName
from adaptive.mastery import (
    RULES,
    SKILL_BUILDER,
    Ability,
    Estimate,
    Evidence,
    Occasion,
    Recall,
    TwoStateFit,
    build_rule,
    describe,
    occasion_of,
)
from tests.mastery.learners import NOON, answer


def test_every_rule_of_the_page_has_its_name_and_a_line() -> None:
    names = {
        "bkt_threshold",
        "khan_levels",
        "streak",
        "points",
        "delayed_check",
        "goal",
        "ability_cut",
        "bounded_score",
        "competency",
        "retention",
    }
    assert set(RULES) == names | {"skill_builder"}
    assert set(describe()) == set(RULES)
    assert all(RULES[name].name == name for name in names)


def test_the_page_names_every_rule_with_its_parameters_and_its_code_runs() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "mastery.md").read_text()
    for name, rule in RULES.items():
        assert f"`{name}`" in page
        assert [parameter for parameter in rule.parameters() if f"`{parameter}`" not in page] == []
    (block,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("mastered ('a0', 'a1', 'a2', 'a3', 'a4') True"), done.stderr


def test_unknown_names_and_parameters_list_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"Known: ability_cut, .*, streak"):
        build_rule("badges")
    with pytest.raises(InvalidInput, match=r"2 problems:\n  n: .*known are in_a_row, m_of_n"):
        build_rule("streak", {"n": 3, "k": 2})


@pytest.mark.parametrize(
    ("name", "parameters", "told"),
    [
        ("streak", {"m_of_n": 4}, "a list is wanted"),
        ("streak", {"m_of_n": [1, 2, 3]}, "must be readable"),
        ("streak", {"in_a_row": "3"}, "must be one of"),
        ("delayed_check", {"delay": "two days"}, "seconds as a number"),
        ("delayed_check", {"delay": float("inf")}, "must be readable"),
        ("points", {"right": True}, "whole number"),
    ],
)
def test_values_of_another_kind_are_refused(name: str, parameters: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        build_rule(name, parameters)


def test_parameters_come_from_json_and_go_back() -> None:
    assert build_rule("delayed_check", {"delay": 3600.0}).parameters()["delay"] == 3600.0
    assert build_rule("delayed_check", {"delay": timedelta(hours=1)}) == build_rule("delayed_check", {"delay": 3600})
    for name, rule in RULES.items():
        assert build_rule(name, rule.parameters()) == rule
    assert build_rule("skill_builder") == SKILL_BUILDER


def test_different_parameters_are_different_versions() -> None:
    versions = [
        rule.version for rule in (*RULES.values(), build_rule("streak", {"in_a_row": 5}), build_rule("goal", {"min_p_mastery": 0.9}))
    ]
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    ("mode", "occasion"),
    [(None, "practice"), ("practice", "practice"), ("placement", "mixed"), ("quiz", "quiz"), ("test", "quiz"), ("review", "check")],
)
def test_the_mode_of_an_attempt_tells_its_occasion(mode: str | None, occasion: str) -> None:
    assert occasion_of(mode) is Occasion(occasion)


def test_an_unknown_mode_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="Known: placement, practice, quiz, review, test"):
        occasion_of("homework")


def test_evidence_refuses_what_it_cannot_mean() -> None:
    with pytest.raises(InvalidInput, match="3 problems"):
        answer(0, author="ms lin", n_families=-1, set_size=0)


def test_the_day_is_the_one_told_or_else_that_of_utc() -> None:
    assert answer(0).day == NOON.date()
    assert answer(0, on=date(2026, 3, 1)).day == date(2026, 3, 1)
    assert answer(0, at=None).day is None


def test_teachers_evidence_moves_only_the_rule_that_takes_it() -> None:
    seen = Evidence(Attempt("t1", "ann", "seen", ("fractions",), correct=1.0), Occasion.TEACHER, Estimate(0.99), author="ms lin")
    moved = {name for name, rule in RULES.items() if rule.after(rule.start(), seen) != rule.start()}
    assert moved == {"competency"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Estimate, {"p_mastered": 1.1}),
        (Estimate, {"p_mastered": float("nan")}),
        (Estimate, {"success": (0.9, 0.8)}),
        (Estimate, {"success": (-0.1, 0.8)}),
        (Ability, {"mean": float("inf"), "sd": 1.0}),
        (Ability, {"mean": 0.0, "sd": 0.0}),
        (Ability, {"mean": 0.0, "sd": 1.0, "low": float("nan")}),
        (Recall, {"p": 2.0}),
        (Recall, {"p": 0.9, "until": NOON.replace(tzinfo=None)}),
        (TwoStateFit, {"guess": -0.1, "slip": 0.1}),
    ],
)
def test_estimates_are_checked_at_the_border(kind: Any, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="1 problem"):
        kind(**values)
